package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/backup"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/awstest"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// bucket makes a bucket in an emulator, and gives its URL. The environment leads to the emulator until the test ends.
func bucket(t *testing.T) string {
	t.Helper()
	endpoint := awstest.Start(t, local.Ministack)
	for k, v := range local.Environment(endpoint) {
		t.Setenv(k, v)
	}
	name := awstest.Unique() + "shipped"
	cfg := world.Must[aws.Config](t)(config.LoadDefaultConfig(t.Context()))
	objects := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	world.Must[*s3.CreateBucketOutput](t)(objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}))
	return "s3://" + name + "/canteen"
}

// TestShipToBucket: a server ships its changes to a bucket, which is verified while it runs, and from which the workspace is restored.
func TestShipToBucket(t *testing.T) {
	url := bucket(t)
	open := world.Must[func() (backup.Place, error)](t)(ships(url))
	w := world.OpenWith(t, world.Options{NoRates: true, Configure: func(c *server.Config) { c.Ship = open }})
	place := world.Must[backup.Place](t)(open())
	generation := ""
	world.Eventually(t, "a generation is there", func() bool {
		dirs := world.Must[[]string](t)(place.List(t.Context(), ""))
		i := slices.IndexFunc(dirs, func(dir string) bool {
			return slices.Contains(world.Must[[]string](t)(place.List(t.Context(), dir)), "generation.json")
		})
		if i >= 0 {
			generation = dirs[i]
		}
		return i >= 0
	})
	w.Say("mira", w.General(), 1, "hello")
	if code, text := said(t, "verify", url); code != 0 || !strings.Contains(text, url+" is whole. Each second from 2") {
		t.Errorf("exit %d, %s", code, text)
	}
	w.Stop()
	data := filepath.Join(t.TempDir(), "restored")
	if code, text := said(t, "restore", url, "--data", data); code != 0 || !strings.Contains(text, "holds the workspace as of 2") {
		t.Fatalf("exit %d, %s", code, text)
	}
	again := world.OpenWith(t, world.Options{Dir: data, Empty: true})
	m := world.Must[wire.Page](t)(client.New(again.URL, w.Token["mira"]).Page(context.Background(), general(t, w, again), nil))
	if len(m.Messages) != 1 || m.Messages[0].Text != "hello" {
		t.Errorf("%+v", m.Messages)
	}
	if err := place.Delete(t.Context(), generation+"/000000001.segment"); err != nil {
		t.Fatal(err)
	}
	if code, text := said(t, "verify", url); code != 1 || !strings.Contains(text, "segment 1 of "+generation+" is missing") {
		t.Errorf("exit %d, %s", code, text)
	}
}

// TestPlaces: what --ship, verify and restore take for a place, and what is said where there is none.
func TestPlaces(t *testing.T) {
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_REGION", "")
	for _, c := range []struct {
		line, says string
		code       int
	}{
		{"serve --ship s3://A/b", `--ship: "s3://A/b" must be s3://BUCKET or s3://BUCKET/PREFIX`, 2},
		{"serve --ship s3://bucket/b --data DIR", "--ship: AWS_REGION must name the region of the bucket", 1},
		{"verify s3://bucket/b", "AWS_REGION must name the region of the bucket", 1},
		{"restore s3://bucket/b --data DIR/none", "AWS_REGION must name the region of the bucket", 1},
		{"restore DIR/none --to 2026-03-02T09:30:00Z", "DIR/none must be what serve --ship wrote to", 2},
	} {
		dir := t.TempDir()
		line, says := strings.ReplaceAll(c.line, "DIR", dir), strings.ReplaceAll(c.says, "DIR", dir)
		if code, text := said(t, strings.Fields(line)...); code != c.code || !strings.Contains(text, says) {
			t.Errorf("canteen %s: exit %d, want %d and %q:\n%s", line, code, c.code, says, text)
		}
	}
}
