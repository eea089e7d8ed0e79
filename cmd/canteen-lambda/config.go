package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/canteen-chat/canteen/origin"
)

// config is the configuration, read from the environment.
type config struct {
	role      string
	tables    string        // prefix of the table names
	url       origin.Origin // at which browsers reach the distribution
	secret    string        // shared secret: the CloudFront distribution sends it with every request
	api       string        // id of the WebSocket API
	stage     string        // stage of the WebSocket API
	suffix    string        // DNS suffix of AWS in this partition
	namespace string        // namespace of the metrics
	stack     string        // dimension of the metrics
	bucket    string        // holds the bodies of files
	mailFrom  string        // address that e-mails come from; empty: there is no mail
	limits    bool
	vitals    bool // browsers report how fast the page is
	region    string
	endpoint  string // URL of an emulator; empty: AWS
	who       aws.Credentials
}

// read reads the configuration from the environment. Its error names every missing variable.
func read(env func(string) string) (config, error) {
	or := func(name, other string) string {
		if v := env(name); v != "" {
			return v
		}
		return other
	}
	c := config{
		role: env("CANTEEN_ROLE"), tables: env("CANTEEN_TABLES"), secret: env("CANTEEN_ORIGIN_SECRET"),
		api: env("CANTEEN_SOCKETS_API"), stage: or("CANTEEN_SOCKETS_STAGE", "ws"), suffix: or("CANTEEN_URL_SUFFIX", "amazonaws.com"),
		namespace: or("CANTEEN_METRICS_NAMESPACE", "Canteen"), stack: env("CANTEEN_STACK"), limits: env("CANTEEN_RATE_LIMITS") != "off",
		vitals: env("CANTEEN_VITALS") != "off",
		bucket: env("CANTEEN_FILES_BUCKET"), mailFrom: env("CANTEEN_MAIL_FROM"),
		region: or("AWS_REGION", env("AWS_DEFAULT_REGION")), endpoint: strings.TrimSuffix(env("AWS_ENDPOINT_URL"), "/"),
		who: aws.Credentials{
			AccessKeyID: env("AWS_ACCESS_KEY_ID"), SecretAccessKey: env("AWS_SECRET_ACCESS_KEY"), SessionToken: env("AWS_SESSION_TOKEN"),
			Source: "environment",
		},
	}
	needs := map[string]string{
		"CANTEEN_URL": env("CANTEEN_URL"), "CANTEEN_STACK": c.stack, "CANTEEN_TABLES": c.tables, "AWS_REGION": c.region,
		"AWS_ACCESS_KEY_ID": c.who.AccessKeyID, "AWS_SECRET_ACCESS_KEY": c.who.SecretAccessKey,
	}
	if c.role != "fanout" {
		needs["CANTEEN_ORIGIN_SECRET"] = c.secret
	}
	if c.role == "rest" || c.role == "jobs" {
		needs["CANTEEN_FILES_BUCKET"] = c.bucket
	}
	if c.role == "socket" || c.role == "fanout" {
		needs["CANTEEN_SOCKETS_API"] = c.api
	}
	var errs []error
	for _, name := range []string{
		"CANTEEN_TABLES", "CANTEEN_URL", "CANTEEN_STACK", "CANTEEN_ORIGIN_SECRET", "CANTEEN_SOCKETS_API", "CANTEEN_FILES_BUCKET", "AWS_REGION",
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
	} {
		if v, needed := needs[name]; needed && v == "" {
			errs = append(errs, fmt.Errorf("%s is not set (the CloudFormation template sets it)", name))
		}
	}
	if url := env("CANTEEN_URL"); url != "" {
		var err error
		if c.url, err = origin.Parse(url); err != nil {
			errs = append(errs, fmt.Errorf("CANTEEN_URL %q: %w", url, err))
		}
	}
	return c, errors.Join(errs...)
}

// Retrieve implements aws.CredentialsProvider with the credentials that Lambda sets in the environment.
func (c config) Retrieve(context.Context) (aws.Credentials, error) { return c.who, nil }

// connections is the endpoint that frames for connections are posted to. host is set only for emulators, which select the API
// by the Host header.
func (c config) connections() (endpoint, host string, err error) {
	if c.endpoint == "" {
		return fmt.Sprintf("https://%s.execute-api.%s.%s/%s", c.api, c.region, c.suffix, c.stage), "", nil
	}
	u, err := url.Parse(c.endpoint)
	if err != nil {
		return "", "", fmt.Errorf("AWS_ENDPOINT_URL: %w", err)
	}
	host = c.api + ".execute-api.localhost"
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	return c.endpoint + "/" + c.stage, host, nil
}
