package stack

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// plan is a change of a stack before CloudFormation has examined it.
type plan struct {
	kind       types.ChangeSetType
	template   string // URL
	token      string // the same for all runs of one deployment; see runToken
	parameters []types.Parameter
	imports    []types.ResourceToImport
	released   []string // tables that the stack may release
	alarms     []string // names of alarms that roll the change back
}

// isCanary says whether the plan shifts requests step by step.
func (p plan) isCanary(t *template, st *state) bool {
	values := maps.Clone(t.defaults)
	if st != nil {
		maps.Copy(values, st.parameters)
	}
	for _, v := range p.parameters {
		if !aws.ToBool(v.UsePreviousValue) {
			values[aws.ToString(v.ParameterKey)] = aws.ToString(v.ParameterValue)
		}
	}
	return values["Canary"] == "yes" && values["Shift"] == "canary"
}

// monitorFor is how many minutes after an upgrade an alarm still rolls it back.
const monitorFor = 3

// changeSet lists what CloudFormation would do.
type changeSet struct {
	id, stack string // names, until CloudFormation has described it: then ARNs
	empty     bool
	changes   []types.ResourceChange
}

// token derives an idempotency token from what is deployed.
func token(kind string, parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256(p)
		h.Write(sum[:])
	}
	return "canteen-" + kind + "-" + hex.EncodeToString(h.Sum(nil))[:40]
}

// runToken makes the token of one run. CloudFormation ignores a second request with a token it knows, even if the first was
// rolled back long ago; so each run needs another. The prefix lets later runs recognise it.
func runToken(token string) string { return token + "-" + strings.ToLower(rand.Text()[:12]) }

func isRunOf(run, token string) bool { return strings.HasPrefix(run, token+"-") }

// createChangeSet lets CloudFormation work out what a plan would do.
func (c *Cloud) createChangeSet(ctx context.Context, o Options, p plan) (*changeSet, error) {
	in := &cloudformation.CreateChangeSetInput{
		StackName: &o.Name, ChangeSetType: p.kind, TemplateURL: &p.template, Parameters: p.parameters, ResourcesToImport: p.imports,
		ChangeSetName: aws.String("canteen-" + strings.ToLower(rand.Text()[:12])),
		Description:   aws.String("canteen aws deploy, version " + o.Version),
		Capabilities:  []types.Capability{types.CapabilityCapabilityIam},
	}
	if p.kind == types.ChangeSetTypeUpdate {
		in.RollbackConfiguration = &types.RollbackConfiguration{
			MonitoringTimeInMinutes: aws.Int32(monitorFor), RollbackTriggers: []types.RollbackTrigger{}, // empty: not those of the last change
		}
		for _, name := range p.alarms {
			in.RollbackConfiguration.RollbackTriggers = append(in.RollbackConfiguration.RollbackTriggers, types.RollbackTrigger{
				Arn: aws.String(c.alarmARN(name)), Type: aws.String(alarmType),
			})
		}
	}
	if p.kind != types.ChangeSetTypeImport { // an import may not change tags
		in.Tags = []types.Tag{{Key: aws.String("Canteen"), Value: &o.Name}}
	}
	cs := &changeSet{id: *in.ChangeSetName, stack: o.Name}
	_, err := c.cfn.CreateChangeSet(ctx, in)
	switch {
	case ctx.Err() != nil: // CloudFormation may have made it nevertheless
		return nil, errors.Join(errInterrupted, c.deleteChangeSet(ctx, cs))
	case err != nil && !hasCode(err, "AlreadyExistsException"): // nobody else uses this name: the SDK repeated the request
		return nil, explain("prepare the change of the stack", err)
	}
	for {
		status, reason, err := c.describe(ctx, cs)
		switch {
		case err != nil:
			return nil, errors.Join(err, c.deleteChangeSet(ctx, cs))
		case status == types.ChangeSetStatusCreateComplete:
			return cs, nil
		case status == types.ChangeSetStatusFailed && unchanged(reason):
			cs.empty = true
			return cs, c.deleteChangeSet(ctx, cs)
		case status == types.ChangeSetStatusFailed:
			return nil, errors.Join(fmt.Errorf("CloudFormation refuses the change: %s", reason), c.deleteChangeSet(ctx, cs))
		}
		if err := o.wait(ctx); err != nil {
			return nil, errors.Join(err, c.deleteChangeSet(ctx, cs))
		}
	}
}

// guards returns the names of the stack's alarms that watch an upgrade, and those of them that are raised.
func (c *Cloud) guards(ctx context.Context, st *state) (names, ringing []string, err error) {
	existing, err := c.resources(ctx, st)
	if err != nil {
		return nil, nil, err
	}
	if r := existing["AnyServerError"]; r.name != "" {
		names = append(names, r.name)
		ringing, _, err = c.raised(ctx, names)
	}
	return names, ringing, err
}

func (c *Cloud) alarmARN(name string) string {
	return fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:%s", c.Partition, c.Region, c.Account, name)
}

// unchanged recognises the two messages by which CloudFormation says that nothing changes. It has no error code for it.
func unchanged(reason string) bool {
	return strings.Contains(reason, "didn't contain changes") || strings.Contains(reason, "No updates are to be performed")
}

func (c *Cloud) describe(ctx context.Context, cs *changeSet) (types.ChangeSetStatus, string, error) {
	cs.changes = nil
	var next *string
	for {
		d, err := c.cfn.DescribeChangeSet(ctx,
			&cloudformation.DescribeChangeSetInput{ChangeSetName: &cs.id, StackName: &cs.stack, NextToken: next})
		if err != nil {
			return "", "", explain("read the change of the stack", err)
		}
		cs.id, cs.stack = aws.ToString(d.ChangeSetId), aws.ToString(d.StackId)
		for _, ch := range d.Changes {
			if ch.ResourceChange != nil {
				cs.changes = append(cs.changes, *ch.ResourceChange)
			}
		}
		if next = d.NextToken; next == nil {
			return d.Status, aws.ToString(d.StatusReason), nil
		}
	}
}

// deleteChangeSet deletes a change set that will not be executed, even after an interrupt.
func (c *Cloud) deleteChangeSet(ctx context.Context, cs *changeSet) error {
	_, err := c.cfn.DeleteChangeSet(context.WithoutCancel(ctx),
		&cloudformation.DeleteChangeSetInput{ChangeSetName: &cs.id, StackName: &cs.stack})
	if hasCode(err, "ValidationError", "ChangeSetNotFound", "ChangeSetNotFoundException") {
		return nil
	}
	return explain("remove the change set", err)
}

// checkRemovals returns an error if the change would replace or remove a table with data. It asks before other resources are
// removed, unless o.Yes. Tables that may be released stay, outside the stack.
func (cs *changeSet) checkRemovals(o Options, t *template, released []string) error {
	if tables := cs.lostTables(t, released); len(tables) > 0 {
		return errTablesLost(tables)
	}
	others := slices.DeleteFunc(cs.names("removes"), func(name string) bool { return slices.Contains(released, name) })
	if len(others) > 0 && !o.Yes {
		return o.confirm("It removes "+strings.Join(others, ", ")+". Go on?", "yes")
	}
	return nil
}

// lostTables returns the tables with data that the change would replace or remove, except those that may be released.
func (cs *changeSet) lostTables(t *template, released []string) []string {
	var lost []string
	for _, ch := range cs.changes {
		name, verb := aws.ToString(ch.LogicalResourceId), verbOf(ch)
		online := slices.ContainsFunc(t.tables(false), func(r resource) bool { return r.name == name && !r.retained })
		data := aws.ToString(ch.ResourceType) == tableType && !online && !slices.Contains(released, name)
		if data && slices.Contains([]string{"removes", "replaces", "may replace"}, verb) {
			lost = append(lost, name)
		}
	}
	return lost
}

func errTablesLost(tables []string) error {
	return fmt.Errorf("this change would replace or remove %s and its data; nothing was changed. "+
		"Restore the definition in the template, or move the data to a stack of another name (canteen aws migrate)", words("table", tables))
}

func words(noun string, names []string) string {
	slices.Sort(names)
	if len(names) == 1 {
		return "the " + noun + " " + names[0]
	}
	return "the " + noun + "s " + strings.Join(names, ", ")
}

func (cs *changeSet) has(name string) bool {
	return slices.ContainsFunc(cs.changes, func(ch types.ResourceChange) bool { return aws.ToString(ch.LogicalResourceId) == name })
}

// show prints what is about to happen, one line for each kind of change.
func (cs *changeSet) show(o Options) {
	for _, v := range verbs() {
		names := cs.names(v)
		switch {
		case len(names) > 20:
			o.progress("The change %s %d resources", v, len(names))
		case len(names) > 0:
			o.progress("The change %s %s", v, strings.Join(names, ", "))
		}
	}
}

func verbs() []string {
	return []string{"imports", "makes", "changes", "replaces", "may replace", "removes"}
}

// names returns the resources to which a verb applies.
func (cs *changeSet) names(verb string) []string {
	var names []string
	for _, ch := range cs.changes {
		if verbOf(ch) == verb {
			names = append(names, aws.ToString(ch.LogicalResourceId))
		}
	}
	return names
}

func verbOf(ch types.ResourceChange) string {
	switch {
	case ch.Action == types.ChangeActionImport:
		return "imports"
	case ch.Action == types.ChangeActionAdd:
		return "makes"
	case ch.Action == types.ChangeActionRemove:
		return "removes"
	case ch.Action == types.ChangeActionModify && ch.Replacement == types.ReplacementTrue:
		return "replaces"
	case ch.Action == types.ChangeActionModify && ch.Replacement == types.ReplacementConditional:
		return "may replace"
	default:
		return "changes"
	}
}

// execute executes a change set and follows it to its end. If it fails, CloudFormation rolls the stack back, and the error
// names the first failure.
func (c *Cloud) execute(ctx context.Context, o Options, cs *changeSet, p plan) (*state, error) {
	run := runToken(p.token)
	_, err := c.cfn.ExecuteChangeSet(ctx,
		&cloudformation.ExecuteChangeSetInput{ChangeSetName: &cs.id, StackName: &cs.stack, ClientRequestToken: &run})
	if hasCode(err, "InvalidChangeSetStatus", "InvalidChangeSetStatusException", "ChangeSetNotFound", "ChangeSetNotFoundException",
		"TokenAlreadyExistsException", "ValidationError") {
		began, e := c.hasBegun(ctx, o, cs.stack, run)
		if e != nil || !began {
			return nil, errors.Join(cmp.Or(e, errOvertaken), c.deleteChangeSet(ctx, cs))
		}
	} else if err != nil {
		return nil, errors.Join(explain("change the stack", err), c.deleteChangeSet(ctx, cs))
	}
	end, err := c.awaitEnd(ctx, o, &state{id: cs.stack, name: o.Name}, run)
	if err != nil {
		return nil, err
	}
	if end == nil {
		return nil, fmt.Errorf("the stack %s was deleted while it was being deployed", o.Name)
	}
	if !slices.Contains([]string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"},
		end.status) {
		why := c.firstFailure(ctx, end, run)
		return nil, fmt.Errorf("the deployment failed and was rolled back (%s); the first failure: %s%s", end.status, why, advice(why))
	}
	return end, nil
}

// hasBegun says whether the operation with this token has begun. The SDK repeats a request whose answer was lost; the second is
// refused, although the first began the operation. Its events may be late, so hasBegun asks a few times.
func (c *Cloud) hasBegun(ctx context.Context, o Options, stack, token string) (bool, error) {
	for range 5 {
		if found, err := c.events(ctx, stack, token); err != nil || len(found) > 0 {
			return len(found) > 0, err
		}
		if err := o.wait(ctx); err != nil {
			return false, err
		}
	}
	return false, nil
}

// errOvertaken means that another deployment began after the change set was created.
var errOvertaken = errors.New("another deployment of this stack began at the same moment: look at it with canteen aws status, then run " +
	"this one again")
