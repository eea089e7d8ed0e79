package stack

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// TestRepeated: CloudFormation accepts a token once. The same deployment needs another token after a rollback, and after
// another deployment.
func TestRepeated(t *testing.T) {
	w := newWorld(t, "repeated")
	seen := map[string]bool{}
	w.faults.inject(func(action string, r *http.Request) *faultResponse {
		if action != "ExecuteChangeSet" {
			return nil
		}
		if run := r.FormValue("ClientRequestToken"); seen[run] {
			return &faultResponse{400, "TokenAlreadyExistsException", "Operation with the given token already exists"}
		} else {
			seen[run] = true
		}
		return nil
	}, nil)
	w.must(Deploy)
	for _, days := range []int{7, 3, 7} {
		w.o.LogRetentionDays = &days
		w.must(Deploy)
		w.has(w.log.String(), "changed    RestLog")
		if n := strings.Count(w.log.String(), "changed    RestLog"); n != 1 ||
			w.state().parameters["LogRetentionDays"] != strconv.Itoa(days) {
			t.Errorf("%d days: %d changes are told\n%s", days, n, w.log)
		}
	}
	w.edit("  TooManyGaps: # a share", "  BadAlarm:\n    Type: AWS::CloudWatch::Alarm\n    Properties: { Namespace: Canteen, MetricName: "+
		"X, Threshold: 1, EvaluationPeriods: 1 }\n  TooManyGaps: # a share")
	for range 2 {
		w.refuses(Deploy, "failed and was rolled back", "BadAlarm")
	}
	if len(seen) != 6 {
		t.Errorf("%d tokens", len(seen))
	}
}

// TestNotYetBegun: a finished state counts only after an event of the operation was seen.
func TestNotYetBegun(t *testing.T) {
	w := newWorld(t, "slow")
	w.must(Deploy)
	c, st := w.cloud(), w.state()
	run, _, err := c.operation(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	looks, hidden := 0, 3
	w.faults.inject(nil, func(action, body string) string {
		if action == "DescribeStackEvents" {
			if looks++; looks <= hidden {
				return strings.ReplaceAll(body, run, "an-earlier-one")
			}
		}
		return body
	})
	if err := c.follow(t.Context(), w.o, st, run); err != nil || looks <= hidden {
		t.Errorf("it was taken for done after %d looks: %v", looks, err)
	}
	looks, hidden, w.o.Within = 0, 1<<20, 100*time.Millisecond
	if err := c.follow(t.Context(), w.o, st, run); err == nil || !strings.Contains(err.Error(), "has not begun") {
		t.Errorf("it says %v", err)
	}
}

// TestRequestRepeated: the answer to the first request is lost, and the SDK repeats it. The change set that was made and the operation
// that began are this deployment's own.
func TestRequestRepeated(t *testing.T) {
	for _, action := range []string{"CreateChangeSet", "ExecuteChangeSet"} {
		w := newWorld(t, "echoing-"+strings.ToLower(action[:1]))
		w.faults.lose(action)
		w.must(Deploy, "Canteen v1.0.0 is deployed")
		w.has(w.log.String(), "made       Rooms")
	}
}

// TestInterruptedChangeSet: an interrupt leaves no change set, even if it comes before the answer that the change set was made.
func TestInterruptedChangeSet(t *testing.T) {
	w := newWorld(t, "halfmade")
	w.must(Deploy)
	ctx, stop := context.WithCancel(t.Context())
	w.faults.inject(nil, func(action, body string) string {
		if action == "CreateChangeSet" {
			stop()
		}
		return body
	})
	w.o.Version = "v1.1.0"
	if err := Deploy(ctx, w.o); !errors.Is(err, errInterrupted) {
		t.Errorf("it says %v", err)
	}
	out, err := w.cloud().cfn.ListChangeSets(t.Context(), &cloudformation.ListChangeSetsInput{StackName: &w.o.Name})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range out.Summaries {
		if s.ExecutionStatus == types.ExecutionStatusAvailable {
			t.Errorf("the change set %s is left", *s.ChangeSetName)
		}
	}
}
