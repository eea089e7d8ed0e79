package table

import (
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const (
	attempts      = 4               // of one request, by the SDK; write retries whole commands beyond that
	answerWithin  = 2 * time.Second // DynamoDB usually answers in milliseconds
	connsPerHost  = 64
	idleConnsLife = 5 * time.Minute // after a freeze a process finds its connections dead and opens new ones
)

// Client makes a DynamoDB client with short time-outs and few retries, so that they fit into [Options].Patience.
func Client(c aws.Config) *dynamodb.Client {
	return dynamodb.NewFromConfig(c, func(o *dynamodb.Options) {
		if c.HTTPClient == nil {
			o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(answerWithin).WithTransportOptions(func(t *http.Transport) {
				t.MaxIdleConnsPerHost, t.IdleConnTimeout = connsPerHost, idleConnsLife
			})
		}
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff, o.RateLimiter = attempts, maxBackoff, ratelimit.None // no retry quota: patience bounds the retries
		})
	})
}
