package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// config is what the environment says.
type config struct {
	role      string
	tables    string // prefix of their names
	url       string // the public one
	secret    string // that the distribution sends
	api       string // id of the WebSocket API
	stage     string // of it
	suffix    string // of the host names of AWS, in this partition
	namespace string // of metrics
	stack     string // their dimension
	limits    bool
	region    string
	endpoint  string // of an emulator; empty: AWS
	who       aws.Credentials
}

// read takes the configuration from the environment, and says all that is missing at once.
func read(env func(string) string) (config, error) {
	or := func(name, other string) string {
		if v := env(name); v != "" {
			return v
		}
		return other
	}
	c := config{
		role: env("CANTEEN_ROLE"), tables: env("CANTEEN_TABLES"), url: strings.TrimSuffix(env("CANTEEN_URL"), "/"),
		secret: env("CANTEEN_ORIGIN_SECRET"),
		api:    env("CANTEEN_SOCKETS_API"), stage: or("CANTEEN_SOCKETS_STAGE", "ws"), suffix: or("CANTEEN_URL_SUFFIX", "amazonaws.com"),
		namespace: or("CANTEEN_METRICS_NAMESPACE", "Canteen"), stack: env("CANTEEN_STACK"), limits: env("CANTEEN_RATE_LIMITS") != "off",
		region: or("AWS_REGION", env("AWS_DEFAULT_REGION")), endpoint: strings.TrimSuffix(env("AWS_ENDPOINT_URL"), "/"),
		who: aws.Credentials{
			AccessKeyID: env("AWS_ACCESS_KEY_ID"), SecretAccessKey: env("AWS_SECRET_ACCESS_KEY"), SessionToken: env("AWS_SESSION_TOKEN"),
			Source: "environment",
		},
	}
	needs := map[string]string{"CANTEEN_URL": c.url, "CANTEEN_STACK": c.stack}
	if c.role != "jobs" {
		needs["CANTEEN_TABLES"], needs["AWS_REGION"], needs["AWS_ACCESS_KEY_ID"] = c.tables, c.region, c.who.AccessKeyID
		needs["AWS_SECRET_ACCESS_KEY"] = c.who.SecretAccessKey
	}
	if c.role == "rest" || c.role == "socket" {
		needs["CANTEEN_ORIGIN_SECRET"] = c.secret
	}
	if c.role == "socket" || c.role == "fanout" {
		needs["CANTEEN_SOCKETS_API"] = c.api
	}
	var errs []error
	for _, name := range []string{
		"CANTEEN_TABLES", "CANTEEN_URL", "CANTEEN_STACK", "CANTEEN_ORIGIN_SECRET", "CANTEEN_SOCKETS_API", "AWS_REGION", "AWS_ACCESS_KEY_ID",
		"AWS_SECRET_ACCESS_KEY",
	} {
		if v, needed := needs[name]; needed && v == "" {
			errs = append(errs, fmt.Errorf("%s is not set: the template of the stack sets it", name))
		}
	}
	return c, errors.Join(errs...)
}

// Retrieve implements aws.CredentialsProvider: those of the environment, which Lambda has put there.
func (c config) Retrieve(context.Context) (aws.Credentials, error) { return c.who, nil }

// connections is where frames are posted, and the host they are posted to where that is not the URL's: emulators know their
// APIs by host.
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
