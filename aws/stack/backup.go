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
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Backup makes a backup on demand of every table with data. AWS keeps it until somebody deletes it. Backups do not agree to the second, as
// a restore to a moment does: each holds what was committed until a minute before, and perhaps what was committed in the minute after.
func Backup(ctx context.Context, o Options) error {
	c, st, was, err := connectToComplete(ctx, o)
	if err != nil {
		return err
	}
	name := time.Now().UTC().Format(stamp)
	for i, r := range was.restorable() {
		if err := c.backUp(ctx, o, st.outputs["TablePrefix"]+r.table, name); err != nil && i == 0 {
			return err
		} else if err != nil {
			return fmt.Errorf("the backup %s is not whole, and cannot be completed: make another (%w)", name, err)
		}
	}
	return o.print("The backup %s is made. To restore it: canteen aws restore --stack %s --backup %s\n", name, o.Name, name)
}

// backUp makes a backup of one table.
func (c *Cloud) backUp(ctx context.Context, o Options, table, name string) error {
	for {
		_, err := c.ddb.CreateBackup(ctx, &dynamodb.CreateBackupInput{TableName: &table, BackupName: aws.String(o.Name + "." + name)})
		switch {
		case err == nil:
			o.progress("  backup of  %s", table)
			return nil
		case !hasCode(err, "TableInUseException", "BackupInUseException", "LimitExceededException", "ContinuousBackupsUnavailableException"):
			return explain("make a backup of "+table, err)
		}
		if err := o.wait(ctx); err != nil {
			return err
		}
	}
}

// Backups lists the backups on demand of a stack, and from when to when it can be restored to any second.
func Backups(ctx context.Context, o Options) error {
	c, st, was, err := connectToComplete(ctx, o)
	if err != nil {
		return err
	}
	var b strings.Builder
	switch earliest, latest, err := c.window(ctx, st.outputs["TablePrefix"]+"rooms"); {
	case errors.Is(err, errRecoveryOff):
		fmt.Fprintf(&b, "no second, since point-in-time recovery is off\n")
	case err != nil:
		return err
	default:
		fmt.Fprintf(&b, "any second from %s to %s (canteen aws restore --to TIME)\n", earliest.UTC().Format(time.RFC3339),
			latest.UTC().Format(time.RFC3339))
	}
	all, err := c.backups(ctx, o, was)
	if err != nil {
		return err
	}
	whole := len(was.restorable())
	for _, name := range slices.Sorted(maps.Keys(all)) {
		bytes, ready := int64(0), 0
		for _, s := range all[name] {
			bytes += aws.ToInt64(s.BackupSizeBytes)
			if s.BackupStatus == types.BackupStatusAvailable {
				ready++
			}
		}
		state := ""
		if ready < whole {
			state = fmt.Sprintf(", not usable: %d of %d tables", ready, whole)
		}
		fmt.Fprintf(&b, "backup %s, %s%s\n", name, size(int(bytes)), state)
	}
	return o.print("%s", b.String())
}

// connectToComplete returns the stack, which must have been deployed completely, and its template.
func connectToComplete(ctx context.Context, o Options) (*Cloud, *state, *template, error) {
	c, st, err := connectTo(ctx, o)
	if err == nil {
		err = st.incomplete()
	}
	if err != nil {
		return nil, nil, nil, err
	}
	was, err := c.templateOf(ctx, o, st)
	return c, st, was, err
}

// backups returns the stack's backups by name, then by what the table holds.
func (c *Cloud) backups(ctx context.Context, o Options, t *template) (map[string]map[string]types.BackupSummary, error) {
	holds := map[string]bool{}
	for _, r := range t.tables(true) {
		holds[r.table] = true
	}
	out := map[string]map[string]types.BackupSummary{}
	in := &dynamodb.ListBackupsInput{BackupType: types.BackupTypeFilterUser}
	for {
		page, err := c.ddb.ListBackups(ctx, in)
		if err != nil {
			return nil, explain("list the backups", err)
		}
		for _, s := range page.BackupSummaries {
			name, ours := strings.CutPrefix(aws.ToString(s.BackupName), o.Name+".")
			_, table, ok := cutTable(aws.ToString(s.TableName), o.Name)
			if !ours || !ok || !holds[table] || s.BackupStatus == types.BackupStatusDeleted {
				continue
			}
			if out[name] == nil {
				out[name] = map[string]types.BackupSummary{}
			}
			out[name][table] = s
		}
		if in.ExclusiveStartBackupArn = page.LastEvaluatedBackupArn; in.ExclusiveStartBackupArn == nil {
			return out, nil
		}
	}
}

// backupsCalled returns the ARNs of a backup's parts, by what the table holds.
func (c *Cloud) backupsCalled(ctx context.Context, o Options, t *template, name string) (map[string]string, error) {
	all, err := c.backups(ctx, o, t)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for table, s := range all[name] {
		if s.BackupStatus == types.BackupStatusAvailable {
			out[table] = aws.ToString(s.BackupArn)
		}
	}
	return out, nil
}
