package stack

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestUnverifiedAccount: AWS refuses CloudFront to many new accounts. The command says what to do, and leaves no table behind.
func TestUnverifiedAccount(t *testing.T) {
	w := newWorld(t, "unverified")
	good := w.o.Template
	// The emulator refuses no distribution, so the distribution waits for an alarm that it does refuse.
	w.edit("  Distribution:\n", "  Refused:\n    Type: AWS::CloudWatch::Alarm\n    Properties: { Namespace: Canteen, MetricName: X, "+
		"Threshold: 1, EvaluationPeriods: 1 }\n  Distribution:\n    DependsOn: Refused\n")
	w.faults.inject(nil, func(action, body string) string {
		if action != "DescribeStackEvents" {
			return body
		}
		events := strings.Split(body, "</member>")
		for i, e := range events {
			if from := strings.Index(e, "<ResourceStatusReason>"); from > 0 && strings.Contains(e, "<LogicalResourceId>Refused<") &&
				strings.Contains(e, "CREATE_FAILED") {
				to := strings.Index(e, "</ResourceStatusReason>")
				events[i] = e[:from] + "<ResourceStatusReason>Resource handler returned message: \"Access denied for operation " +
					"'AWS::CloudFront::Distribution: Your account must be verified before you can add new CloudFront resources. To verify " +
					"your account, please contact AWS Support (https://console.aws.amazon.com/support/home#/) and include this error " +
					"message.'.\" (RequestToken: 1, HandlerErrorCode: AccessDenied)" + e[to:]
			}
		}
		return strings.Join(events, "</member>")
	})
	w.refuses(Deploy, "must be verified", "Open a case with AWS Support", "run the same command again")
	w.faults.inject(nil, nil)
	st, err := parseTemplate(w.o.Template)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := w.cloud().tableSets(t.Context(), w.o.Name, st); err != nil || len(left) > 0 {
		t.Errorf("it left %v behind: %v", left, err)
	}
	w.o.Template = good
	w.must(Deploy, "is deployed")
}

// TestFewFunctions: an account that may run ten functions at once is deployed to, with a warning that says what happens beyond.
func TestFewFunctions(t *testing.T) {
	w := newWorld(t, "narrow")
	limit, answer := "10", (*faultResponse)(nil)
	w.faults.inject(func(action string, _ *http.Request) *faultResponse {
		switch {
		case strings.HasSuffix(action, "/account-settings") || strings.HasSuffix(action, "/account-settings/"):
			return &faultResponse{status: 200, code: `{"AccountLimit":{"ConcurrentExecutions":` + limit + `}}`}
		case action == "RequestServiceQuotaIncrease":
			return answer
		}
		return nil
	}, nil)
	c := w.cloud()
	ask := func(words ...string) error {
		t.Helper()
		w.log.reset()
		n, err := c.concurrency(t.Context(), w.o)
		if err == nil && (n == 10) != (limit == "10") {
			t.Errorf("%d functions", n)
		}
		w.has(w.log.String(), words...)
		return err
	}
	if err := ask("may run 10 functions at once", "does not wait: it gets 503", "--request-quota"); err != nil {
		t.Error(err)
	}
	w.o.RequestQuota = true
	answer = &faultResponse{status: 200, code: `{"RequestedQuota":{"Id":"1","Status":"PENDING"}}`}
	if err := ask("Requested 1000 functions at once"); err != nil {
		t.Error(err)
	}
	answer = &faultResponse{400, "com.amazonaws.servicequotas#ResourceAlreadyExistsException",
		"Only one open service quota increase request is allowed per quota."}
	if err := ask("were requested before"); err != nil {
		t.Error(err)
	}
	answer = &faultResponse{403, "com.amazonaws.servicequotas#AccessDeniedException", "User: arn:aws:iam::123456789012:user/ada is not " +
		"authorized to perform: servicequotas:RequestServiceQuotaIncrease because no identity-based policy allows it"}
	if err := ask(); err == nil || !strings.Contains(err.Error(), "the right servicequotas:RequestServiceQuotaIncrease is missing") {
		t.Errorf("it says %v", err)
	}
	limit = "1000"
	w.faults.mu.Lock()
	w.faults.calls = nil
	w.faults.mu.Unlock()
	if err := ask("no more were requested"); err != nil || slices.Contains(w.faults.called(), "RequestServiceQuotaIncrease") {
		t.Error(err, w.faults.called())
	}
}
