package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/canteen-chat/canteen/origin"
)

const (
	answerWithin = 20 * time.Second // of one request: function and CloudFront may start cold
	maxAnswer    = 1 << 20
)

// health is what a successful check found.
type health struct {
	due     bool   // the workspace is not set up
	unnamed bool   // the DNS does not know the operator's own name yet; it was checked at the distribution's
	doubt   string // what sockets answered, if it was not what the function answers
}

// awaitHealthy waits until page, API and sockets answer at the public URL, and until hears says that a socket there hears an event. It
// accepts doubtful answers only after a tenth of the time: until then a cause may be that something is not there yet.
func (o Options) awaitHealthy(ctx context.Context, st *state, hears func(context.Context) error) (due bool, err error) {
	url := st.outputs["Url"]
	o.progress("Wait for %s", url)
	began := time.Now()
	for {
		h, err := o.checkPublicURL(ctx, st)
		if err == nil && !h.unnamed { // the functions know the operator's own name alone
			err = hears(ctx)
		}
		if err == nil && (h.doubt == "" || time.Since(began) > o.within()/10) {
			if h.unnamed {
				o.progress("%s is not known to the DNS yet; it works at https://%s, but whether messages arrive at once can be checked only "+
					"when it is known: then run the same command again", st.domain(), st.outputs["DistributionDomain"])
			}
			if h.doubt != "" {
				o.progress("WARNING: %s. Open the page and check that a message appears in a second window", h.doubt)
			}
			return h.due, nil
		}
		if ctx.Err() != nil {
			return false, errInterrupted
		}
		if time.Since(began) > o.within() {
			return false, fmt.Errorf("%s does not work after %s: %w. The stack itself is complete. See canteen aws status, or run "+
				"the same command again", url, o.within(), err)
		}
		if err := o.wait(ctx); err != nil {
			return false, err
		}
	}
}

// hears gives a check that a socket at the public URL hears an event, which the scheduled job makes: it goes through the table, its
// stream, the fan-out and the gateway.
func (c *Cloud) hears(name string) func(context.Context) error {
	return func(ctx context.Context) error {
		out, err := c.lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(name + "-jobs")})
		if err != nil {
			return explain("ask the scheduled job for a check", err)
		}
		var answer struct {
			Error string `json:"error"`
		}
		if err := json.Unmarshal(out.Payload, &answer); err != nil || out.FunctionError != nil {
			return fmt.Errorf("the scheduled job fails: %.200s", out.Payload)
		}
		if answer.Error != "" {
			return errors.New(answer.Error)
		}
		return nil
	}
}

// checkPublicURL checks once. If the DNS does not know the operator's own name yet, it uses the distribution's name: the operator
// learns the target of the name only from the first deployment.
func (o Options) checkPublicURL(ctx context.Context, st *state) (health, error) {
	public, err := origin.Parse(st.outputs["Url"])
	if err != nil {
		return health{}, fmt.Errorf("URL of the stack: %w", err)
	}
	h, err := o.probe(ctx, public.String(), public.String())
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound && st.domain() != "" {
		h, err = o.probe(ctx, "https://"+st.outputs["DistributionDomain"], public.String())
		h.unnamed = true
	}
	return h, err
}

// domain returns the operator's own name of the workspace, or "".
func (s *state) domain() string {
	if name := s.parameters["DomainName"]; s.outputs["Url"] == "https://"+name && s.outputs["DistributionDomain"] != "" {
		return name
	}
	return ""
}

// probe checks once at an address. public is the public URL that the functions are configured with.
func (o Options) probe(ctx context.Context, url, public string) (health, error) {
	if status, _, err := o.get(ctx, url+"/readyz", nil); err != nil || status != http.StatusOK {
		return health{}, unexpected("the API", status, err)
	}
	status, body, err := o.get(ctx, url+"/api/v1/workspace", nil)
	if err != nil || status != http.StatusOK {
		return health{}, unexpected("the API", status, err)
	}
	var workspace struct {
		Setup bool `json:"setup"`
	}
	if err := json.Unmarshal(body, &workspace); err != nil {
		return health{}, fmt.Errorf("the API did not answer with a workspace: %w", err)
	}
	if status, body, err = o.get(ctx, url+"/", nil); err != nil || status != http.StatusOK || !strings.Contains(string(body), "<html") {
		return health{}, unexpected("the page", status, errors.Join(err, notPage(status)))
	}
	doubt, err := o.checkRefusals(ctx, url, public)
	return health{due: workspace.Setup, doubt: doubt}, err
}

// checkRefusals checks that sockets are refused. The function answers 403 to another origin, and 401 to our own page without a session.
// CloudFront and the gateway also answer 403 if the secret is wrong or the stage is missing, and the gateway may replace the function's
// status by another. So other refusals are doubtful, and anything else is wrong.
func (o Options) checkRefusals(ctx context.Context, url, public string) (doubt string, err error) {
	for _, ask := range []struct {
		from, origin string
		right        int
	}{
		{"another origin", "https://elsewhere.invalid", http.StatusForbidden},
		{"its own page, signed in as nobody", public, http.StatusUnauthorized},
	} {
		status, _, err := o.get(ctx, url+"/ws", http.Header{
			"Origin": {ask.origin}, "Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
			"Sec-Websocket-Key": {"Y2FudGVlbiBpcyB3ZWxsLg=="},
		})
		wrong := unexpected(fmt.Sprintf("the socket, asked from %s (%d is right),", ask.from, ask.right), status, err)
		switch {
		case err != nil || status < http.StatusBadRequest:
			return "", wrong
		case status != ask.right && doubt == "":
			doubt = wrong.Error()
		}
	}
	return doubt, nil
}

func notPage(status int) error {
	if status == http.StatusOK {
		return errors.New("the answer is not the page")
	}
	return nil
}

func unexpected(what string, status int, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s answers %d", what, status)
}

func (o Options) get(ctx context.Context, url string, header http.Header) (status int, body []byte, err error) {
	ctx, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	client := o.HTTP
	if client == nil {
		client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp.StatusCode, nil, nil // the body is the socket
	}
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return resp.StatusCode, body, err
}
