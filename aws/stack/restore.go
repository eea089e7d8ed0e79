package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// CheckStore returns an error unless the tables hold a whole workspace, and makes clients load it again. It may be repeated. tables is the
// prefix of the table names.
type CheckStore func(ctx context.Context, c *Cloud, tables string) error

// Restore brings the workspace back as it was at o.Moment, or in the backup o.Backup. The stack keeps its URL, functions and settings.
//
// It restores the tables into new ones, prepares and checks these, imports them into the stack, and changes the stack so that it uses them
// and releases the former tables, which stay. Until that change the stack works as before. Each step finds what an earlier run has done, so
// the same command completes a run that was interrupted.
func Restore(ctx context.Context, o Options) error {
	if err := o.ValidateRestore(); err != nil {
		return err
	}
	from, err := o.source(time.Now())
	if err != nil {
		return err
	}
	c, err := Connect(ctx, o.Region, o.Profile)
	if err != nil {
		return err
	}
	adoption, change := token("restore-import", []byte(from.set())), token("restore-change", []byte(from.set()))
	st, err := c.prepareStack(ctx, o, adoption, change)
	if err == nil && st == nil {
		_, err = c.existing(ctx, o.Name)
		err = errors.Join(err, fmt.Errorf("a restore needs a stack: deploy it first, which imports tables that were kept"))
	}
	if err != nil {
		return err
	}
	was, err := c.templateOf(ctx, o, st)
	if err != nil {
		return err
	}
	former := tablePrefix(o.Name, was.set())
	if was.set() != from.set() {
		if st, err = c.restoreInto(ctx, o, st, was, from, adoption, change); err != nil {
			return err
		}
	} else {
		o.progress("The stack uses the tables of this restore already")
		former = ""
	}
	if _, err := o.awaitHealthy(ctx, st, c.hears(o.Name)); err != nil {
		return err
	}
	return o.print("%s is as it was %s\nURL: %s\n%s", o.Name, from.describe(), st.outputs["Url"], o.afterRestore(former))
}

func (o Options) afterRestore(former string) string {
	text := "Everybody signs in again. Repeat what was changed since about people, tokens and invites.\n"
	if former != "" {
		text += fmt.Sprintf("The former tables were kept: %s… They cost as much as before. When nobody needs them:\n"+
			"canteen aws destroy --stack %s --former-tables\n", former, o.Name)
	}
	return text
}

// restoreInto makes the stack use restored tables.
func (c *Cloud) restoreInto(ctx context.Context, o Options, st *state, was *template, from source, adoption, change string) (*state,
	error) {
	t, err := was.ofSet(from.set())
	if err != nil {
		return nil, err
	}
	plans, err := c.findSources(ctx, o, was, t, from)
	if err != nil {
		return nil, err
	}
	if !o.Yes {
		question := fmt.Sprintf("This puts %s back to what it was %s. What was written later disappears from it (the present tables are "+
			"kept). Type the name of the stack:", o.Name, from.describe())
		if err := o.confirm(question, o.Name); err != nil {
			return nil, err
		}
	}
	if err := c.restoreTables(ctx, o, plans, from); err != nil {
		return nil, err
	}
	tables := tablePrefix(o.Name, from.set())
	if o.Check != nil {
		o.progress("Read the restored tables")
		if err := o.Check(ctx, c, tables); err != nil {
			return nil, fmt.Errorf("%w. The stack is unchanged. Somebody may have been writing at that moment: restore to another second",
				explain("check the restored tables", err))
		}
	}
	return c.switchTables(ctx, o, st, was, t, adoption, change)
}

// switchTables imports the restored tables into the stack, and makes it use them.
func (c *Cloud) switchTables(ctx context.Context, o Options, st *state, was, t *template, adoption, change string) (*state, error) {
	bucket, err := c.ensureBuckets(ctx, o)
	if err != nil {
		return nil, err
	}
	if st, err = c.adopt(ctx, o, st, was, t, bucket, adoption); err != nil {
		return nil, err
	}
	key, err := c.upload(ctx, o, bucket, "templates", ".yaml", t.text)
	if err != nil {
		return nil, err
	}
	o.progress("Use the restored tables instead of the former ones")
	end, _, err := c.apply(ctx, o, t, st, plan{
		kind: types.ChangeSetTypeUpdate, template: c.objectURL(bucket, key), token: change,
		// Never a canary: a tenth of the requests would write into other tables than the rest.
		parameters: Options{}.parameters(t, st, map[string]string{"Shift": atOnce}), released: was.retained(t),
	})
	return end, err
}

// source is what to restore: a moment, or a backup on demand.
type source struct {
	moment time.Time
	backup string
}

const (
	stamp     = "20060102T150405Z"
	maxAge    = 35 * 24 * time.Hour // of what AWS can restore without a backup on demand
	anExample = "2026-03-02T09:30:00Z"
)

// ValidateRestore returns the mistakes in the options of a restore.
func (o Options) ValidateRestore() error {
	_, err := o.source(time.Now())
	return errors.Join(o.Validate(), err)
}

// source checks what is to be restored.
func (o Options) source(now time.Time) (source, error) {
	switch {
	case (o.Moment == "") == (o.Backup == ""):
		return source{}, errors.New("either --to TIME or --backup NAME is needed")
	case o.Backup != "":
		if at, err := time.Parse(stamp, o.Backup); err != nil || at.Format(stamp) != o.Backup {
			return source{}, fmt.Errorf("--backup %q: the name of a backup is needed, such as 20260302T093000Z (canteen aws backup --list)",
				o.Backup)
		}
		return source{backup: o.Backup}, nil
	}
	at, err := time.Parse(time.RFC3339, o.Moment)
	switch {
	case err != nil || at.Nanosecond() != 0:
		return source{}, fmt.Errorf("--to %q: a time with its zone is needed, such as %s", o.Moment, anExample)
	case at.After(now):
		return source{}, fmt.Errorf("--to %s is in the future", o.Moment)
	case at.Before(now.Add(-maxAge)):
		return source{}, fmt.Errorf("--to %s: AWS can restore the last 35 days. Older data is in backups, if there are any "+
			"(canteen aws backup --list)", o.Moment)
	}
	return source{moment: at.UTC()}, nil
}

// set is the name of the set of tables that a restore makes: the same for each run.
func (s source) set() string {
	if s.backup != "" {
		return "b" + s.backup
	}
	return "r" + s.moment.Format(stamp)
}

func (s source) describe() string {
	if s.backup != "" {
		return "in the backup " + s.backup
	}
	return "at " + s.moment.Format(time.RFC3339)
}

// restored is a table to restore.
type restored struct {
	resource
	from, to string // table names
	backup   string // ARN; "" restores to a moment
}

// findSources says which tables to restore from where.
func (c *Cloud) findSources(ctx context.Context, o Options, was, t *template, from source) ([]restored, error) {
	var backups map[string]string
	var set string
	var err error
	if from.backup != "" {
		backups, err = c.backupsCalled(ctx, o, was, from.backup)
	} else {
		set, err = c.setAt(ctx, o, was, from.moment)
	}
	if err != nil {
		return nil, err
	}
	var out []restored
	for _, r := range t.restorable() {
		next := restored{resource: r, from: tablePrefix(o.Name, set) + r.table, to: tablePrefix(o.Name, r.set) + r.table}
		if from.backup != "" {
			if next.backup = backups[r.table]; next.backup == "" {
				return nil, fmt.Errorf("there is no whole backup called %s: the table %s is missing in it (canteen aws backup --list)",
					from.backup, r.table)
			}
		}
		out = append(out, next)
	}
	return out, nil
}

// setAt returns the set of tables that was in use at a moment: the present one, or one that restores have replaced since. AWS says from
// which tables the present ones were restored, but not when the stack used which, so where that leaves a doubt, o.Tables decides.
func (c *Cloud) setAt(ctx context.Context, o Options, was *template, at time.Time) (string, error) {
	if o.Tables != "" {
		return c.keptSet(ctx, o, was)
	}
	set := was.set()
	for seen := map[string]bool{}; ; {
		rooms := tablePrefix(o.Name, set) + "rooms"
		d, err := c.describeTable(ctx, rooms)
		if err != nil {
			return "", err
		}
		if d == nil {
			return "", fmt.Errorf("the table %s, which was in use at that time, does not exist any more", rooms)
		}
		earliest, _, err := c.window(ctx, rooms)
		if err != nil {
			return "", err
		}
		if !at.Before(earliest) {
			if set == was.set() {
				return set, nil
			}
			return set, c.noneSince(ctx, o, was, aws.ToTime(d.CreationDateTime), at)
		}
		before := ""
		if d.RestoreSummary != nil {
			before = aws.ToString(d.RestoreSummary.SourceTableArn)
		}
		former, _, ok := cutTable(before[strings.LastIndex(before, "/")+1:], o.Name)
		if seen[set] = true; !ok || seen[former] {
			return "", fmt.Errorf("AWS can restore %s to %s at the earliest: choose a later time", o.Name, earliest.UTC().Format(time.RFC3339))
		}
		set = former
	}
}

// noneSince returns an error if another set of tables was made between two times: the stack may have used that one at the second.
func (c *Cloud) noneSince(ctx context.Context, o Options, was *template, made, at time.Time) error {
	sets, err := c.tableSets(ctx, o.Name, was)
	if err != nil {
		return err
	}
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		prefix := tablePrefix(o.Name, set)
		d, err := c.describeTable(ctx, prefix+"rooms")
		if err != nil {
			return err
		}
		if d != nil && aws.ToTime(d.CreationDateTime).After(made) && aws.ToTime(d.CreationDateTime).Before(at) {
			return fmt.Errorf("there were several sets of tables at %s, and AWS does not say which the stack used then: choose it with "+
				"--tables (the latest before that time, %s, unless its restore was given up)", at.Format(time.RFC3339), prefix)
		}
	}
	return nil
}
