package stack

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/canteen-chat/canteen/chat"
)

// Deploy creates or upgrades a stack and waits until it answers at its public URL. It may be run again at any time.
func Deploy(ctx context.Context, o Options) error {
	if err := o.Validate(); err != nil {
		return err
	}
	o, err := o.spelled()
	if err != nil {
		return err
	}
	t, err := parseTemplate(o.Template)
	if err != nil {
		return err
	}
	c, err := Connect(ctx, o.Region, o.Profile)
	if err != nil {
		return err
	}
	o.progress("Deploy %s (Canteen %s) to %s, account %s", o.Name, o.Version, c.Region, c.Account)
	tokens := o.tokens()
	st, err := c.prepareStack(ctx, o, tokens.change, tokens.adoption)
	if err != nil {
		return err
	}
	was, t, err := c.checkUpgrade(ctx, o, st, t)
	if err != nil {
		return err
	}
	limit, err := c.concurrency(ctx, o)
	if err != nil {
		return err
	}
	bucket, err := c.ensureBuckets(ctx, o)
	if err != nil {
		return err
	}
	key, err := c.upload(ctx, o, bucket, "functions", ".zip", o.Package)
	if err != nil {
		return err
	}
	if st, err = c.adopt(ctx, o, st, was, t, bucket, tokens.adoption); err != nil {
		return err
	}
	st, changed, err := c.change(ctx, o, was, t, st, bucket, key, limit, tokens.change)
	if err != nil {
		return err
	}
	return c.finish(ctx, o, st, changed)
}

// checkUpgrade returns an error unless the template may replace the stack's. It returns the stack's template, nil if there
// is no stack, and the new one with the tables that the stack uses, or those that were kept.
func (c *Cloud) checkUpgrade(ctx context.Context, o Options, st *state, t *template) (was, next *template, err error) {
	if st == nil {
		set, err := c.keptSet(ctx, o, t)
		if err == nil && set != t.set() {
			t, err = t.ofSet(set)
		}
		return nil, t, err
	}
	if err := o.checkOlder(st, t); err != nil {
		return nil, nil, err
	}
	if was, err = c.templateOf(ctx, o, st); err != nil {
		return nil, nil, err
	}
	if was.set() != t.set() {
		if t, err = t.ofSet(was.set()); err != nil {
			return nil, nil, err
		}
	}
	if lost := t.lostTables(was); len(lost) > 0 {
		return nil, nil, errTablesLost(lost)
	}
	return was, t, nil
}

// templateOf reads a stack's template.
func (c *Cloud) templateOf(ctx context.Context, o Options, st *state) (*template, error) {
	out, err := c.cfn.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &st.id})
	if err != nil {
		return nil, explain("read the stack's template", err)
	}
	was, err := parseTemplate([]byte(aws.ToString(out.TemplateBody)))
	if err != nil {
		return nil, fmt.Errorf("there is a stack called %s in %s that is not Canteen's: choose another name", o.Name, c.Region)
	}
	return was, nil
}

type tokens struct{ change, adoption string }

func (o Options) tokens() tokens {
	var b strings.Builder
	for _, v := range []*string{o.Domain, o.Certificate, o.AlarmEmail, o.AlarmWebhook, o.Architecture, o.PublicURL, o.RateLimits,
		o.MetricMath, o.Boundary, o.Canary, o.AccessLogs, o.MailFrom, o.Vitals} {
		fmt.Fprintf(&b, "%q\n", aws.ToString(v))
	}
	for _, v := range []*int{o.MonthlyBudget, o.LogRetentionDays} {
		fmt.Fprintln(&b, aws.ToInt(v))
	}
	settings := []byte(b.String())
	return tokens{token("change", o.Template, o.Package, settings), token("adoption", o.Template)}
}

// change creates or updates the stack. It returns false if there was nothing to change.
func (c *Cloud) change(ctx context.Context, o Options, was, t *template, st *state, bucket, key string, limit int, token string) (*state,
	bool, error) {
	p, err := c.plan(ctx, o, was, t, st, bucket, key, limit, token)
	if err != nil {
		return nil, false, err
	}
	return c.apply(ctx, o, t, st, p)
}

// apply makes and executes a change set. It returns false if there was nothing to change.
func (c *Cloud) apply(ctx context.Context, o Options, t *template, st *state, p plan) (*state, bool, error) {
	cs, err := c.createChangeSet(ctx, o, p)
	if err != nil {
		return nil, false, err
	}
	if cs.empty {
		o.progress("The stack is as it should be: nothing to change")
		return st, false, c.protectStack(ctx, st, true)
	}
	cs.show(o)
	if err := cs.checkRemovals(o, t, p.released); err != nil {
		return nil, false, errors.Join(err, c.deleteChangeSet(ctx, cs))
	}
	switch canary := p.isCanary(t, st); {
	case p.kind == types.ChangeSetTypeCreate:
		o.progress("Make the stack; CloudFront takes about five minutes of it")
	case canary && cs.has("RestLive"):
		o.progress("Change the stack; the new version gets a tenth of the requests for five minutes of it")
	case !canary:
		o.progress("WARNING: no canary; the new version gets all requests at once")
	}
	end, err := c.execute(ctx, o, cs, p)
	if err != nil {
		return nil, true, err
	}
	return end, true, c.protectStack(ctx, end, true)
}

// plan uploads the template and says how it is to be deployed.
func (c *Cloud) plan(ctx context.Context, o Options, was, t *template, st *state, bucket, key string, limit int, token string) (plan,
	error) {
	at, err := c.upload(ctx, o, bucket, "templates", ".yaml", t.text)
	if err != nil {
		return plan{}, err
	}
	p, shift := plan{kind: types.ChangeSetTypeCreate, template: c.objectURL(bucket, at), token: token}, "canary"
	if st != nil {
		p.kind = types.ChangeSetTypeUpdate
		var ringing []string
		if p.alarms, ringing, err = c.guards(ctx, st); err != nil {
			return plan{}, err
		}
		if len(ringing) > 0 { // AWS would roll the change back at once, and it may be the cure
			o.progress("WARNING: %s is raised: alarms do not roll this change back", strings.Join(ringing, ", "))
			p.alarms, shift = nil, atOnce
		}
	}
	if was != nil { // a restore that was given up had imported tables which were never used
		p.released = was.unused()
	}
	if o.AccessLogs == nil && !takesAccessLogs(c.Region) && (st == nil || st.parameters["AccessLogs"] == "") {
		o.AccessLogs = aws.String("no")
	}
	p.parameters = o.parameters(t, st, map[string]string{
		"Version": o.Version, "ArtifactBucket": bucket, "ArtifactKey": key, "FilesBucket": c.FilesBucket(o.Name),
		"ConcurrencyAlarm": strconv.Itoa(max(1, limit*4/5)), "Shift": shift,
	})
	return p, nil
}

// atOnce is the value of the parameter Shift for a change without a canary.
const atOnce = "at-once"

// release returns a hash of all that the functions are made of: the template, their package, and the values of the parameters, except
// those that concern no function.
func release(t *template, st *state, given map[string]string) string {
	var b strings.Builder
	for _, name := range t.parameters {
		v, ok := given[name]
		if !ok && st != nil {
			v, ok = st.parameters[name]
		}
		if !ok {
			v = t.defaults[name]
		}
		if !slices.Contains([]string{"Release", "OriginSecret", "ConcurrencyAlarm", "AlarmEmail", "AlarmWebhook", "MonthlyBudget",
			"LogRetentionDays", "AccessLogs", "RequestsPerSecond", "RequestsAtOnce", "PermissionsBoundary", "Canary", "Shift"}, name) {
			fmt.Fprintf(&b, "%s=%q\n", name, v)
		}
	}
	sum := sha256.Sum256([]byte(hash(t.text) + b.String()))
	return hex.EncodeToString(sum[:])[:16]
}

// parameters returns the values given in this run, and keeps the stack's values for the others.
func (o Options) parameters(t *template, st *state, values map[string]string) []types.Parameter {
	for name, v := range map[string]*string{
		"DomainName": o.Domain, "CertificateArn": o.Certificate, "AlarmEmail": o.AlarmEmail, "AlarmWebhook": o.AlarmWebhook,
		"Architecture": o.Architecture, "PublicUrlOverride": o.PublicURL, "RateLimits": o.RateLimits, "MetricMath": o.MetricMath,
		"PermissionsBoundary": o.Boundary, "Canary": o.Canary, "AccessLogs": o.AccessLogs,
		"MailFrom": o.MailFrom, "Vitals": o.Vitals,
	} {
		if v != nil {
			values[name] = *v
		}
	}
	if o.MailFrom != nil {
		_, values["MailDomain"], _ = strings.Cut(*o.MailFrom, "@")
	}
	for name, v := range map[string]*int{"MonthlyBudget": o.MonthlyBudget, "LogRetentionDays": o.LogRetentionDays} {
		if v != nil {
			values[name] = strconv.Itoa(*v)
		}
	}
	values["Release"] = release(t, st, values)
	var out []types.Parameter
	for _, name := range t.parameters {
		inStack := false
		if st != nil {
			_, inStack = st.parameters[name]
		}
		v, given := values[name]
		switch {
		case given:
			out = append(out, types.Parameter{ParameterKey: aws.String(name), ParameterValue: aws.String(v)})
		case inStack:
			out = append(out, types.Parameter{ParameterKey: aws.String(name), UsePreviousValue: aws.Bool(true)})
		case name == "OriginSecret":
			out = append(out, types.Parameter{ParameterKey: aws.String(name), ParameterValue: aws.String(chat.NewSecret())})
		}
	}
	return out
}

// finish does what follows the stack: it uploads the pages, checks the public URL, updates stored data, and prints the setup link if the
// workspace is not set up.
func (c *Cloud) finish(ctx context.Context, o Options, st *state, changed bool) error {
	pages, err := c.publish(ctx, o, st)
	if err != nil {
		return err
	}
	url := st.outputs["Url"]
	if name := st.domain(); name != "" { // before the wait, which may depend on the name
		o.progress("Unless it is done already, point %s (CNAME) at %s", name, st.outputs["DistributionDomain"])
	}
	due, err := o.awaitHealthy(ctx, st, c.hears(o.Name))
	if err != nil {
		return err
	}
	if o.Update != nil {
		if err := o.Update(ctx, c, st.outputs["TablePrefix"]); err != nil {
			return explain("update the stored data", err)
		}
	}
	if !changed && !pages && !due {
		return o.print("Nothing to change: %s is up to date (Canteen %s)\nURL: %s\n", o.Name, o.Version, url)
	}
	if err := o.print("Canteen %s is deployed\nURL: %s\n", o.Version, url); err != nil {
		return err
	}
	if due && o.Setup != nil {
		if err := o.setupLink(ctx, c, st); err != nil {
			return err
		}
	}
	return o.print("%s", Bill())
}

// setupLink prints a new setup link. The former one becomes invalid.
func (o Options) setupLink(ctx context.Context, c *Cloud, st *state) error {
	secret := chat.NewSecret()
	if err := o.Setup(ctx, c, st.outputs["TablePrefix"], secret); err != nil {
		return explain("store the setup secret", err)
	}
	return o.print("Set up the workspace: %s/setup#%s\n", st.outputs["Url"], secret)
}

func (o Options) print(format string, args ...any) error {
	if o.Out == nil {
		return nil
	}
	_, err := fmt.Fprintf(o.Out, format, args...)
	return err
}

// confirm asks a question, and returns an error unless the answer is want.
func (o Options) confirm(question, want string) error {
	o.progress("%s [%s] ", question, want)
	if o.In == nil {
		return errDeclined
	}
	line, err := bufio.NewReader(o.In).ReadString('\n')
	if strings.TrimSpace(line) != want || err != nil && line == "" {
		return errDeclined
	}
	return nil
}

var errDeclined = errors.New("not confirmed, nothing was changed (--yes confirms beforehand)")
