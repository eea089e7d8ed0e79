package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/disk"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/internal/awstest"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/server"
)

// TestMigrate moves a workspace from a data directory into a stack's tables (here a store in memory) and back into another
// directory. The copied users are there; a repeated move is noticed; a move into a workspace that has changed is refused.
func TestMigrate(t *testing.T) {
	ctx := context.Background()
	here, back := filepath.Join(t.TempDir(), "here"), filepath.Join(t.TempDir(), "back")
	add := func(args ...string) (int, string) {
		var out, err bytes.Buffer
		code := run(ctx, append([]string{"user", "add", "--name", "Mira", "--password-stdin"}, args...),
			streams{strings.NewReader("a quiet place to eat\n"), &out, &err})
		return code, out.String() + err.String()
	}
	if code, said := add("--data", here, "--email", "mira@example.com", "--handle", "mira", "--role", "owner"); code != 0 {
		t.Fatal(said)
	}
	body := func(dir, want string) {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, "files", "aaaaaaaaaaaa"))
		if err != nil || string(b) != want {
			t.Errorf("the file in %s: %q, %v", dir, b, err)
		}
	}
	if err := errors.Join(os.MkdirAll(filepath.Join(here, "files"), 0o700),
		os.WriteFile(filepath.Join(here, "files", "aaaaaaaaaaaa"), []byte("soup"), 0o600)); err != nil {
		t.Fatal(err)
	}
	tables := model.New(nil)
	bucket, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	move := func(c awsMigrate, in string) (string, error) {
		var out, err bytes.Buffer
		c.Stack = "acme"
		failed := c.move(ctx, streams{strings.NewReader(in), &out, &err}, slog.New(slog.DiscardHandler), tables, bucket)
		return out.String() + err.String(), failed
	}
	if _, err := move(awsMigrate{From: here}, "no\n"); err == nil || !strings.Contains(err.Error(), "--yes") {
		t.Errorf("not confirmed: %v", err)
	}
	if said, err := move(awsMigrate{From: here}, "acme\n"); err != nil || !strings.Contains(said, "users") {
		t.Fatalf("to AWS: %v\n%s", err, said)
	}
	if said, err := move(awsMigrate{From: here, Yes: true}, ""); err != nil || !strings.Contains(said, "moved already") {
		t.Errorf("to AWS again: %v\n%s", err, said)
	}
	if said, err := move(awsMigrate{To: back, Yes: true}, ""); err != nil {
		t.Fatalf("back: %v\n%s", err, said)
	}
	body(back, "soup")
	code, said := add("--data", back, "--email", "mira@example.com", "--handle", "another", "--role", "member")
	if code != 1 || !strings.Contains(said, "email") {
		t.Errorf("an e-mail address that is taken: %s", said)
	}
	if _, err := move(awsMigrate{From: back, Yes: true}, ""); err != nil {
		t.Errorf("a copy of the copy: %v", err)
	}
	if code, said := add("--data", back, "--email", "ada@example.com", "--handle", "ada", "--role", "member"); code != 0 {
		t.Error(said)
	}
	if _, err := move(awsMigrate{From: back, Yes: true}, ""); err == nil || !strings.Contains(err.Error(), "users (2 and 1)") {
		t.Errorf("a workspace that has changed since: %v", err)
	}
}

// TestMigrateAWS runs the whole command against tables in an emulator.
func TestMigrateAWS(t *testing.T) {
	endpoint, name := awstest.Start(t, local.Ministack), strings.TrimSuffix(awstest.Unique(), "-")
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
	} {
		t.Setenv(k, v)
	}
	ctx, here, back := context.Background(), filepath.Join(t.TempDir(), "here"), filepath.Join(t.TempDir(), "back")
	canteen := func(args ...string) (int, string) {
		var out, err bytes.Buffer
		code := run(ctx, args, streams{strings.NewReader("a quiet place to eat\n"), &out, &err})
		return code, out.String() + err.String()
	}
	must := func(args ...string) string {
		t.Helper()
		code, said := canteen(args...)
		if code != 0 {
			t.Fatalf("%v: %s", args, said)
		}
		return said
	}
	must("user", "add", "--data", here, "--name", "Mira", "--email", "mira@example.com", "--handle", "mira", "--role", "owner",
		"--password-stdin")
	must("token", "add", "--data", here, "--user", "mira", "--name", "ci")
	code, said := canteen("aws", "migrate", "--from", here, "--stack", name, "--yes")
	if code != 1 || !strings.Contains(said, "canteen aws deploy") {
		t.Errorf("a stack that does not exist: %d, %s", code, said)
	}
	cloud, err := stack.Connect(ctx, "", "")
	if err != nil {
		t.Fatal(err)
	}
	tables := dynamodb.Open(dynamodb.Options{Client: table.Client(cloud.Config), Prefix: name + "-", Log: slog.New(slog.DiscardHandler)})
	if err := tables.CreateTables(ctx); err != nil {
		t.Fatal(err)
	}
	client := s3.NewFromConfig(cloud.Config, func(o *s3.Options) { o.UsePathStyle = true })
	bucket := cloud.FilesBucket(name)
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.MkdirAll(filepath.Join(here, "files"), 0o700),
		os.WriteFile(filepath.Join(here, "files", "aaaaaaaaaaaa"), []byte("soup"), 0o600)); err != nil {
		t.Fatal(err)
	}
	must("aws", "migrate", "--from", here, "--stack", name, "--yes")
	if said := must("aws", "migrate", "--from", here, "--stack", name, "--yes"); !strings.Contains(said, "moved already") {
		t.Errorf("again: %s", said)
	}
	must("aws", "migrate", "--to", back, "--stack", name, "--yes")
	must("token", "add", "--data", back, "--user", "mira", "--name", "another")
	if b, err := os.ReadFile(filepath.Join(back, "files", "aaaaaaaaaaaa")); err != nil || string(b) != "soup" {
		t.Errorf("the file came back as %q, %v", b, err)
	}
}

// TestMigrateNothing: a missing directory is not created, and a directory in use is not touched.
func TestMigrateNothing(t *testing.T) {
	ctx, log := context.Background(), slog.New(slog.DiscardHandler)
	var out bytes.Buffer
	s := streams{strings.NewReader(""), &out, &out}
	missing := filepath.Join(t.TempDir(), "missing")
	err := awsMigrate{From: missing, Yes: true}.move(ctx, s, log, model.New(nil), nil)
	if err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("a missing directory: %v", err)
	}
	if _, err := os.Stat(missing); !os.IsNotExist(err) {
		t.Errorf("the missing directory was created: %v", err)
	}
	used := t.TempDir()
	_, done, err := server.OpenStore(ctx, used, true, log)
	if err != nil {
		t.Fatal(err)
	}
	err = awsMigrate{From: used, Yes: true}.move(ctx, s, log, model.New(nil), nil)
	if err == nil || !strings.Contains(err.Error(), "stop the server") {
		t.Errorf("a directory in use: %v", err)
	}
	if err := done(); err != nil {
		t.Error(err)
	}
	files, err := fs.Glob(os.DirFS(used), "canteen.db*")
	if err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
}

// TestMigrateOneWay: exactly one of --from and --to is required.
func TestMigrateOneWay(t *testing.T) {
	for args, ok := range map[string]bool{
		"--stack acme --from a": true, "--stack acme --to a --region eu-central-1 --profile p --yes": true,
		"--stack acme": false, "--stack acme --from a --to b": false, "--from a": false,
	} {
		parser, err := kong.New(&awsMigrate{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(strings.Fields(args)); (err == nil) != ok {
			t.Errorf("%s: %v", args, err)
		}
	}
}
