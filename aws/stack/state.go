package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"golang.org/x/mod/semver"
)

// state is a stack as AWS describes it; nil if there is none.
type state struct {
	id, name, status, reason string
	protected                bool // from deletion
	changed                  time.Time
	outputs                  map[string]string
	parameters               map[string]string
}

// describeStack returns the stack's state, nil if it does not exist. A stack that only has a change set may exist as
// REVIEW_IN_PROGRESS.
func (c *Cloud) describeStack(ctx context.Context, name string) (*state, error) {
	out, err := c.cfn.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if hasCode(err, "ValidationError") { // "does not exist" has no error code of its own
		return nil, nil
	}
	if err != nil {
		return nil, explain("read the stack "+name, err)
	}
	if len(out.Stacks) == 0 || out.Stacks[0].StackStatus == types.StackStatusDeleteComplete {
		return nil, nil
	}
	s := out.Stacks[0]
	st := &state{
		id: aws.ToString(s.StackId), name: name, status: string(s.StackStatus), reason: aws.ToString(s.StackStatusReason),
		protected: aws.ToBool(s.EnableTerminationProtection), changed: aws.ToTime(s.CreationTime),
		outputs: map[string]string{}, parameters: map[string]string{},
	}
	if s.LastUpdatedTime != nil {
		st.changed = *s.LastUpdatedTime
	}
	for _, o := range s.Outputs {
		st.outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	for _, p := range s.Parameters {
		st.parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	return st, nil
}

func (s *state) inProgress() bool {
	return s != nil && strings.HasSuffix(s.status, "_IN_PROGRESS") && s.status != "REVIEW_IN_PROGRESS"
}

// prepareStack brings a stack into a state in which a change set can be created: it follows an operation of this same
// deployment, continues a rollback that is stuck, and deletes a first deployment that failed. It returns nil if there is no
// stack then. Another deployment in progress is an error.
func (c *Cloud) prepareStack(ctx context.Context, o Options, own ...string) (*state, error) {
	for handled := ""; ; {
		st, err := c.describeStack(ctx, o.Name)
		if err != nil || st == nil {
			return nil, err
		}
		switch {
		case st.inProgress():
			if err := c.awaitOperation(ctx, o, st, own); err != nil {
				return nil, err
			}
		case st.status == "REVIEW_IN_PROGRESS":
			return nil, nil
		case slices.Contains([]string{"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}, st.status):
			why := c.firstFailure(ctx, st, "")
			if handled == st.status {
				return nil, fmt.Errorf("the stack %s, whose first deployment failed, cannot be deleted: %s", o.Name,
					c.firstFailure(ctx, st, ""))
			}
			handled = st.status
			o.progress("The first deployment of %s failed (%s). Deleting it and starting again", o.Name, why)
			if err := c.protectStack(ctx, st, false); err != nil { // imported tables, whose stack then failed
				return nil, err
			}
			if _, err := c.cfn.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &st.id}); err != nil {
				return nil, explain("delete the failed stack", err)
			}
			if err := o.wait(ctx); err != nil {
				return nil, err
			}
		case st.status == "UPDATE_ROLLBACK_FAILED":
			if handled == st.status {
				return nil, fmt.Errorf("the stack %s cannot be rolled back: %s. Remove the cause, then run the same command again", o.Name,
					c.firstFailure(ctx, st, ""))
			}
			handled = st.status
			o.progress("An earlier change of %s could not be rolled back (%s). Continuing the rollback", o.Name, st.reason)
			if _, err := c.cfn.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: &st.id}); err != nil {
				return nil, explain("continue the rollback", err)
			}
			if err := o.wait(ctx); err != nil {
				return nil, err
			}
		case st.status == "DELETE_FAILED" || st.status == "IMPORT_ROLLBACK_FAILED":
			return nil, fmt.Errorf("the stack %s is half done (%s: %s): remove it with canteen aws destroy --stack %s, which keeps the data, "+
				"then deploy", o.Name, st.status, st.reason, o.Name)
		case st.status == "UPDATE_FAILED": // by somebody who turned rollbacks off
			return nil, fmt.Errorf("a change of %s failed and was not rolled back (%s): roll it back (aws cloudformation rollback-stack "+
				"--stack-name %s), then deploy", o.Name, st.reason, o.Name)
		default:
			return st, nil
		}
	}
}

// awaitOperation follows an operation if it is of this deployment, or one that only cleans up. Others are errors.
func (c *Cloud) awaitOperation(ctx context.Context, o Options, st *state, ownTokens []string) error {
	run, began, err := c.operation(ctx, st)
	if err != nil {
		return err
	}
	cleaning := strings.Contains(st.status, "CLEANUP") || strings.Contains(st.status, "ROLLBACK") || st.status == "DELETE_IN_PROGRESS"
	own := false
	for _, t := range ownTokens {
		own = own || isRunOf(run, t)
	}
	switch {
	case own:
		o.progress("This deployment has been under way since %s. Following it", began.Local().Format(time.TimeOnly))
	case cleaning:
		o.progress("Wait for the end of %s", strings.ToLower(strings.ReplaceAll(st.status, "_", " ")))
	default:
		return fmt.Errorf("another deployment of %s is under way (%s since %s): wait until it ends (canteen aws status --stack %s), then "+
			"run this one again",
			o.Name, st.status, began.Local().Format(time.TimeOnly), o.Name)
	}
	return c.follow(ctx, o, st, run)
}

// operation returns the token and the start of the stack's latest operation.
func (c *Cloud) operation(ctx context.Context, st *state) (token string, began time.Time, err error) {
	pages := cloudformation.NewDescribeStackEventsPaginator(c.cfn, &cloudformation.DescribeStackEventsInput{StackName: &st.id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", began, explain("read the stack's events", err)
		}
		for _, e := range page.StackEvents { // newest first
			if began.IsZero() {
				token, began = aws.ToString(e.ClientRequestToken), aws.ToTime(e.Timestamp)
			}
			if aws.ToString(e.ClientRequestToken) != token {
				return token, began, nil
			}
			began = aws.ToTime(e.Timestamp)
		}
	}
	return token, began, nil
}

// protectStack turns the stack's protection from deletion on or off, if it is not so already.
func (c *Cloud) protectStack(ctx context.Context, st *state, on bool) error {
	if st.protected == on {
		return nil
	}
	_, err := c.cfn.UpdateTerminationProtection(ctx,
		&cloudformation.UpdateTerminationProtectionInput{StackName: &st.id, EnableTerminationProtection: &on})
	return explain("change the stack's protection from deletion", err)
}

// existingResource is a resource of a stack.
type existingResource struct{ name, kind string } // its name is the physical one

// resources returns the stack's resources by their logical names, none if there is no stack.
func (c *Cloud) resources(ctx context.Context, st *state) (map[string]existingResource, error) {
	found := map[string]existingResource{}
	if st == nil {
		return found, nil
	}
	pages := cloudformation.NewListStackResourcesPaginator(c.cfn, &cloudformation.ListStackResourcesInput{StackName: &st.id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, explain("read what the stack holds", err)
		}
		for _, r := range page.StackResourceSummaries {
			status := r.ResourceStatus // resources that are gone, or that a rollback released, are listed for a while
			if !strings.HasPrefix(string(status), "DELETE_") || status == types.ResourceStatusDeleteFailed {
				found[aws.ToString(r.LogicalResourceId)] = existingResource{aws.ToString(r.PhysicalResourceId), aws.ToString(r.ResourceType)}
			}
		}
	}
	return found, nil
}

// checkOlder returns an error if this binary is older than the one that deployed the stack.
func (o Options) checkOlder(st *state, t *template) error {
	if st == nil {
		return nil
	}
	if st.generation() > t.generation {
		return o.errNewerData(st)
	}
	theirs := st.outputs["Version"]
	if semver.IsValid(theirs) && semver.IsValid(o.Version) && semver.Compare(theirs, o.Version) > 0 && !o.Downgrade {
		return fmt.Errorf("the stack %s was deployed by Canteen %s, and this is %s: deploy with that version or a later one. "+
			"(To go back anyway: --downgrade)", o.Name, theirs, o.Version)
	}
	return nil
}

// checkGeneration returns an error unless this binary and the deployed functions understand the same data.
func (o Options) checkGeneration(st *state, t *template) error {
	switch theirs := st.generation(); {
	case theirs > t.generation:
		return o.errNewerData(st)
	case theirs < t.generation:
		return fmt.Errorf("the stack %s was deployed by an older Canteen (%s), which would not understand what this one (%s) stores: run "+
			"canteen aws deploy first", o.Name, st.outputs["Version"], o.Version)
	}
	return nil
}

func (o Options) errNewerData(st *state) error {
	return fmt.Errorf("the stack %s was deployed by a newer Canteen (%s), whose data this one (%s) would not understand: use that version "+
		"or a later one", o.Name, st.outputs["Version"], o.Version)
}

// generation returns the generation of the stack's template, 0 if the stack does not say it.
func (s *state) generation() int {
	n, err := strconv.Atoi(s.outputs["Generation"])
	if err != nil {
		return 0
	}
	return n
}

// incomplete returns an error if the stack has never been deployed completely, so that it has no URL.
func (s *state) incomplete() error {
	if s.outputs["Url"] != "" {
		return nil
	}
	return fmt.Errorf("the stack %s has never been deployed completely: run canteen aws deploy", s.name)
}

var errNoStack = errors.New("there is no such stack")

// connectTo checks the options, connects, and describes the stack, which must exist.
func connectTo(ctx context.Context, o Options) (*Cloud, *state, error) {
	if err := o.Validate(); err != nil {
		return nil, nil, err
	}
	c, err := Connect(ctx, o.Region, o.Profile)
	if err != nil {
		return nil, nil, err
	}
	st, err := c.existing(ctx, o.Name)
	return c, st, err
}

// existing describes the stack, and returns an error if there is none.
func (c *Cloud) existing(ctx context.Context, name string) (*state, error) {
	st, err := c.describeStack(ctx, name)
	if err == nil && (st == nil || st.status == "REVIEW_IN_PROGRESS") {
		err = fmt.Errorf("%w: no stack is called %s in %s, account %s; check --stack, --region and --profile", errNoStack, name, c.Region,
			c.Account)
	}
	return st, err
}
