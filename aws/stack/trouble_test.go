package stack

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestEveryRollback: what deploy does with a stack in each state that a rollback leaves. A rollback in progress is awaited, a failed
// first deployment is deleted, a rollback that is stuck is continued, and a finished one is deployed to.
func TestEveryRollback(t *testing.T) {
	w := newWorld(t, "rolled")
	w.must(Deploy)
	days := 7 // another deployment than the one whose state is seen
	w.o.LogRetentionDays = &days
	for _, c := range []struct{ status, then, call, says string }{
		{"UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "CreateChangeSet", ""},
		{"IMPORT_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE", "CreateChangeSet", ""},
		{"UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "CreateChangeSet", "Wait for the end of update rollback"},
		{"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "CreateChangeSet", "Wait for the end of"},
		{"IMPORT_ROLLBACK_IN_PROGRESS", "IMPORT_ROLLBACK_COMPLETE", "CreateChangeSet", "Wait for the end of import rollback"},
		{"UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "ContinueUpdateRollback", ""},
		{"ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "DeleteStack", "The first deployment of rolled failed"},
		{"ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE", "DeleteStack", "The first deployment of rolled failed"},
		{"ROLLBACK_FAILED", "ROLLBACK_FAILED", "DeleteStack", "The first deployment of rolled failed"},
		{"CREATE_FAILED", "CREATE_FAILED", "DeleteStack", "The first deployment of rolled failed"},
		{"IMPORT_ROLLBACK_FAILED", "IMPORT_ROLLBACK_FAILED", "", "canteen aws destroy --stack rolled"},
		{"UPDATE_FAILED", "UPDATE_FAILED", "", "rollback-stack --stack-name rolled"},
		{"DELETE_FAILED", "DELETE_FAILED", "", "canteen aws destroy --stack rolled"},
	} {
		looks := 0
		ctx, stop := context.WithCancel(t.Context())
		w.faults.inject(func(action string, _ *http.Request) *faultResponse {
			if action == c.call { // no further: the stack is not really in this state
				stop()
				return &faultResponse{400, "Reached", "far enough"}
			}
			return nil
		}, func(action, body string) string {
			if action != "DescribeStacks" {
				return body
			}
			status := c.status
			if looks++; looks > 2 {
				status = c.then
			}
			return strings.Replace(body, "<StackStatus>CREATE_COMPLETE<", "<StackStatus>"+status+"<", 1)
		})
		w.log.reset()
		err := Deploy(ctx, w.o)
		stop()
		calls := w.faults.called()
		if err == nil || c.call != "" && !slices.Contains(calls, c.call) ||
			!strings.Contains(w.log.String()+err.Error(), c.says) || slices.Contains(calls, "ExecuteChangeSet") {
			t.Errorf("%s: %v\n%v\n%s", c.status, err, calls, w.log)
		}
	}
}
