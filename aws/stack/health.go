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
)

const (
	answerWithin = 20 * time.Second // of one request: a function may start cold, behind a CloudFront that is new
	maxAnswer    = 1 << 20
)

// healthy waits until the workspace answers through its public URL: page, API and sockets. due says that the first run is.
func (o Options) healthy(ctx context.Context, st *state) (due bool, err error) {
	url := st.outputs["Url"]
	o.progress("Wait for %s", url)
	end := time.Now().Add(o.within())
	for {
		due, unnamed, err := o.reach(ctx, st)
		if err == nil {
			if unnamed {
				o.progress("%s is not known to the DNS yet; it works at https://%s", st.domain(), st.outputs["DistributionDomain"])
			}
			return due, nil
		}
		if ctx.Err() != nil {
			return false, errInterrupted
		}
		if time.Now().After(end) {
			return false, fmt.Errorf("%s does not work after %s: %w. The stack stands; canteen aws status says more, and the same "+
				"command tries again", url, o.within(), err)
		}
		if err := o.wait(ctx); err != nil {
			return false, err
		}
	}
}

// reach asks once: through the distribution's own name where that of the operator is not known to the DNS, which is unnamed. Whom
// it is to point at she learns only from the first deployment.
func (o Options) reach(ctx context.Context, st *state) (due, unnamed bool, err error) {
	url := st.outputs["Url"]
	due, err = o.probe(ctx, url, url)
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound && st.domain() != "" {
		due, err = o.probe(ctx, "https://"+st.outputs["DistributionDomain"], url)
		return due, err == nil, err
	}
	return due, false, err
}

// domain is the operator's own name of the workspace, "" when it has none.
func (s *state) domain() string {
	if name := s.parameters["DomainName"]; s.outputs["Url"] == "https://"+name && s.outputs["DistributionDomain"] != "" {
		return name
	}
	return ""
}

// probe asks once at an address. public is the URL that the functions know of themselves.
func (o Options) probe(ctx context.Context, url, public string) (due bool, err error) {
	if status, _, err := o.get(ctx, url+"/readyz", nil); err != nil || status != http.StatusOK {
		return false, wrong("the API", status, err)
	}
	status, body, err := o.get(ctx, url+"/api/v1/workspace", nil)
	if err != nil || status != http.StatusOK {
		return false, wrong("the API", status, err)
	}
	var workspace struct {
		Setup bool `json:"setup"`
	}
	if err := json.Unmarshal(body, &workspace); err != nil {
		return false, fmt.Errorf("the API answers with something else than a workspace: %w", err)
	}
	if status, body, err = o.get(ctx, url+"/", nil); err != nil || status != http.StatusOK || !strings.Contains(string(body), "<html") {
		return false, wrong("the page", status, errors.Join(err, notPage(status)))
	}
	return workspace.Setup, o.refused(ctx, url, public)
}

// refused is an error unless sockets are refused as they must be. CloudFront and the gateway say 403 too, of a secret that is
// wrong or a stage that is missing: that a page of our own, signed in as nobody, gets 401 is what only the function says.
func (o Options) refused(ctx context.Context, url, public string) error {
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
		if err != nil || status != ask.right {
			return wrong(fmt.Sprintf("the socket, asked from %s (%d is right),", ask.from, ask.right), status, err)
		}
	}
	return nil
}

func notPage(status int) error {
	if status == http.StatusOK {
		return errors.New("it answers with something else than the page")
	}
	return nil
}

func wrong(what string, status int, err error) error {
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
		return resp.StatusCode, nil, nil // whose body is the socket
	}
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return resp.StatusCode, body, err
}
