package stack

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// TestBucketTaken: nothing is put into a bucket of another account.
func TestBucketTaken(t *testing.T) {
	w := newWorld(t, "late")
	for _, how := range []func(action string, r *http.Request) *faultResponse{
		func(action string, r *http.Request) *faultResponse {
			if r.Method == http.MethodHead {
				return &faultResponse{403, "Forbidden", ""}
			}
			return nil
		},
		func(action string, r *http.Request) *faultResponse {
			if r.Method == http.MethodPut && strings.Contains(action, "/late-artifacts-") {
				return &faultResponse{409, "BucketAlreadyExists", "The requested bucket name is not available."}
			}
			return nil
		},
	} {
		w.faults.inject(how, nil)
		w.refuses(Deploy, "is taken by another account", "nothing may be put there")
	}
}

// TestBucketNameNotGivenBack: after a bucket was deleted, S3 refuses its name for up to hours. Deploy waits, and then says what to do.
func TestBucketNameNotGivenBack(t *testing.T) {
	w := newWorld(t, "returning")
	tries, refusals := 0, 3
	w.faults.inject(func(action string, r *http.Request) *faultResponse {
		makes := r.Method == http.MethodPut && r.URL.RawQuery == "" && strings.Count(strings.Trim(action, "/"), "/") == 1
		if makes && strings.Contains(action, "/returning-artifacts-") {
			if tries++; tries <= refusals {
				return &faultResponse{409, "OperationAborted", "A conflicting conditional operation is currently in progress against this " +
					"resource. Please try again."}
			}
		}
		return nil
	}, nil)
	if _, err := w.cloud().ensureBuckets(t.Context(), w.o); err != nil || tries != refusals+1 {
		t.Errorf("%v after %d tries", err, tries)
	}
	w.has(w.log.String(), "Wait until S3 gives back the name")
	if err := w.cloud().removeBuckets(t.Context(), w.o); err != nil {
		t.Fatal(err)
	}
	refusals, w.o.Within = 1<<20, 100*time.Millisecond
	w.refuses(Deploy, "S3 has not given back the name returning-artifacts-", "in an hour")
}

// TestArtifactBucketOfOneStack: no two stacks share a bucket, its name is valid, and the printed policy matches it by the
// stack's name.
func TestArtifactBucketOfOneStack(t *testing.T) {
	c, seen := &Cloud{Partition: "aws", Account: "123456789012", Region: "eu-central-1"}, map[string]bool{}
	for _, stack := range []string{"canteen", "Canteen", "canteen-pr-1", "canteen-artifacts", "a" + strings.Repeat("B", maxName-1)} {
		name := c.artifactBucket(stack)
		if seen[name] || !regexp.MustCompile(`^[a-z][a-z0-9-]{2,62}$`).MatchString(name) ||
			!strings.HasPrefix(name, strings.ToLower(stack)+"-artifacts-") {
			t.Errorf("the bucket of %s is %s", stack, name)
		}
		seen[name] = true
	}
}

// TestArtifacts: each file is uploaded once, with the checksum of the whole; an interrupted upload leaves nothing.
func TestArtifacts(t *testing.T) {
	w := newWorld(t, "twice")
	c := w.cloud()
	bucket, err := c.ensureBuckets(t.Context(), w.o)
	if err != nil {
		t.Fatal(err)
	}
	put := func(ctx context.Context) (string, error) {
		return c.upload(ctx, w.o, bucket, "functions", ".zip", []byte("one of a kind"))
	}
	ctx, stop := context.WithCancel(t.Context())
	w.faults.inject(func(_ string, r *http.Request) *faultResponse {
		if r.Method != http.MethodPut {
			return nil
		}
		if r.Header.Get("X-Amz-Checksum-Sha256") == "" {
			t.Error("it goes up without a checksum")
		}
		stop()
		return &faultResponse{500, "InternalError", "cut off"}
	}, nil)
	if _, err := put(ctx); !errors.Is(err, errInterrupted) {
		t.Errorf("cut off, it says %v", err)
	}
	w.faults.inject(nil, nil)
	key, err := put(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if calls := w.faults.called(); len(calls) != 2 {
		t.Errorf("half of it was there: %v", calls)
	}
	w.faults.inject(nil, nil)
	if again, err := put(t.Context()); again != key || err != nil {
		t.Errorf("%s, %v", again, err)
	}
	if calls := w.faults.called(); len(calls) != 1 {
		t.Errorf("it was uploaded again: %v", calls)
	}
	if _, err := c.s3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key}); err != nil {
		t.Error(err)
	}
}
