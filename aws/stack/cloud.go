package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Cloud is an AWS account in a region, with clients.
type Cloud struct {
	Config    aws.Config
	Account   string
	Region    string
	Partition string // aws, aws-cn, aws-us-gov

	cfn    *cloudformation.Client
	s3     *s3.Client
	lambda *lambda.Client
	ddb    *dynamodb.Client
	cdn    *cloudfront.Client
	cw     *cloudwatch.Client
	quotas *servicequotas.Client
}

// Connect finds credentials, region and endpoint as the AWS CLI does (files, AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL,
// roles), and asks AWS which account they belong to.
func Connect(ctx context.Context, region, profile string) (*Cloud, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithSharedConfigProfile(profile))
	if err != nil {
		return nil, explain("read the AWS configuration", err)
	}
	if cfg.Region == "" {
		return nil, errNoRegion
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return nil, noCredentials(ctx, err)
	}
	caller, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, explain("ask AWS who you are", err)
	}
	c := &Cloud{
		Config: cfg, Account: aws.ToString(caller.Account), Region: cfg.Region, Partition: "aws",
		cfn: cloudformation.NewFromConfig(cfg), lambda: lambda.NewFromConfig(cfg), ddb: dynamodb.NewFromConfig(cfg),
		cdn: cloudfront.NewFromConfig(cfg), cw: cloudwatch.NewFromConfig(cfg), quotas: servicequotas.NewFromConfig(cfg),
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = cfg.BaseEndpoint != nil }), // an emulator has one host name
	}
	if parts := strings.Split(aws.ToString(caller.Arn), ":"); len(parts) > 1 {
		c.Partition = parts[1]
	}
	return c, nil
}

func noCredentials(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	known := explain("", err)
	if errors.Is(known, errExpired) {
		return known
	}
	return fmt.Errorf("%w (%w)", errNoCredentials, err)
}

var (
	errNoRegion      = errors.New("no region: choose one with --region (such as eu-central-1) or AWS_REGION")
	errNoCredentials = errors.New("no AWS credentials: sign in (aws configure, or aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID " +
		"and AWS_SECRET_ACCESS_KEY")
)

// objectURL returns the URL of an object for CloudFormation.
func (c *Cloud) objectURL(bucket, key string) string {
	if c.Config.BaseEndpoint != nil {
		return strings.TrimSuffix(*c.Config.BaseEndpoint, "/") + "/" + bucket + "/" + key
	}
	suffix := "amazonaws.com"
	if c.Partition == "aws-cn" {
		suffix += ".cn"
	}
	return fmt.Sprintf("https://s3.%s.%s/%s/%s", c.Region, suffix, bucket, key)
}
