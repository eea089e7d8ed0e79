package stack

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// follow prints each resource as it is done, until the stack is no longer changing. It also prints earlier events of the
// operation with this token. The description of the stack may lag behind: follow trusts it only after it has seen an event
// of the operation.
func (c *Cloud) follow(ctx context.Context, o Options, st *state, token string) error {
	seen, until := map[string]bool{}, time.Now().Add(o.within())
	for {
		begun := len(seen) > 0
		now, err := c.describeStack(ctx, st.id)
		if err != nil {
			return err
		}
		events, err := c.events(ctx, st.id, token)
		if err != nil {
			return err
		}
		for _, e := range events {
			if id := aws.ToString(e.EventId); !seen[id] {
				seen[id] = true
				printEvent(o, e)
			}
		}
		switch {
		case now == nil || begun && !now.inProgress():
			return nil
		case !begun && time.Now().After(until):
			return fmt.Errorf("CloudFormation has not begun to change the stack %s within %s: look at it with canteen aws status, then "+
				"run the same command again", st.name, o.within())
		}
		if err := o.wait(ctx); err != nil {
			return err
		}
	}
}

// events returns the events of the operation with this token, oldest first.
func (c *Cloud) events(ctx context.Context, id, token string) ([]types.StackEvent, error) {
	var found []types.StackEvent
	pages := cloudformation.NewDescribeStackEventsPaginator(c.cfn, &cloudformation.DescribeStackEventsInput{StackName: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if hasCode(err, "ValidationError") { // deleted meanwhile
			break
		}
		if err != nil {
			return nil, explain("read the stack's events", err)
		}
		older := false
		for _, e := range page.StackEvents {
			if aws.ToString(e.ClientRequestToken) != token {
				older = len(found) > 0
				continue
			}
			found = append([]types.StackEvent{e}, found...)
		}
		if older {
			break
		}
	}
	return found, nil
}

func printEvent(o Options, e types.StackEvent) {
	status := string(e.ResourceStatus)
	did, done := map[string]string{
		"CREATE_COMPLETE": "made", "UPDATE_COMPLETE": "changed", "DELETE_COMPLETE": "removed", "IMPORT_COMPLETE": "imported",
		"DELETE_SKIPPED": "kept",
	}[status]
	if !done && !strings.HasSuffix(status, "_FAILED") || aws.ToString(e.ResourceType) == "AWS::CloudFormation::Stack" {
		return
	}
	if !done {
		o.progress("  FAILED     %s: %s", aws.ToString(e.LogicalResourceId), aws.ToString(e.ResourceStatusReason))
		return
	}
	o.progress("  %-10s %-26s %s", did, aws.ToString(e.LogicalResourceId), strings.TrimPrefix(aws.ToString(e.ResourceType), "AWS::"))
}

// firstFailure says why the stack's latest operation failed. Everything after the first failure was only cancelled.
func (c *Cloud) firstFailure(ctx context.Context, st *state, token string) string {
	var first types.StackEvent
	pages := cloudformation.NewDescribeStackEventsPaginator(c.cfn, &cloudformation.DescribeStackEventsInput{StackName: &st.id})
	for began := false; pages.HasMorePages() && !began; {
		page, err := pages.NextPage(ctx)
		if err != nil {
			break // without it the main error is still useful
		}
		for _, e := range page.StackEvents {
			ofStack := aws.ToString(e.PhysicalResourceId) == st.id
			failed := strings.HasSuffix(string(e.ResourceStatus), "_FAILED") && !ofStack
			if failed && (token == "" || aws.ToString(e.ClientRequestToken) == token) &&
				!strings.Contains(aws.ToString(e.ResourceStatusReason), "cancelled") {
				first = e
			}
			if ofStack && begins(e.ResourceStatus) {
				began = true
				break
			}
		}
	}
	if first.LogicalResourceId == nil {
		if st.reason != "" {
			return st.reason
		}
		return "AWS gives no reason; see the stack's events in the CloudFormation console"
	}
	return aws.ToString(first.LogicalResourceId) + ": " + aws.ToString(first.ResourceStatusReason)
}

// begins says whether a status of the stack itself starts an operation.
func begins(s types.ResourceStatus) bool {
	switch s {
	case types.ResourceStatusCreateInProgress, types.ResourceStatusUpdateInProgress, types.ResourceStatusDeleteInProgress,
		types.ResourceStatusImportInProgress:
		return true
	default:
		return false
	}
}

// awaitEnd follows an operation and returns the stack afterwards, nil if it was deleted.
func (c *Cloud) awaitEnd(ctx context.Context, o Options, st *state, token string) (*state, error) {
	began := time.Now()
	if err := c.follow(ctx, o, st, token); err != nil {
		return nil, err
	}
	end, err := c.describeStack(ctx, st.id)
	if err == nil && end != nil && strings.HasSuffix(end.status, "_COMPLETE") {
		o.progress("Done after %s", time.Since(began).Round(time.Second))
	}
	return end, err
}
