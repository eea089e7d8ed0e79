package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/internal/awstest"
	"github.com/canteen-chat/canteen/wire"
)

// distribution is a front before the REST function and the bucket of files.
type distribution struct {
	t      *testing.T
	rest   handler
	bucket http.Handler
}

func (d *distribution) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/bodies/") {
		if r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "" {
			d.t.Error("the client sends its credentials to the bucket")
		}
		d.bucket.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	must(d.t, err)
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery, Body: base64.StdEncoding.EncodeToString(body), IsBase64Encoded: true,
		Headers: map[string]string{"x-canteen-origin": "secret", "content-type": r.Header.Get("Content-Type"), "origin": r.Header.Get("Origin")},
		Cookies: strings.Split(r.Header.Get("Cookie"), "; "),
	}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path, e.RequestContext.HTTP.SourceIP = r.Method, r.URL.Path, "127.0.0.1"
	payload, err := json.Marshal(e)
	must(d.t, err)
	answer, err := d.rest.Invoke(r.Context(), payload)
	must(d.t, err)
	var out events.APIGatewayV2HTTPResponse
	must(d.t, json.Unmarshal(answer, &out))
	for name, value := range out.Headers {
		w.Header().Set(name, value)
	}
	for _, c := range out.Cookies {
		w.Header().Add("Set-Cookie", c)
	}
	text := []byte(out.Body)
	if out.IsBase64Encoded {
		text, err = base64.StdEncoding.DecodeString(out.Body)
		must(d.t, err)
	}
	w.WriteHeader(out.StatusCode)
	_, err = w.Write(text)
	must(d.t, err)
}

// TestFiles: a file of several parts goes through the functions and the bucket into a message and out again; when the message is deleted,
// nobody gets it any more, and the jobs delete it.
func TestFiles(t *testing.T) {
	ctx, endpoint, names := t.Context(), awstest.Start(t, local.Ministack), awstest.Unique()
	to, err := url.Parse(endpoint)
	must(t, err)
	bucket := names + "files"
	d := &distribution{t: t, bucket: &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(to)
		p.Out.Host = bucket + ".s3.us-east-1.amazonaws.com"
	}}}
	front := httptest.NewServer(d)
	defer front.Close()
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	store := dynamodb.Open(dynamodb.Options{Client: table.Client(cfg), Prefix: names, Log: slog.New(slog.DiscardHandler)})
	must(t, store.CreateTables(ctx))
	must(t, store.SetSetupSecret(ctx, chat.HashSecret("s")))
	objects := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	_, err = objects.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket})
	must(t, err)
	role := func(name string) handler {
		env := environment(name)
		for k, v := range map[string]string{
			"CANTEEN_TABLES": names, "CANTEEN_URL": front.URL, "CANTEEN_FILES_BUCKET": bucket, "CANTEEN_RATE_LIMITS": "off",
			"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": "",
			"AWS_ENDPOINT_URL": endpoint,
		} {
			env[k] = v
		}
		h, err := serve(func(name string) string { return env[name] }, io.Discard, slog.New(slog.DiscardHandler))
		must(t, err)
		return h
	}
	d.rest = role("rest")
	c := client.New(front.URL, "")
	_, err = c.Setup(ctx, wire.Setup{
		Token: "s", Workspace: "Acme", Name: "Mira", Handle: "mira", Email: "mira@example.com", Password: "a quiet place to eat",
	})
	must(t, err)
	rooms, err := c.Rooms(ctx)
	must(t, err)
	body := make([]byte, 20_000_000)
	_, err = rand.NewChaCha8([32]byte{}).Read(body)
	must(t, err)
	f, err := c.UploadFile(ctx, "soup.bin", "", bytes.NewReader(body), int64(len(body)))
	must(t, err)
	m, err := c.Post(ctx, rooms[0].ID, wire.PostMessage{Files: []string{f.ID}})
	must(t, err)
	var got bytes.Buffer
	must(t, c.Download(ctx, f.ID, &got))
	if !bytes.Equal(got.Bytes(), body) || len(m.Files) != 1 || m.Files[0].ID != f.ID {
		t.Errorf("%d bytes of %d came back; the message is %+v", got.Len(), len(body), m)
	}
	left := func() int {
		out, err := objects.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket})
		must(t, err)
		return len(out.Contents)
	}
	jobs := role("jobs")
	sweep := func() {
		_, err := jobs.Invoke(ctx, []byte(`{"job":"sweep"}`))
		must(t, err)
	}
	if sweep(); left() != 1 {
		t.Errorf("%d bodies while the message is there", left())
	}
	must(t, c.Do(ctx, http.MethodDelete, fmt.Sprintf("/rooms/%s/messages/%d", rooms[0].ID, m.Seq), nil, nil))
	if err := c.Download(ctx, f.ID, io.Discard); err == nil {
		t.Error("the file of a deleted message can be read")
	}
	if sweep(); left() != 0 {
		t.Errorf("%d bodies after the sweep", left())
	}
}
