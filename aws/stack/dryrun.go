package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// DryRun prints what a deployment would do. Of an existing stack, CloudFormation works out the changes: it reads the template from the
// stack's bucket, where this uploads it, and changes nothing else. Without credentials or a region it lists what a first deployment would
// create.
func DryRun(ctx context.Context, o Options) error {
	t, err := parseTemplate(o.Template)
	if err != nil {
		return err
	}
	c, err := Connect(ctx, o.Region, o.Profile)
	if errors.Is(err, errNoRegion) || errors.Is(err, errNoCredentials) {
		return o.listFirst(t, "No request was sent to AWS.")
	}
	if err != nil {
		return err
	}
	st, err := c.describeStack(ctx, o.Name)
	switch {
	case err != nil:
		return err
	case st == nil || st.status == "REVIEW_IN_PROGRESS":
		return o.listFirst(t, fmt.Sprintf("There is no stack %s in %s, account %s.", o.Name, c.Region, c.Account))
	case slices.Contains([]string{"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}, st.status):
		return o.listFirst(t, fmt.Sprintf("The first deployment of %s failed; what is left of it would be deleted before.", o.Name))
	case !strings.HasSuffix(st.status, "_COMPLETE"):
		return fmt.Errorf("the stack %s is %s: a preview is possible once deploy has brought it into order, or what is under way has ended",
			o.Name, st.status)
	}
	return c.preview(ctx, o, st, t)
}

// preview lets CloudFormation compare a stack with what would be deployed.
func (c *Cloud) preview(ctx context.Context, o Options, st *state, t *template) error {
	was, t, err := c.checkUpgrade(ctx, o, st, t)
	if err != nil {
		return err
	}
	o.RequestQuota = false
	limit, err := c.concurrency(ctx, o)
	if err != nil {
		return err
	}
	orphans, err := c.orphans(ctx, o, st, t, &plan{})
	if err != nil {
		return err
	}
	p, err := c.plan(ctx, o, was, t, st, c.artifactBucket(o.Name), artifactKey("functions", ".zip", o.Package), limit, "")
	if err != nil {
		return err
	}
	cs, err := c.createChangeSet(ctx, o, p)
	if err != nil {
		return err
	}
	if !cs.empty {
		if err := c.deleteChangeSet(ctx, cs); err != nil {
			return err
		}
	}
	if len(orphans) > 0 {
		if err := o.print("It would first import %s, which a change that was rolled back left behind.\n", words("table", orphans)); err != nil {
			return err
		}
	}
	if err := o.print("%s", cs.describe(o, was, t, c.artifactBucket(o.Name))); err != nil {
		return err
	}
	if lost := cs.lostTables(t, p.released); len(lost) > 0 {
		return errTablesLost(lost)
	}
	return nil
}

// describe lists the changes, one a line, with the properties that differ. bucket is where the template was uploaded to.
func (cs *changeSet) describe(o Options, was, t *template, bucket string) string {
	if cs.empty {
		return fmt.Sprintf("A deployment of %s (Canteen %s) would change nothing in the stack.\n", o.Name, o.Version)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "A deployment of %s (Canteen %s) would make these changes. Nothing was changed, but the template was uploaded to %s.\n",
		o.Name, o.Version, bucket)
	if was != nil && was.generation < t.generation {
		fmt.Fprintf(&b, "There is no way back to the deployed version: it does not understand what this one stores.\n")
	}
	did := map[string]string{"makes": "add", "changes": "change", "replaces": "REPLACE", "may replace": "may replace", "removes": "REMOVE",
		"imports": "import"}
	for _, verb := range verbs() {
		for _, ch := range cs.changes {
			if verbOf(ch) == verb {
				kind := strings.TrimPrefix(aws.ToString(ch.ResourceType), "AWS::")
				line := fmt.Sprintf("  %-11s %-26s %-30s %s", did[verb], aws.ToString(ch.LogicalResourceId), kind, strings.Join(properties(ch), ", "))
				fmt.Fprintln(&b, strings.TrimRight(line, " "))
			}
		}
	}
	return b.String()
}

func properties(ch types.ResourceChange) []string {
	var names []string
	for _, d := range ch.Details {
		if d.Target != nil {
			names = append(names, cmp.Or(aws.ToString(d.Target.Name), string(d.Target.Attribute)))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// listFirst prints what a first deployment would create and what it costs. why says why it is the first.
func (o Options) listFirst(t *template, why string) error {
	has := map[string]bool{
		"HasEmail": has(o.AlarmEmail), "HasWebhook": has(o.AlarmWebhook), "HasBudget": o.MonthlyBudget != nil && *o.MonthlyBudget > 0,
		"HasMail": has(o.MailFrom), "HasMath": true, "HasCanary": true, "": true,
		"LogsAccess": o.AccessLogs == nil || *o.AccessLogs == "yes",
	}
	kinds := map[string][]string{}
	n := 0
	for _, r := range t.resources {
		if has[r.condition] {
			kinds[r.kind] = append(kinds[r.kind], r.name)
			n++
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "A first deployment of %s (Canteen %s) would make %d resources:\n", o.Name, o.Version, n)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(&b, "%3d  %-42s %s\n", len(kinds[kind]), strings.TrimPrefix(kind, "AWS::"), shorten(strings.Join(kinds[kind], ", ")))
	}
	fmt.Fprintf(&b, "and two buckets, for the functions' package and for files. %s\n", why)
	return o.print("%s%s", b.String(), Bill())
}

func shorten(s string) string {
	const most = 72
	if len(s) > most {
		return s[:strings.LastIndex(s[:most], ",")] + ", …"
	}
	return s
}
