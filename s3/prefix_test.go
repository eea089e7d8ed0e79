package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/internal/placetest"
)

// TestPrefix: a prefix of a bucket keeps the contract of places, beside what else the bucket has.
func TestPrefix(t *testing.T) {
	o := open(t)
	other, err := NewPrefix(o.Config, "s3://"+o.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Put(t.Context(), "shippedtoo/a", strings.NewReader("another's")); err != nil {
		t.Fatal(err)
	}
	placetest.Run(t, func(t testing.TB) backup.Place {
		p, err := NewPrefix(o.Config, "s3://"+o.Bucket+"/canteen/shipped/")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}, piece)
	if dirs, err := other.List(t.Context(), ""); err != nil || fmt.Sprint(dirs) != "[canteen shippedtoo]" {
		t.Errorf("the bucket has %q, %v", dirs, err)
	}
	uploads, err := other.client.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &o.Bucket})
	if err != nil || len(uploads.Uploads) > 0 {
		t.Errorf("%d uploads were left: %v", len(uploads.Uploads), err)
	}
}

// TestManyAreDeleted: a directory goes with more files than one answer lists.
func TestManyAreDeleted(t *testing.T) {
	o := open(t)
	p, err := NewPrefix(o.Config, "s3://"+o.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 1003 {
		if err := p.Put(t.Context(), fmt.Sprint("a/", n), strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := p.List(t.Context(), "a"); err != nil || len(names) != 1003 {
		t.Errorf("%d files, %v", len(names), err)
	}
	if err := p.Delete(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	if dirs, err := p.List(t.Context(), ""); err != nil || len(dirs) > 0 {
		t.Errorf("the bucket has %q, %v", dirs, err)
	}
}

// TestPrefixURL: what names a prefix, and what does not.
func TestPrefixURL(t *testing.T) {
	for url, want := range map[string]string{
		"s3://bucket": "bucket ", "s3://bucket/": "bucket ", "s3://bucket/a/b": "bucket a/b/", "s3://bucket/a/b/": "bucket a/b/",
		"s3://": "", "s3://B": "", "s3:///a": "", "s3://bucket//a": "", "/mnt/other": "", "s3:bucket": "",
	} {
		got := ""
		p, err := NewPrefix(aws.Config{Region: "us-east-1"}, url)
		if err == nil {
			got = p.bucket + " " + p.prefix
		}
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", url, got, err)
		}
	}
}

// TestPrefixErrors: an error names what was done with what; a missing bucket is no missing file.
func TestPrefixErrors(t *testing.T) {
	o := open(t)
	p, err := NewPrefix(o.Config, "s3://"+o.Bucket+"none/p")
	if err != nil {
		t.Fatal(err)
	}
	_, lists := p.List(context.Background(), "")
	_, opens := p.Open(context.Background(), "a/1")
	for what, err := range map[string]error{
		"write": p.Put(context.Background(), "a/1", strings.NewReader("x")), "list": lists, "read": opens,
	} {
		if err == nil || !strings.HasPrefix(err.Error(), what+" s3://"+o.Bucket+"none/p/") || errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
