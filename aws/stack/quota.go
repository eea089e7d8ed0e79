package stack

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
)

const (
	fewFunctions  = 100  // quota of concurrent functions below which deploy warns; new accounts have 10
	manyFunctions = 1000 // what AWS gives to most accounts, and --request-quota requests

	concurrentExecutions = "L-B99A9384" // Lambda's name for the quota
)

// concurrency returns how many functions the account may run at once. If these are few, it warns, or requests more if o.RequestQuota.
func (c *Cloud) concurrency(ctx context.Context, o Options) (int, error) {
	out, err := c.lambda.GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	if err != nil {
		return 0, explain("read the account's quota of functions", err)
	}
	limit := 0
	if out.AccountLimit != nil {
		limit = int(out.AccountLimit.ConcurrentExecutions)
	}
	if limit < fewFunctions {
		o.progress("WARNING: this account may run %d functions at once in %s, as new accounts do. A request beyond that does not wait: it "+
			"gets 503. That is enough for trying, not for a company", limit, c.Region)
	}
	switch {
	case o.RequestQuota:
		return limit, c.requestQuota(ctx, o, limit)
	case limit < fewFunctions:
		o.progress("         With --request-quota this command requests %d (free; takes a day or so)", manyFunctions)
	}
	return limit, nil
}

func (c *Cloud) requestQuota(ctx context.Context, o Options, limit int) error {
	if limit >= manyFunctions {
		o.progress("The account may run %d functions at once: no more were requested", limit)
		return nil
	}
	_, err := c.quotas.RequestServiceQuotaIncrease(ctx, &servicequotas.RequestServiceQuotaIncreaseInput{
		ServiceCode: aws.String("lambda"), QuotaCode: aws.String(concurrentExecutions), DesiredValue: aws.Float64(manyFunctions),
	})
	if hasCode(err, "ResourceAlreadyExistsException") {
		o.progress("More functions were requested before, and AWS has not answered yet (see Service Quotas, Quota request history)")
		return nil
	}
	if err != nil {
		return explain("request more functions at once", err)
	}
	o.progress("Requested %d functions at once. AWS answers by e-mail, within a day or so. Deploy again then, for the alarm's threshold",
		manyFunctions)
	return nil
}
