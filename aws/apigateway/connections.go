package apigateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Connections is the Poster of a deployed WebSocket API. It sends signed requests to @connections.
type Connections struct {
	o      ConnectionsOptions
	signer *v4.Signer
	http   *http.Client
}

// ConnectionsOptions name the API and the caller. All but Host and Clock are required.
type ConnectionsOptions struct {
	Endpoint    string // with the stage: "https://abc.execute-api.eu-central-1.amazonaws.com/ws"
	Host        string // Host header, if it is not the endpoint's host
	Region      string
	Credentials aws.CredentialsProvider
	Clock       func() time.Time
}

const (
	idleConnections = 2 * maxConcurrentPosts
	idleFor         = 50 * time.Second // API Gateway closes idle connections after a minute
	dialWithin      = time.Second
)

// NewConnections makes a Poster. It does no I/O.
func NewConnections(o ConnectionsOptions) *Connections {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	t := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: dialWithin}).DialContext,
		TLSHandshakeTimeout: dialWithin, ForceAttemptHTTP2: true,
		MaxIdleConns: idleConnections, MaxIdleConnsPerHost: idleConnections, MaxConnsPerHost: idleConnections, IdleConnTimeout: idleFor,
	}
	return &Connections{o, v4.NewSigner(), &http.Client{Transport: t, Timeout: postTimeout}}
}

// Post implements Poster.
func (c *Connections) Post(ctx context.Context, id string, frame []byte) error {
	return c.send(ctx, http.MethodPost, id, frame)
}

// Delete implements Poster.
func (c *Connections) Delete(ctx context.Context, id string) error {
	return c.send(ctx, http.MethodDelete, id, nil)
}

func (c *Connections) send(ctx context.Context, method, id string, body []byte) error {
	// Ids end in "=", which url.PathEscape would not encode. AWS's own clients encode it, and the signature covers that
	// form.
	req, err := http.NewRequestWithContext(ctx, method, c.o.Endpoint+"/@connections/"+url.QueryEscape(id), bytes.NewReader(body))
	if err != nil {
		return err
	}
	if c.o.Host != "" {
		req.Host = c.o.Host
	}
	credentials, err := c.o.Credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("credentials for @connections: %w", err)
	}
	sum := sha256.Sum256(body)
	if err := c.signer.SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), "execute-api", c.o.Region, c.o.Clock()); err != nil {
		return fmt.Errorf("sign a request to @connections: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 4<<10)) // a body that is read to its end lets the connection be reused
	if closed := resp.Body.Close(); err == nil {
		err = closed
	}
	if resp.StatusCode >= 300 {
		return StatusError(resp.StatusCode)
	}
	return err
}
