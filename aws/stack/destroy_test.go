package stack

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// TestNeighbour: a stack whose name begins with another's stays as it is when that one is destroyed with its data, and is not taken for
// what an earlier stack left.
func TestNeighbour(t *testing.T) {
	w := newWorld(t, "next")
	w.must(Deploy)
	other := newWorld(t, "next-b")
	other.must(Deploy)
	store := other.store("next-b-")
	other.settle(store, "hello")
	w.o.Data = true
	w.must(Destroy, "next is gone, data included")
	if got := other.texts(store); !slices.Equal(got, []string{"hello"}) {
		t.Errorf("the room of next-b holds %q", got)
	}
	other.must(Status, "healthy")
	other.must(Deploy)
	other.has(other.log.String(), "nothing to change")
	w.must(Deploy)
	if log := w.log.String(); strings.Contains(log, "An earlier stack") {
		t.Error(log)
	}
}

// TestDestroy keeps the data, a stack of the same name imports it, and --delete-data deletes it.
func TestDestroy(t *testing.T) {
	w := newWorld(t, "passing")
	w.must(Deploy)
	ddb, table := w.cloud().ddb, sdk.String("passing-rooms")
	key := map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "room"}, "sk": &types.AttributeValueMemberS{Value: "-"},
	}
	if _, err := ddb.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: key}); err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"failing\n", "yes\n", ""} { // only the name confirms
		w.o.Yes, w.o.In = false, strings.NewReader(typed)
		w.refuses(Destroy, "not confirmed, nothing was changed")
	}
	w.o.In = strings.NewReader("passing\n")
	w.must(Destroy, "its data was kept: the tables passing-idempotency", "--delete-data", "The empty bucket passing-artifacts-")
	if w.state() != nil {
		t.Error("the stack is still there")
	}
	artifacts := w.cloud().artifactBucket("passing")
	if left, err := w.cloud().objects(t.Context(), artifacts); err != nil || len(left) > 0 {
		t.Errorf("the bucket %s holds %v: %v", artifacts, left, err)
	}
	bucketExists := func() bool {
		_, err := w.cloud().s3.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: &artifacts})
		return err == nil
	}
	if !bucketExists() { // S3 would not give its name back for hours
		t.Errorf("the bucket %s is gone", artifacts)
	}
	w.must(Destroy, "There is no stack passing any more; its data was kept")
	w.o.Yes = true
	w.must(Deploy)
	w.has(w.log.String(), "An earlier stack passing left the tables Idempotency", "imported   Rooms")
	got, err := ddb.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: key})
	if err != nil || got.Item == nil {
		t.Errorf("what was in the table is gone: %v", err)
	}
	w.o.Data = true
	w.must(Destroy, "passing is gone, data included")
	if _, err := ddb.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: table}); !hasCode(err, "ResourceNotFoundException") {
		t.Errorf("the table is still there: %v", err)
	}
	if bucketExists() {
		t.Errorf("the bucket %s is still there", artifacts)
	}
	w.refuses(Destroy, "no stack is called passing")
	w.o.IfExists = true
	w.must(Destroy, "There is nothing called passing")
	w.refuses(Status, "no stack is called passing")
}

// TestNotEmptied: S3 answers 200 also when it deletes only some objects of a request.
func TestNotEmptied(t *testing.T) {
	w := newWorld(t, "sticky")
	w.must(Deploy)
	w.faults.inject(func(action string, _ *http.Request) *faultResponse {
		if strings.HasPrefix(action, "POST /sticky-artifacts-") {
			return &faultResponse{http.StatusOK, "<DeleteResult><Error><Key>functions/1.zip</Key><Code>AccessDenied</Code>" +
				"<Message>Access Denied</Message></Error></DeleteResult>", ""}
		}
		return nil
	}, nil)
	w.refuses(Destroy, "empty the bucket sticky-artifacts-", "functions/1.zip", "AccessDenied")
}

// TestLogsThatComeLate: CloudFront delivers a log while the stack is being deleted. CloudFormation deletes no bucket with something in it,
// and the deletion is repeated once the bucket is empty again.
func TestLogsThatComeLate(t *testing.T) {
	w := newWorld(t, "late")
	w.must(Deploy)
	c := w.cloud()
	existing, err := c.resources(t.Context(), w.state())
	if err != nil {
		t.Fatal(err)
	}
	bucket, deletions, run := existing["LogBucket"].name, 0, ""
	put := func() {
		in := &s3.PutObjectInput{Bucket: &bucket, Key: sdk.String("cloudfront/E1.gz"), Body: strings.NewReader("a request")}
		if _, err := c.s3.PutObject(t.Context(), in); err != nil {
			t.Errorf("put a log: %v", err)
		}
	}
	w.faults.inject(func(action string, r *http.Request) *faultResponse {
		switch {
		case action == "DeleteStack":
			if deletions++; deletions > 1 {
				run = ""
				return nil
			}
			run = r.FormValue("ClientRequestToken")
			put()
			return &faultResponse{status: 200, code: "<DeleteStackResponse></DeleteStackResponse>"}
		case action == "DescribeStackEvents" && run != "":
			return &faultResponse{status: 200, code: fmt.Sprintf("<R><DescribeStackEventsResult><StackEvents><member><EventId>1</EventId>"+
				"<ClientRequestToken>%s</ClientRequestToken><LogicalResourceId>LogBucket</LogicalResourceId><ResourceStatus>DELETE_FAILED"+
				"</ResourceStatus></member></StackEvents></DescribeStackEventsResult></R>", run)}
		}
		return nil
	}, func(action, body string) string {
		if run != "" && (action == "DescribeStacks" || action == "ListStackResources") {
			return strings.ReplaceAll(body, "CREATE_COMPLETE<", "DELETE_FAILED<")
		}
		return body
	})
	put()
	w.must(Destroy, "late is gone")
	if left, err := c.objects(t.Context(), bucket); err != nil || len(left) > 0 || deletions != 2 {
		t.Errorf("%d deletions; the bucket holds %v, %v", deletions, left, err)
	}
}

// TestDestroyAgain: an interrupted run left one table that is being deleted, and one whose protection is being removed.
func TestDestroyAgain(t *testing.T) {
	w := newWorld(t, "again")
	w.must(Deploy)
	tries := map[string]int{}
	w.faults.inject(func(action string, _ *http.Request) *faultResponse {
		tries[action]++
		switch {
		case action == "UpdateTable" && tries[action] == 1:
			return &faultResponse{400, "com.amazonaws.dynamodb.v20120810#ResourceInUseException", "Table is being deleted"}
		case action == "DeleteTable" && tries[action] == 1:
			return &faultResponse{
				400, "com.amazon.coral.validate#ValidationException",
				"Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
			}
		case action == "DeleteTable" && tries[action] == 2:
			return &faultResponse{400, "com.amazonaws.dynamodb.v20120810#ResourceInUseException", "Table is being deleted"}
		}
		return nil
	}, nil)
	w.o.Data = true
	w.must(Destroy, "again is gone, data included")
}
