package stack

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	assembly "github.com/canteen-chat/canteen/aws/template"
)

// TestRightsOfTheDeployer: the printed policies contain the right for every operation that this package calls.
func TestRightsOfTheDeployer(t *testing.T) {
	var policies strings.Builder
	for _, name := range assembly.Policies() {
		b, err := assembly.Policy(name, "canteen")
		if err != nil {
			t.Fatal(err)
		}
		policies.Write(b)
	}
	services := map[string]string{
		"cfn": "cloudformation", "cloudformation": "cloudformation", "ddb": "dynamodb", "cdn": "cloudfront", "cw": "cloudwatch",
		"quotas": "servicequotas", "dynamodb": "dynamodb",
	}
	rights := map[string]string{ // of operations that are called otherwise
		"s3:HeadBucket": "s3:ListBucket", "s3:ListObjectsV2": "s3:ListBucket", "s3:HeadObject": "s3:GetObject",
		"s3:DeleteObjects": "s3:DeleteObject", "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
		"s3:PutBucketEncryption": "s3:PutEncryptionConfiguration", "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
		"lambda:Invoke": "lambda:InvokeFunction",
	}
	call := regexp.MustCompile(`c\.(cfn|s3|lambda|ddb|cdn|cw|quotas)\.([A-Z]\w+)\(|\b(cloudformation|s3|dynamodb)\.New(\w+)Paginator\(`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range call.FindAllStringSubmatch(string(b), -1) {
			service := m[1] + m[3]
			operation := cmp.Or(services[service], service) + ":" + m[2] + m[4]
			if right := cmp.Or(rights[operation], operation); !strings.Contains(policies.String(), `"`+right+`"`) {
				t.Errorf("%s calls %s, and no policy has %s", file, operation, right)
			}
			found++
		}
	}
	if found < 25 {
		t.Errorf("%d calls: the test looks in the wrong place", found)
	}
}
