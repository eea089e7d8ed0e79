package stack

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"
)

var errInterrupted = errors.New("interrupted; AWS continues what it began. Run the same command again to follow it")

// explain turns an error of AWS into a sentence. doing says what failed, such as "read the stack".
func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return errInterrupted
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return credentialsError(doing, err)
	}
	switch code := api.ErrorCode(); {
	case slices.Contains(deniedCodes(), code):
		return fmt.Errorf("%s: %s. Rights for deploying: canteen aws deploy --print-policy (docs/aws.md)", doing,
			missingRight(api.ErrorMessage()))
	case slices.Contains([]string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}, code):
		return errExpired
	case slices.Contains([]string{
		"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthFailure",
	}, code):
		return errors.New("AWS does not know these credentials: check the access key and its secret, or choose others with --profile. " +
			"The account must also have enabled the region")
	case slices.Contains([]string{"OptInRequired", "SubscriptionRequiredException", "NotSignedUp"}, code):
		return fmt.Errorf("%s: %s", doing, inactive)
	default:
		return fmt.Errorf("%s: AWS says %s: %s", doing, code, api.ErrorMessage())
	}
}

var errExpired = errors.New("the credentials have expired: sign in again (aws sso login, or however you got them), then run the same " +
	"command")

const inactive = "AWS has not activated this account yet, which takes up to a day and needs a payment method that AWS accepts. When AWS " +
	"has written that the account is ready, run the same command again"

// credentialsError explains errors that occurred before AWS answered.
func credentialsError(doing string, err error) error {
	var profile config.SharedConfigProfileNotExistError
	var sso *ssocreds.InvalidTokenError
	switch {
	case errors.As(err, &profile):
		return fmt.Errorf("there is no profile %q in the AWS configuration files: choose another with --profile or AWS_PROFILE (aws "+
			"configure list-profiles names them)", profile.Profile)
	case errors.As(err, &sso):
		return errExpired
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}

func deniedCodes() []string {
	return []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden", "AuthorizationError", "NotAuthorized"}
}

// missingRight extracts the action from AWS's message, its only source.
func missingRight(said string) string {
	m := regexp.MustCompile(`perform:? (\S+?)[.,]?(?: on resource:? (\S+))?(?: |$)`).FindStringSubmatch(said)
	switch {
	case m == nil:
		return "AWS refused: " + said
	case m[2] != "":
		return fmt.Sprintf("the right %s is missing, on %s", m[1], m[2])
	default:
		return fmt.Sprintf("the right %s is missing", m[1])
	}
}

// hasCode says whether AWS answered with one of these codes.
func hasCode(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}

// advice says what to do about a failure of a resource that has a known cause. CloudFormation gives only texts.
func advice(reason string) string {
	switch {
	case strings.Contains(reason, "account must be verified"):
		return ". AWS does not let this account use CloudFront yet, as with many new accounts. Open a case with AWS Support (Account and " +
			"billing, free of charge) and quote this message; when they have answered, run the same command again"
	case strings.Contains(reason, "needs a subscription for the service"):
		return ". " + inactive
	case strings.Contains(reason, "CNAMEs you provided are already associated"):
		return ". Another distribution, perhaps of another account, has the domain. Remove the name there, then run the same command again"
	case strings.Contains(reason, "iam:CreateRole") || strings.Contains(reason, "iam:PutRolePolicy"):
		return ". The rights of --print-policy are for roles with a permissions boundary: name it with --boundary"
	case strings.Contains(reason, "alarm") && (strings.HasPrefix(reason, "RestLive") || strings.HasPrefix(reason, "SocketLive")):
		return ". The new version failed while it got a tenth of the requests; the former version gets all again. See the log " +
			"groups rest and socket of the stack"
	default:
		return ""
	}
}
