package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/origin"
)

// Options say what to deploy and where. A nil pointer keeps the stack's value, or the template's default.
type Options struct {
	Name     string // of the stack; prefix of its tables, functions and logs
	Region   string
	Profile  string // of the AWS configuration files
	Version  string // of this binary, such as v1.2.0; anything else is a custom build
	Template []byte
	Package  []byte // the zip file of the functions
	Pages    fs.FS  // the built web client

	Domain, Certificate                 *string
	AlarmEmail, AlarmWebhook            *string
	MailFrom                            *string // address that digests come from; empty: none are sent
	AccessLogs                          *string // yes or no; nil for a new stack: as its region permits
	Vitals                              *string // on or off
	Boundary                            *string // ARN of the permissions boundary of the roles
	MonthlyBudget, LogRetentionDays     *int
	Architecture, PublicURL, RateLimits *string // for emulators and tests
	MetricMath, Canary                  *string

	RequestQuota bool // request more concurrent functions of AWS

	Downgrade bool // deploy although the version is lower
	Yes       bool // ask nothing
	Data      bool // Destroy: delete the tables too
	Former    bool // Destroy: delete only the tables that restores have replaced
	IfExists  bool // Destroy: no error if there is nothing to remove

	Tables string // prefix of the tables to import (Deploy) or to restore from (Restore), if there are several sets
	Moment string // Restore: RFC 3339
	Backup string // Restore: name of a backup on demand

	Check  CheckStore    // Restore: checks restored tables; nil: nothing is checked
	Setup  SetupStore    // stores the setup secret; nil: no link is made
	Update UpdateStore   // brings stored data to this version; nil: nothing is done
	In     io.Reader     // answers to questions
	Out    io.Writer     // results
	Log    io.Writer     // progress
	HTTP   *http.Client  // for the public URL; nil means a default client
	Poll   time.Duration // between two requests for a state; 0 means 3 s
	Within time.Duration // how long the public URL may take to answer; 0 means 10 min
}

// UpdateStore brings what the tables hold to the version that has been deployed. It may be repeated. tables is the prefix of the table
// names.
type UpdateStore func(ctx context.Context, c *Cloud, tables string) error

// SetupStore stores the hash of the setup link's secret. tables is the prefix of the table names.
type SetupStore func(ctx context.Context, c *Cloud, tables, secret string) error

const (
	defaultPoll   = 3 * time.Second
	defaultWithin = 10 * time.Minute
	maxName       = 36 // a role's name has at most 64 characters; CloudFormation adds up to 25, and cuts longer names
)

// Validate returns all mistakes, one line each, with the flag and what it needs.
func (o Options) Validate() error {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if !regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]*$`).MatchString(o.Name) || len(o.Name) > maxName {
		say("--stack %q: a letter, then letters, digits and hyphens are needed, %d at most, such as canteen", o.Name, maxName)
	}
	if _, err := o.spelled(); err != nil {
		wrong = append(wrong, err)
	}
	if has(o.Domain) && !has(o.Certificate) {
		say("--domain: CloudFront needs a certificate for it; make one in us-east-1 (AWS Certificate Manager) and give its ARN as " +
			"--certificate")
	}
	if has(o.Certificate) && !regexp.MustCompile(`^arn:[a-z-]+:acm:us-east-1:\d{12}:certificate/.+$`).MatchString(*o.Certificate) {
		say("--certificate %q: the ARN of a certificate in us-east-1 is needed, where CloudFront looks for it", *o.Certificate)
	}
	if has(o.AlarmEmail) && !regexp.MustCompile(`^[^@\s]+@[^@\s]+$`).MatchString(*o.AlarmEmail) {
		say("--alarm-email %q: an e-mail address is needed", *o.AlarmEmail)
	}
	if has(o.MailFrom) && !regexp.MustCompile(`^[^@\s<>"]+@[^@\s<>"]+$`).MatchString(*o.MailFrom) {
		say("--mail-from %q: an e-mail address is needed, such as chat@example.com, which is verified in SES", *o.MailFrom)
	}
	if has(o.AlarmWebhook) {
		if u, err := url.Parse(*o.AlarmWebhook); err != nil || u.Scheme != "https" || u.Host == "" {
			say("--webhook %q: an https URL is needed", *o.AlarmWebhook)
		}
	}
	if o.LogRetentionDays != nil && !slices.Contains(logDays(), *o.LogRetentionDays) {
		say("--log-days %d: CloudWatch keeps logs for %s days", *o.LogRetentionDays, strings.Trim(fmt.Sprint(logDays()), "[]"))
	}
	if o.Vitals != nil && *o.Vitals != "on" && *o.Vitals != "off" {
		say("--vitals %q: on or off is needed", *o.Vitals)
	}
	if o.AccessLogs != nil && *o.AccessLogs != "yes" && *o.AccessLogs != "no" {
		say("--access-logs %q: yes or no is needed", *o.AccessLogs)
	}
	if has(o.Boundary) && !regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:policy/.+$`).MatchString(*o.Boundary) {
		say("--boundary %q: the ARN of a managed policy is needed, such as arn:aws:iam::123456789012:policy/canteen-boundary", *o.Boundary)
	}
	if o.MonthlyBudget != nil && *o.MonthlyBudget < 0 {
		say("--monthly-budget %d: 0 (none) or more is needed", *o.MonthlyBudget)
	}
	return errors.Join(wrong...)
}

// takesAccessLogs says whether CloudFront delivers access logs to buckets in a region. It does in those that are enabled in every account.
// Source: Amazon CloudFront Developer Guide, "Standard logging (legacy)".
func takesAccessLogs(region string) bool {
	return slices.Contains([]string{
		"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-central-1", "eu-north-1", "eu-west-1",
		"eu-west-2", "eu-west-3", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
	}, region)
}

// logDays are the retentions that the template allows.
func logDays() []int { return []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731} }

// spelled returns the options with the domain and the public URL as browsers spell them.
func (o Options) spelled() (Options, error) {
	if has(o.Domain) {
		at, err := origin.OfDomain(*o.Domain)
		if err != nil {
			return o, fmt.Errorf("--domain %q: %w", *o.Domain, err)
		}
		o.Domain = &at.Host
	}
	if has(o.PublicURL) {
		at, err := origin.Parse(*o.PublicURL)
		if err != nil {
			return o, fmt.Errorf("--public-url %q: %w", *o.PublicURL, err)
		}
		o.PublicURL = new(at.String())
	}
	return o, nil
}

func has(s *string) bool { return s != nil && *s != "" }

func (o Options) poll() time.Duration {
	if o.Poll > 0 {
		return o.Poll
	}
	return defaultPoll
}

func (o Options) within() time.Duration {
	if o.Within > 0 {
		return o.Within
	}
	return defaultWithin
}

// wait waits for one polling interval.
func (o Options) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return errInterrupted
	case <-time.After(o.poll()):
		return nil
	}
}

// progress prints a line for whoever waits. A failed write does not stop the deployment.
func (o Options) progress(format string, args ...any) {
	if o.Log != nil {
		_, _ = fmt.Fprintf(o.Log, format+"\n", args...)
	}
}
