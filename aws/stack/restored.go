package stack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// restoreTables restores tables, waits for them, and gives them the settings that AWS does not restore. Tables that an earlier run restored
// are left as they are.
func (c *Cloud) restoreTables(ctx context.Context, o Options, plans []restored, from source) error {
	if from.backup == "" {
		if err := c.awaitRestorable(ctx, o, plans, from.moment); err != nil {
			return err
		}
	}
	for _, p := range plans {
		if err := c.beginRestore(ctx, o, p, from); err != nil {
			return err
		}
	}
	o.progress("AWS restores %d tables, which takes from twenty minutes to hours. It goes on if this command is interrupted", len(plans))
	for _, p := range plans {
		if _, err := c.awaitActive(ctx, o, p.to); err != nil {
			return err
		}
		if err := c.prepareTable(ctx, o, p); err != nil {
			return err
		}
		o.progress("  restored   %s", p.to)
	}
	return nil
}

var errRecoveryOff = errors.New("its point-in-time recovery is off")

// window returns from when to when AWS can restore a table.
func (c *Cloud) window(ctx context.Context, table string) (earliest, latest time.Time, err error) {
	out, err := c.ddb.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &table})
	if err != nil {
		return earliest, latest, explain("read from when "+table+" can be restored", err)
	}
	var d types.PointInTimeRecoveryDescription
	if b := out.ContinuousBackupsDescription; b != nil && b.PointInTimeRecoveryDescription != nil {
		d = *b.PointInTimeRecoveryDescription
	}
	if d.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled || d.EarliestRestorableDateTime == nil ||
		d.LatestRestorableDateTime == nil {
		return earliest, latest, fmt.Errorf("AWS cannot restore %s to a time: %w", table, errRecoveryOff)
	}
	return *d.EarliestRestorableDateTime, *d.LatestRestorableDateTime, nil
}

// awaitRestorable waits until AWS can restore all tables to a moment, which is about five minutes after it.
func (c *Cloud) awaitRestorable(ctx context.Context, o Options, plans []restored, at time.Time) error {
	for _, p := range plans {
		for said := false; ; {
			done, err := c.describeTable(ctx, p.to)
			if err != nil {
				return err
			}
			if done != nil {
				break
			}
			earliest, latest, err := c.window(ctx, p.from)
			if err != nil {
				return err
			}
			if at.Before(earliest) {
				return fmt.Errorf("AWS can restore %s to %s at the earliest: choose a later time", p.from,
					earliest.UTC().Format(time.RFC3339))
			}
			if !at.After(latest) {
				break
			}
			if !said {
				said = true
				o.progress("AWS can restore %s to %s by now. Waiting", p.from, latest.UTC().Format(time.RFC3339))
			}
			if err := o.wait(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// beginRestore starts the restore of a table unless an earlier run did. Another table of that name is an error.
func (c *Cloud) beginRestore(ctx context.Context, o Options, p restored, from source) error {
	for {
		d, err := c.describeTable(ctx, p.to)
		if err != nil {
			return err
		}
		if d != nil {
			return p.check(d, from)
		}
		if p.backup != "" {
			_, err = c.ddb.RestoreTableFromBackup(ctx, &dynamodb.RestoreTableFromBackupInput{
				BackupArn: &p.backup, TargetTableName: &p.to, BillingModeOverride: types.BillingModePayPerRequest,
			})
		} else {
			_, err = c.ddb.RestoreTableToPointInTime(ctx, &dynamodb.RestoreTableToPointInTimeInput{
				SourceTableName: &p.from, TargetTableName: &p.to, RestoreDateTime: &from.moment,
				BillingModeOverride: types.BillingModePayPerRequest,
			})
		}
		switch {
		case err == nil, hasCode(err, "TableAlreadyExistsException"):
		case hasCode(err, "LimitExceededException", "TableInUseException", "BackupInUseException"): // other restores run in the account
		default:
			return explain("restore the table "+p.from, err)
		}
		if err := o.wait(ctx); err != nil {
			return err
		}
	}
}

// check returns an error unless a table was restored from this source.
func (p restored) check(d *types.TableDescription, from source) error {
	s := d.RestoreSummary
	switch {
	case s != nil && from.backup != "" && aws.ToString(s.SourceBackupArn) == p.backup:
		return nil
	case s != nil && from.backup == "" && s.RestoreDateTime != nil && s.RestoreDateTime.Equal(from.moment):
		return nil
	}
	return fmt.Errorf("there is a table %s already, which does not hold what was restored: delete it, or restore to another second", p.to)
}

// awaitActive waits until a table can be used and changed.
func (c *Cloud) awaitActive(ctx context.Context, o Options, table string) (*types.TableDescription, error) {
	for {
		d, err := c.describeTable(ctx, table)
		if err != nil {
			return nil, err
		}
		if d == nil {
			return nil, fmt.Errorf("the table %s was deleted while it was being restored: run the same command again", table)
		}
		restoring := d.RestoreSummary != nil && aws.ToBool(d.RestoreSummary.RestoreInProgress)
		if d.TableStatus == types.TableStatusActive && !restoring {
			return d, nil
		}
		if err := o.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// prepareTable gives a restored table the settings of its definition that AWS does not restore. CloudFormation would not: after an import
// it changes only what differs between two templates.
func (c *Cloud) prepareTable(ctx context.Context, o Options, p restored) error {
	d, err := c.awaitActive(ctx, o, p.to)
	if err != nil {
		return err
	}
	if streams := d.StreamSpecification != nil && aws.ToBool(d.StreamSpecification.StreamEnabled); p.features.stream && !streams {
		if err := c.updateTable(ctx, o, &dynamodb.UpdateTableInput{TableName: &p.to, StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewImage,
		}}); err != nil {
			return err
		}
	}
	if p.features.protected && !aws.ToBool(d.DeletionProtectionEnabled) {
		if err := c.updateTable(ctx, o, &dynamodb.UpdateTableInput{
			TableName: &p.to, DeletionProtectionEnabled: aws.Bool(true),
		}); err != nil {
			return err
		}
	}
	if p.features.expiry {
		if err := c.enableExpiry(ctx, p.to); err != nil {
			return err
		}
	}
	if _, err := c.ddb.TagResource(ctx, &dynamodb.TagResourceInput{
		ResourceArn: d.TableArn, Tags: []types.Tag{{Key: aws.String("Canteen"), Value: &o.Name}},
	}); err != nil {
		return explain("tag the table "+p.to, err)
	}
	if p.features.recovery {
		return c.enableRecovery(ctx, o, p.to)
	}
	return nil
}

// updateTable changes one setting of a table and waits until the table can be changed again.
func (c *Cloud) updateTable(ctx context.Context, o Options, in *dynamodb.UpdateTableInput) error {
	if _, err := c.ddb.UpdateTable(ctx, in); err != nil {
		return explain("change the table "+*in.TableName, err)
	}
	_, err := c.awaitActive(ctx, o, *in.TableName)
	return err
}

func (c *Cloud) enableExpiry(ctx context.Context, table string) error {
	out, err := c.ddb.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &table})
	if err != nil {
		return explain("read the expiry of "+table, err)
	}
	if d := out.TimeToLiveDescription; d != nil && (d.TimeToLiveStatus == types.TimeToLiveStatusEnabled ||
		d.TimeToLiveStatus == types.TimeToLiveStatusEnabling) {
		return nil
	}
	_, err = c.ddb.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: &table, TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("ttl"), Enabled: aws.Bool(true)},
	})
	return explain("let items of "+table+" expire", err)
}

// enableRecovery enables point-in-time recovery, which AWS refuses while it still prepares the backups of a new table.
func (c *Cloud) enableRecovery(ctx context.Context, o Options, table string) error {
	for {
		_, err := c.ddb.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
			TableName: &table, PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{
				PointInTimeRecoveryEnabled: aws.Bool(true),
			},
		})
		if !hasCode(err, "ContinuousBackupsUnavailableException") {
			return explain("enable recovery of "+table, err)
		}
		if err := o.wait(ctx); err != nil {
			return err
		}
	}
}
