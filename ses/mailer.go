// Package ses sends e-mails by Amazon Simple Email Service. It is the mail.Mailer on AWS.
//
// Source of requests and errors: Amazon SES API v2 Reference, SendEmail. SES writes Date and Message-ID itself.
//
// The package imports mail and the AWS SDK's signer.
package ses

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/canteen-chat/canteen/mail"
)

// Options name the caller. All but Endpoint are required.
type Options struct {
	Region      string
	Suffix      string // DNS suffix of AWS in this partition
	Endpoint    string // of an emulator; empty: AWS
	Credentials aws.CredentialsProvider
	Clock       func() time.Time
}

// Mailer implements mail.Mailer.
type Mailer struct {
	o      Options
	signer *v4.Signer
	http   *http.Client
}

const sendWithin = 15 * time.Second

// New makes a Mailer. It does no I/O.
func New(o Options) *Mailer {
	o.Endpoint = cmp.Or(o.Endpoint, "https://email."+o.Region+"."+o.Suffix)
	return &Mailer{o, v4.NewSigner(), &http.Client{Timeout: sendWithin}}
}

type content struct {
	Data    string
	Charset string
}

func utf8(s string) content { return content{s, "UTF-8"} }

type header struct{ Name, Value string }

// request is the body of SendEmail.
type request struct {
	FromEmailAddress string
	Destination      struct{ ToAddresses []string }
	Content          struct {
		Simple struct {
			Subject content
			Body    struct{ Text, Html content }
			Headers []header
		}
	}
}

// Send implements mail.Mailer. SES answers before it delivers: it learns later that an address is refused, and then suppresses the address
// itself. So Send never answers mail.ErrRefused.
func (m *Mailer) Send(ctx context.Context, msg mail.Message) error {
	from, to, subject, headers, err := msg.Parts()
	if err != nil {
		return err
	}
	var in request
	in.FromEmailAddress, in.Destination.ToAddresses = from, []string{to}
	in.Content.Simple.Subject = utf8(subject)
	in.Content.Simple.Body.Text, in.Content.Simple.Body.Html = utf8(msg.Text), utf8(msg.HTML)
	for _, h := range headers {
		in.Content.Simple.Headers = append(in.Content.Simple.Headers, header{h[0], h[1]})
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return m.post(ctx, body)
}

func (m *Mailer) post(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.o.Endpoint+"/v2/email/outbound-emails", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	credentials, err := m.o.Credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("credentials for SES: %w", err)
	}
	sum := sha256.Sum256(body)
	if err := m.signer.SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), "ses", m.o.Region, m.o.Clock()); err != nil {
		return fmt.Errorf("sign a request to SES: %w", err)
	}
	resp, err := m.http.Do(req)
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return fmt.Errorf("connect to SES: %w", err)
	}
	if err != nil { // it may have arrived
		return fmt.Errorf("%w: SES: %w", mail.ErrUncertain, err)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 16<<10))
	err = errors.Join(err, resp.Body.Close())
	switch {
	case resp.StatusCode == http.StatusOK: // taken, even if the rest of the answer is lost
		return nil
	case resp.StatusCode >= http.StatusInternalServerError && err == nil:
		return fmt.Errorf("SES answered %d", resp.StatusCode)
	case err != nil:
		return fmt.Errorf("SES answered %d: %w", resp.StatusCode, err)
	}
	return fmt.Errorf("SES answered %d %s", resp.StatusCode, kind(resp.Header, answer))
}

// kind is the name of the error, such as MessageRejected. The rest of the answer may contain addresses.
func kind(h http.Header, answer []byte) string {
	var e struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal(answer, &e) // the answer of a proxy, say, has no type
	return regexp.MustCompile(`\w*(Exception|Rejected|Denied)\w*`).FindString(cmp.Or(h.Get("X-Amzn-ErrorType"), e.Type))
}
