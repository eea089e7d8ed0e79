package dynamodb

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
	attempts      = 4               // of one request, by the SDK; commands have their own patience beyond
	answerWithin  = 2 * time.Second // DynamoDB answers in milliseconds: what takes longer is lost
	connsPerHost  = 64
	idleConnsLife = 5 * time.Minute // a frozen process finds dead ones and opens others
)

// Client is a client as this package wants it: it gives a request up soon and asks again, within the patience of a command.
func Client(c aws.Config) *dynamodb.Client {
	return dynamodb.NewFromConfig(c, func(o *dynamodb.Options) {
		if c.HTTPClient == nil {
			o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(answerWithin).WithTransportOptions(func(t *http.Transport) {
				t.MaxIdleConnsPerHost, t.IdleConnTimeout = connsPerHost, idleConnsLife
			})
		}
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff, o.RateLimiter = attempts, maxBackoff, ratelimit.None // patience bounds what is spent
		})
	})
}
