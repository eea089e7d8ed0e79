package stack

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Destroy removes a stack, and with o.Data its tables and files. Running it again completes an interrupted run.
func Destroy(ctx context.Context, o Options) error {
	if err := o.Validate(); err != nil {
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
	st, err := c.describeStack(ctx, o.Name)
	if err != nil {
		return err
	}
	sets, err := c.tableSets(ctx, o.Name, t)
	if err != nil {
		return err
	}
	if o.Former {
		return c.destroyFormer(ctx, o, st, sets)
	}
	tables := slices.Concat(slices.Collect(maps.Values(sets))...)
	slices.Sort(tables)
	if st == nil && (len(tables) == 0 || !o.Data) {
		if o.Data { // an interrupted run may have left it
			if err := c.removeBuckets(ctx, o); err != nil {
				return err
			}
		}
		if len(tables) == 0 && o.IfExists {
			return o.print("There is nothing called %s in %s.\n", o.Name, c.Region)
		} else if len(tables) == 0 {
			_, err := c.existing(ctx, o.Name)
			return err
		}
		return o.print("There is no stack %s any more; %s", o.Name, c.dataKept(o, tables))
	}
	if !o.Yes {
		question := fmt.Sprintf("This removes %s in %s; its data stays. Type the name of the stack:", o.Name, c.Region)
		if o.Data {
			question = fmt.Sprintf("This removes %s in %s WITH ALL ITS DATA. Type the name of the stack:", o.Name, c.Region)
		}
		if err := o.confirm(question, o.Name); err != nil {
			return err
		}
	}
	if st != nil {
		if err := c.deleteStack(ctx, o, st); err != nil {
			return err
		}
	}
	if o.Data {
		if err := c.removeBuckets(ctx, o); err != nil {
			return err
		}
		for _, table := range tables {
			if err := c.deleteTable(ctx, o, table); err != nil {
				return err
			}
		}
		return o.print("%s is gone, data included. AWS keeps a last backup of each table for 35 days (DynamoDB, Backups), at no cost, and none "+
			"of the files.\n", o.Name)
	}
	if _, err := c.emptyBucket(ctx, o, c.artifactBucket(o.Name)); err != nil {
		return err
	}
	return o.print("%s is gone; %sThe empty bucket %s was kept too: S3 would give back its name only after hours.\n", o.Name,
		c.dataKept(o, tables), c.artifactBucket(o.Name))
}

func (c *Cloud) dataKept(o Options, tables []string) string {
	if len(tables) == 0 {
		return "it had no data.\n"
	}
	return fmt.Sprintf("its data was kept: the tables %[1]s, and the files in the bucket %[3]s.\nDeploying %[2]s again uses them; "+
		"canteen aws destroy --stack %[2]s --delete-data deletes them.\n",
		strings.Join(tables, ", "), o.Name, c.FilesBucket(o.Name))
}

// destroyFormer deletes the tables that the stack does not use: those that restores have replaced, and those of restores that were given
// up.
func (c *Cloud) destroyFormer(ctx context.Context, o Options, st *state, sets map[string][]string) error {
	if st == nil || st.outputs["TablePrefix"] == "" || st.inProgress() {
		return fmt.Errorf("which tables of %s are in use is known only while its stack is complete: look at it with canteen aws status "+
			"--stack %s", o.Name, o.Name)
	}
	used, _, _ := cutTable(st.outputs["TablePrefix"]+"x", o.Name)
	owned, err := c.resources(ctx, st)
	if err != nil {
		return err
	}
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		if set != used && owned["Rooms"+set].name != "" {
			return fmt.Errorf("a restore has imported %s… into the stack and was interrupted: complete it, or let canteen aws deploy "+
				"release these tables", tablePrefix(o.Name, set))
		}
	}
	tables := others(sets, used)
	if len(tables) == 0 {
		return o.print("%s has no tables but those in use.\n", o.Name)
	}
	if !o.Yes {
		question := fmt.Sprintf("This deletes %s, which %s does not use. Type the name of the stack:", strings.Join(tables, ", "), o.Name)
		if err := o.confirm(question, o.Name); err != nil {
			return err
		}
	}
	for _, table := range tables {
		if err := c.deleteTable(ctx, o, table); err != nil {
			return err
		}
	}
	return o.print("Deleted %d tables. AWS keeps a last backup of each for 35 days (DynamoDB, Backups), at no cost.\n", len(tables))
}

// emptyings bounds how often the buckets are emptied. CloudFront may deliver logs until its distribution is deleted, and some later.
const emptyings = 5

// deleteStack deletes the stack. It empties the stack's buckets first, since CloudFormation deletes only empty ones, and once more if
// something was put into them meanwhile.
func (c *Cloud) deleteStack(ctx context.Context, o Options, st *state) error {
	if st.inProgress() && st.status != "DELETE_IN_PROGRESS" {
		return fmt.Errorf("a deployment of %s is under way (%s): wait until it ends (canteen aws status --stack %s), then destroy", o.Name,
			st.status, o.Name)
	}
	if st.status != "DELETE_IN_PROGRESS" {
		if _, err := c.emptyBuckets(ctx, o, st); err != nil {
			return err
		}
	}
	o.progress("Remove the stack; CloudFront takes about five minutes of it")
	for n := 1; ; n++ {
		run, err := c.beginDeletion(ctx, st)
		if err != nil {
			return err
		}
		end, err := c.awaitEnd(ctx, o, st, run)
		if err != nil || end == nil {
			return err
		}
		if filled, err := c.emptyBuckets(ctx, o, end); err != nil {
			return err
		} else if !filled || n == emptyings {
			return fmt.Errorf("the stack %s could not be removed (%s): %s. Remove the cause, then run the same command again", o.Name,
				end.status, c.firstFailure(ctx, end, ""))
		}
		st = end
	}
}

// emptyBuckets empties the buckets of pages and logs, and says whether there was anything in them.
func (c *Cloud) emptyBuckets(ctx context.Context, o Options, st *state) (filled bool, err error) {
	existing, err := c.resources(ctx, st)
	if err != nil {
		return false, err
	}
	for _, name := range []string{"WebBucket", "LogBucket"} {
		bucket := existing[name].name
		if bucket == "" {
			continue
		}
		n, err := c.emptyBucket(ctx, o, bucket)
		if err != nil {
			return false, err
		}
		filled = filled || n > 0
	}
	return filled, nil
}

// beginDeletion returns the token of the deletion that it starts, or of the one in progress.
func (c *Cloud) beginDeletion(ctx context.Context, st *state) (string, error) {
	if st.status == "DELETE_IN_PROGRESS" {
		run, _, err := c.operation(ctx, st)
		return run, err
	}
	if err := c.protectStack(ctx, st, false); err != nil {
		return "", err
	}
	run := runToken(token("removal", []byte(st.id)))
	_, err := c.cfn.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &st.id, ClientRequestToken: &run})
	return run, explain("remove the stack", err)
}

// emptyBucket deletes all objects of a bucket, and says how many there were.
func (c *Cloud) emptyBucket(ctx context.Context, o Options, bucket string) (int, error) {
	existing, err := c.objects(ctx, bucket)
	if err != nil || len(existing) == 0 {
		return 0, err
	}
	o.progress("Empty the bucket %s, %d files", bucket, len(existing))
	var batch []types.ObjectIdentifier
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		out, err := c.s3.DeleteObjects(ctx, &s3.DeleteObjectsInput{
			Bucket: &bucket, ExpectedBucketOwner: &c.Account, Delete: &types.Delete{Objects: batch, Quiet: aws.Bool(true)},
		})
		if err == nil && len(out.Errors) > 0 {
			e := out.Errors[0]
			err = fmt.Errorf("S3 does not delete %s: %s: %s", aws.ToString(e.Key), aws.ToString(e.Code), aws.ToString(e.Message))
		}
		batch = nil
		return explain("empty the bucket "+bucket, err)
	}
	for key := range existing {
		if batch = append(batch, types.ObjectIdentifier{Key: aws.String(key)}); len(batch) == 1000 { // S3's limit
			if err := flush(); err != nil {
				return 0, err
			}
		}
	}
	return len(existing), flush()
}

// deleteTable deletes a table in any state: an earlier run may have been interrupted while removing its protection or
// deleting it.
func (c *Cloud) deleteTable(ctx context.Context, o Options, table string) error {
	o.progress("Delete the table %s", table)
	for protected := true; ; {
		if protected {
			_, err := c.ddb.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &table, DeletionProtectionEnabled: aws.Bool(false)})
			if err != nil && !hasCode(err, "ResourceNotFoundException", "ResourceInUseException") {
				return explain("unprotect the table "+table, err)
			}
			protected = false
		}
		_, err := c.ddb.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &table})
		switch {
		case hasCode(err, "ResourceNotFoundException"):
			return nil
		case err == nil || hasCode(err, "ResourceInUseException"): // its protection is being removed, or it is being deleted
		case hasCode(err, "ValidationException") && strings.Contains(err.Error(), "protected"):
			protected = true // an earlier update was still in progress
		default:
			return explain("delete the table "+table, err)
		}
		if err := o.wait(ctx); err != nil {
			return err
		}
	}
}
