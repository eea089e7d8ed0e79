package stack

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// TestUpgradeIsGuarded: an upgrade publishes a new version of the functions that browsers call, is watched by the alarm of server
// errors, and asks for a canary, unless the alarm is raised already: AWS would roll the cure back. The stack is protected from deletion.
func TestUpgradeIsGuarded(t *testing.T) {
	w := newWorld(t, "guarded")
	w.must(Deploy)
	if !w.state().protected {
		t.Error("the stack can be deleted by accident")
	}
	var asked url.Values
	w.faults.inject(func(action string, r *http.Request) *faultResponse {
		if action == "CreateChangeSet" {
			if err := r.ParseForm(); err != nil {
				t.Error(err)
			}
			asked = r.Form
		}
		return nil
	}, nil)
	parameter := func(name string) string {
		for key, values := range asked {
			if stem, ok := strings.CutSuffix(key, ".ParameterKey"); ok && values[0] == name {
				return asked.Get(stem + ".ParameterValue")
			}
		}
		return ""
	}
	was := w.version()
	w.o.Version, w.o.Canary = "v1.1.0", nil
	w.must(Deploy, "v1.1.0 is deployed")
	w.has(w.log.String(), "changed    RestVersion", "changed    SocketVersion")
	if now := w.version(); now == was {
		t.Errorf("the alias still names version %s", now)
	}
	const trigger = "RollbackConfiguration.RollbackTriggers.member.1.Arn"
	if got := asked.Get(trigger); got != "arn:aws:cloudwatch:us-east-1:000000000000:alarm:guarded.AnyServerError" ||
		asked.Get("RollbackConfiguration.MonitoringTimeInMinutes") != "3" {
		t.Errorf("the upgrade is watched by %q", got)
	}
	if got := parameter("Shift"); got != "canary" {
		t.Errorf("it asks for the shift %q", got)
	}
	first := parameter("Release")
	w.must(Deploy)
	w.has(w.log.String(), "The stack is as it should be")
	if second := parameter("Release"); first == "" || second != first {
		t.Errorf("the release %s of the same functions is %s", first, second)
	}
	days := 7
	w.o.LogRetentionDays, was = &days, w.version() // concerns no function
	w.must(Deploy)
	if now := w.version(); now != was {
		t.Errorf("version %s was published after %s", now, was)
	}

	_, err := w.cloud().cw.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String("guarded.AnyServerError"), StateValue: types.StateValueAlarm, StateReason: aws.String("a test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.o.Version = "v1.1.1"
	w.must(Deploy, "v1.1.1 is deployed")
	w.has(w.log.String(), "WARNING: guarded.AnyServerError is raised", "no canary; the new version gets all requests at once")
	if _, empty := asked["RollbackConfiguration.RollbackTriggers"]; asked.Has(trigger) || !empty || parameter("Shift") != "at-once" {
		t.Errorf("the cure of an alarm is rolled back by it: %v", asked)
	}
	w.must(Destroy, "guarded is gone")
}

// version returns which version of the function of the API browsers call.
func (w *world) version() string {
	w.t.Helper()
	in := &lambda.GetAliasInput{FunctionName: aws.String(w.o.Name + "-rest"), Name: aws.String("live")}
	live, err := w.cloud().lambda.GetAlias(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return aws.ToString(live.FunctionVersion)
}

// TestPreview: --dry-run shows what would be added, changed and replaced, uploads the template and says so, changes nothing else, and
// leaves no change set.
func TestPreview(t *testing.T) {
	w := newWorld(t, "previewed")
	w.must(DryRun, "A first deployment of previewed", "There is no stack previewed in us-east-1")
	w.must(Deploy)
	w.must(DryRun, "would change nothing")
	days := 7
	w.o.LogRetentionDays, w.o.Version = &days, "v1.1.0"
	w.edit("  TooManyGaps: # a share", "  Extra:\n    Type: AWS::SNS::Topic\n  TooManyGaps: # a share")
	w.faults.inject(nil, nil)
	bucket := w.cloud().artifactBucket("previewed")
	out := w.must(DryRun, "Nothing was changed, but the template was uploaded to "+bucket+".",
		"add         Extra                      SNS::Topic", "may replace RestLog", "RetentionInDays", "may replace RestVersion")
	calls := w.faults.called()
	uploads := slices.ContainsFunc(calls, func(s string) bool { return strings.HasPrefix(s, "PUT /"+bucket+"/templates/") })
	if !uploads || slices.Contains(calls, "ExecuteChangeSet") || !slices.Contains(calls, "DeleteChangeSet") || strings.Contains(out, "Rooms") {
		t.Errorf("calls %v\n%s", calls, out)
	}
	if st := w.state(); st.parameters["LogRetentionDays"] != "30" || st.outputs["Version"] != "v1.0.0" {
		t.Errorf("it changed the stack: %+v", st)
	}
	for _, status := range []string{"UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"} {
		w.faults.inject(nil, func(action, body string) string {
			if action == "DescribeStacks" {
				return strings.Replace(body, "<StackStatus>CREATE_COMPLETE<", "<StackStatus>"+status+"<", 1)
			}
			return body
		})
		w.refuses(DryRun, "the stack previewed is "+status, "a preview is possible once")
	}
	w.faults.inject(nil, nil)
	w.edit("TableName: !Sub ${AWS::StackName}-unique", "TableName: !Sub ${AWS::StackName}-distinct")
	w.refuses(DryRun, "would replace or remove the table Unique")
}
