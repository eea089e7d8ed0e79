package stack

import (
	"strings"
	"testing"

	"github.com/aws/smithy-go"
)

// TestAdvice: what AWS says of a resource that it refused is followed by what to do about it.
func TestAdvice(t *testing.T) {
	for reason, says := range map[string]string{
		"RestLive: CodeDeploy deployment d-3KGJ4M4AB failed. One or more alarms have been activated according to the Amazon CloudWatch " +
			"metrics you selected, and the affected deployments have been stopped.": "a tenth of the requests; the former version",
		"Distribution: Resource handler returned message: \"Invalid request provided: AWS::CloudFront::Distribution: One or more of the " +
			"CNAMEs you provided are already associated with a different resource. (Service: CloudFront, Status Code: 409)\"": "Remove the name",
		"Rooms: The AWS Access Key Id needs a subscription for the service (Service: DynamoDb, Status Code: 400)": "run the same command again",
		"Rooms: something else": "",
	} {
		if got := advice(reason); !strings.Contains(got, says) || (says == "") != (got == "") {
			t.Errorf("%s\n%q", reason, got)
		}
	}
}

// TestInactiveAccount: AWS answers so while an account is new, or its payment method is not accepted.
func TestInactiveAccount(t *testing.T) {
	for _, code := range []string{"OptInRequired", "SubscriptionRequiredException", "NotSignedUp"} {
		err := explain("read the stack", &smithy.GenericAPIError{Code: code, Message: "The AWS Access Key Id needs a subscription"})
		if !strings.Contains(err.Error(), "has not activated") || !strings.Contains(err.Error(), "run the same command again") {
			t.Errorf("%s: %v", code, err)
		}
	}
	err := explain("read the stack", &smithy.GenericAPIError{Code: "UnrecognizedClientException", Message: "invalid token"})
	if !strings.Contains(err.Error(), "enabled the region") {
		t.Error(err)
	}
}
