package stack

import (
	"fmt"
	"net/http"
	"testing"
)

// TestResourcesInPages: CloudFormation lists a hundred resources at a time. Those that a rollback released do not count.
func TestResourcesInPages(t *testing.T) {
	w := newWorld(t, "paged")
	page := func(next, name, status string) *faultResponse {
		return &faultResponse{status: 200, code: fmt.Sprintf(`<R><ListStackResourcesResult>%s<StackResourceSummaries><member>`+
			`<LogicalResourceId>%s</LogicalResourceId><PhysicalResourceId>paged-%[2]s</PhysicalResourceId>`+
			`<ResourceType>AWS::S3::Bucket</ResourceType><ResourceStatus>%s</ResourceStatus></member></StackResourceSummaries>`+
			`</ListStackResourcesResult></R>`, next, name, status)}
	}
	w.faults.inject(func(action string, r *http.Request) *faultResponse {
		switch {
		case action != "ListStackResources":
			return nil
		case r.FormValue("NextToken") == "":
			return page("<NextToken>2</NextToken>", "First", "CREATE_COMPLETE")
		case r.FormValue("NextToken") == "2":
			return page("<NextToken>3</NextToken>", "WebBucket", "UPDATE_COMPLETE")
		default:
			return page("", "Released", "DELETE_SKIPPED")
		}
	}, nil)
	got, err := w.cloud().resources(t.Context(), &state{id: "paged"})
	if err != nil || len(got) != 2 || got["WebBucket"] != (existingResource{"paged-WebBucket", "AWS::S3::Bucket"}) {
		t.Errorf("%v, %v", got, err)
	}
}
