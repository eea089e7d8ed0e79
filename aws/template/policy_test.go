package template

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	maxPolicy = 6144 // characters of a managed policy without white space, IAM's limit
	account   = "123456789012"
)

type statement struct {
	Sid              string
	Action, Resource any
	Condition        map[string]any
}

// statements returns those of policies for a stack.
func statements(t *testing.T, stack string, names ...string) []statement {
	t.Helper()
	var all []statement
	for _, name := range names {
		b, err := Policy(name, stack)
		if err != nil {
			t.Fatal(err)
		}
		b = []byte(strings.ReplaceAll(string(b), "ACCOUNT", account))
		var p struct{ Statement []statement }
		if err := json.Unmarshal(b, &p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p.Statement...)
	}
	return all
}

// allow says whether one of the statements allows the action on a resource, its condition apart. IAM ignores the case of actions.
func allow(all []statement, action, arn string) bool {
	return slices.ContainsFunc(all, func(s statement) bool {
		named := slices.ContainsFunc(listed(s.Action), func(a any) bool { return strings.EqualFold(fmt.Sprint(a), action) })
		return named && slices.ContainsFunc(listed(s.Resource), func(r any) bool { return like(fmt.Sprint(r), arn) })
	})
}

// like compares an ARN with a pattern as IAM does.
func like(pattern, arn string) bool {
	expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^" + expression + "$").MatchString(arn)
}

// arns returns the names that a resource of a stack has in IAM.
func arns(name string, r node, stack string, d document) []string {
	in := func(service, rest string) []string {
		return []string{"arn:aws:" + service + ":eu-central-1:" + account + ":" + rest}
	}
	given := func(v any) string {
		return strings.NewReplacer("${AWS::StackName}", stack, "${AWS::Region}", "eu-central-1").Replace(fmt.Sprint(object(v)["Fn::Sub"]))
	}
	generated := stack + "-" + name + "-1A2B3C4D5E6F"
	switch p := r.Properties; r.Type {
	case "AWS::DynamoDB::Table":
		return in("dynamodb", "table/"+given(p["TableName"]))
	case "AWS::Lambda::Function":
		arn := in("lambda", "function:"+given(p["FunctionName"]))[0]
		return []string{arn, arn + ":1"}
	case "AWS::Lambda::Permission", "AWS::Lambda::Version", "AWS::Lambda::Alias":
		called := fmt.Sprint(object(p["FunctionName"])["Ref"], object(p["FunctionName"])["Fn::GetAtt"])
		called = strings.NewReplacer("<nil>", "", ".Arn", "", "Live", "").Replace(called)
		return arns("", d.Resources[called], stack, d)
	case "AWS::Lambda::EventSourceMapping":
		return in("lambda", "event-source-mapping:5e6f")
	case "AWS::CodeDeploy::Application":
		return in("codedeploy", "application:"+given(p["ApplicationName"]))
	case "AWS::CodeDeploy::DeploymentGroup":
		return []string{
			in("codedeploy", "deploymentgroup:"+stack+".canary/"+fmt.Sprint(p["DeploymentGroupName"]))[0],
			in("codedeploy", "application:"+stack+".canary")[0],
			in("codedeploy", "deploymentconfig:CodeDeployDefault.LambdaCanary10Percent5Minutes")[0],
		}
	case "AWS::IAM::Role":
		return []string{"arn:aws:iam::" + account + ":role/" + generated}
	case "AWS::Logs::LogGroup":
		group := in("logs", "log-group:"+given(p["LogGroupName"]))[0]
		return []string{group, group + ":*"}
	case "AWS::SQS::Queue":
		return in("sqs", generated)
	case "AWS::SQS::QueuePolicy":
		return in("sqs", stack+"-DeadLetters-1A2B3C4D5E6F")
	case "AWS::SNS::Topic":
		return in("sns", generated)
	case "AWS::SNS::TopicPolicy", "AWS::SNS::Subscription":
		return in("sns", stack+"-Alarms-1A2B3C4D5E6F")
	case "AWS::Events::Rule":
		return in("events", "rule/"+generated)
	case "AWS::S3::Bucket":
		return []string{"arn:aws:s3:::" + strings.ToLower(generated)}
	case "AWS::S3::BucketPolicy":
		return []string{"arn:aws:s3:::" + strings.ToLower(stack) + "-webbucket-1a2b3c4d5e6f"}
	case "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm":
		return in("cloudwatch", "alarm:"+given(p["AlarmName"]))
	case "AWS::CloudWatch::Dashboard":
		return []string{"arn:aws:cloudwatch::" + account + ":dashboard/" + given(p["DashboardName"])}
	case "AWS::Budgets::Budget":
		return []string{"arn:aws:budgets::" + account + ":budget/" + given(object(p["Budget"])["BudgetName"])}
	}
	if _, kind, ok := strings.Cut(r.Type, "AWS::CloudFront::"); ok {
		return []string{"arn:aws:cloudfront::" + account + ":" + strings.ToLower(kind) + "/E1"}
	}
	if strings.HasPrefix(r.Type, "AWS::ApiGatewayV2::") {
		return []string{"arn:aws:apigateway:eu-central-1::/apis/a1", "arn:aws:apigateway:eu-central-1::/apis"}
	}
	return nil
}

// isUnneeded says whether a handler's right is for something that the template does not use. The key is a right, all rights of a
// service, or a type and a right.
func isUnneeded(kind, right string) bool {
	service, _, _ := strings.Cut(right, ":")
	return slices.ContainsFunc(unneeded(), func(s string) bool { return s == right || s == service+":" || s == kind+" "+right })
}

func unneeded() []string {
	return []string{
		"ec2:", "elasticfilesystem:", "s3files:", "kinesis:", "firehose:", "s3tables:", // no network, file system, or stream of Kinesis
		"AWS::Lambda::Function kms:Decrypt", "AWS::Lambda::Function kms:Encrypt", "kms:GenerateDataKey", // no key for variables or filters
		"AWS::Lambda::EventSourceMapping kms:Decrypt",
		"lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency", "lambda:GetCodeSigningConfig", "lambda:PutFunctionCodeSigningConfig",
		"lambda:DeleteFunctionCodeSigningConfig", "lambda:GetLayerVersion", "lambda:PutRuntimeManagementConfig",
		"lambda:PutFunctionRecursionConfig",
		"lambda:PutFunctionScalingConfig", "lambda:PassCapacityProvider", "lambda:AssociateRuntimeAlias",
		"lambda:PutProvisionedConcurrencyConfig",
		"lambda:DeleteProvisionedConcurrencyConfig", "codedeploy:RegisterOnPremisesInstance",
		"s3:GetObjectVersion", // the package is an object without versions
		"logs:PutDataProtectionPolicy", "logs:DeleteResourcePolicy", "logs:PutIndexPolicy",
		"logs:DeleteIndexPolicy", "logs:AssociateKmsKey", "logs:DisassociateKmsKey", "logs:PutBearerTokenAuthentication",
		"logs:PutLogGroupDeletionProtection", "s3:REST.PUT.OBJECT",
		"sns:PutDataProtectionPolicy",
		"dynamodb:DescribeImport", "dynamodb:ImportTable", "dynamodb:UpdateContributorInsights", "dynamodb:EnableKinesisStreamingDestination",
		"dynamodb:DisableKinesisStreamingDestination", "dynamodb:UpdateKinesisStreamingDestination", "dynamodb:PutResourcePolicy",
		"dynamodb:DeleteResourcePolicy", "dynamodb:CreateTableReplica", "dynamodb:AssociateTableReplica", "dynamodb:Scan", // no copies elsewhere
		"AWS::DynamoDB::Table iam:CreateServiceLinkedRole", "s3:GetObjectMetadata",
		"AWS::DynamoDB::Table logs:CreateLogStream", "AWS::DynamoDB::Table logs:DescribeLogStreams", "AWS::DynamoDB::Table logs:PutLogEvents",
		"iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription", // policies are within the roles
		"iam:DeleteRolePermissionsBoundary", // who deploys must not take it away
		"cloudfront:CreateConnectionGroup", "cloudfront:GetConnectionGroup", "cloudfront:GetVpcOrigin",
		"cloudfront:UpdateDistributionWithStagingConfig",
		"cloudfront:CreateDistributionWithTags", // an operation; its rights are CreateDistribution and TagResource
		"s3:PutBucketAbac", "s3:PutAnalyticsConfiguration", "s3:PutBucketCORS", "s3:PutInventoryConfiguration", "s3:PutMetricsConfiguration",
		"s3:PutBucketNotification", "s3:PutBucketReplication", "s3:PutBucketWebsite", "s3:PutAccelerateConfiguration",
		"s3:PutReplicationConfiguration", "s3:PutObjectAcl", "s3:PutBucketAcl", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketLogging",
		"s3:PutBucketVersioning", "s3:PutObjectLockConfiguration", "s3:PutIntelligentTieringConfiguration",
		"s3:CreateBucketMetadataTableConfiguration", "s3:DeleteBucketMetadataTableConfiguration",
		"s3:UpdateBucketMetadataJournalTableConfiguration", "s3:UpdateBucketMetadataInventoryTableConfiguration",
		"s3:UpdateBucketMetadataAnnotationTableConfiguration", "s3:DeleteBucketWebsite", "s3:DeleteBucketAnalyticsConfiguration",
		"s3:DeleteBucketCors", "s3:DeleteBucketMetricsConfiguration", "s3:DeleteBucketReplication",
		"s3:DeleteBucketEncryption", "s3:DeleteBucketLifecycle", // operations; their rights are those to put
	}
}

// TestPolicySuffices: whoever deploys may do what CloudFormation's handlers do for the template, to every resource of the stack.
// The data are from CloudFormation's resource schemas: see scripts/aws/handlers.py.
func TestPolicySuffices(t *testing.T) {
	b, err := os.ReadFile("testdata/handlers.json")
	if err != nil {
		t.Fatal(err)
	}
	var handlers struct {
		Types map[string]map[string][]string
	}
	if err := json.Unmarshal(b, &handlers); err != nil {
		t.Fatal(err)
	}
	d, asked := load(t), map[string]bool{}
	for _, stack := range []string{"canteen", "a", "Canteen-pr-12"} {
		all := statements(t, stack, "program", "data", "services")
		for name, r := range d.Resources {
			names := arns(name, r, stack, d)
			if len(names) == 0 || handlers.Types[r.Type] == nil {
				t.Fatalf("%s is a %s: say here which names it has, and run scripts/aws/handlers.py", name, r.Type)
			}
			for _, rights := range handlers.Types[r.Type] {
				for _, right := range rights {
					asked[right], asked[r.Type+" "+right], asked[right[:strings.Index(right, ":")+1]] = true, true, true
					if !isUnneeded(r.Type, right) && !may(all, right, names) {
						t.Errorf("the policies lack %s on %v, which CloudFormation needs for %s", right, names, name)
					}
				}
			}
		}
	}
	for _, right := range unneeded() {
		if !asked[right] {
			t.Errorf("no handler asks for %s any more", right)
		}
	}
}

// may says whether a right on a resource is there. If the right is one of another service, it need be there on something only.
func may(all []statement, right string, names []string) bool {
	service, _, _ := strings.Cut(right, ":")
	if strings.HasPrefix(names[0], "arn:aws:"+service+":") {
		return slices.ContainsFunc(names, func(arn string) bool { return allow(all, right, arn) })
	}
	return slices.ContainsFunc(all, func(s statement) bool {
		return slices.ContainsFunc(listed(s.Action), func(a any) bool { return strings.EqualFold(fmt.Sprint(a), right) })
	})
}

// TestPolicyOfOneStack: the rights for canteen are no rights for canteen-b. CloudFront and API Gateway name what they have by
// numbers, so their rights cannot be limited to a stack.
func TestPolicyOfOneStack(t *testing.T) {
	d, all := load(t), statements(t, "canteen", Policies()...)
	named := regexp.MustCompile(`^AWS::(CloudFront|ApiGatewayV2)::|^AWS::Lambda::EventSourceMapping$`)
	for _, stack := range []string{"canteen-b", "canteenb", "b-canteen", "canteen-rest", "Canteen"} {
		for name, r := range d.Resources {
			if named.MatchString(r.Type) {
				continue
			}
			for _, arn := range arns(name, r, stack, d) {
				if strings.Contains(arn, "deploymentconfig:CodeDeployDefault.") {
					continue // AWS's own
				}
				if strings.EqualFold(stack, "canteen") && strings.HasPrefix(arn, "arn:aws:s3:") {
					continue // names of buckets are in lower case
				}
				for _, s := range all {
					for _, pattern := range listed(s.Resource) {
						if pattern != "*" && s.Sid != "LookAtAlarms" && like(fmt.Sprint(pattern), arn) {
							t.Errorf("%s for canteen reaches %s of %s: %s", s.Sid, name, stack, arn)
						}
					}
				}
			}
		}
	}
}

// TestPolicyOfBuckets: whoever deploys may put what the deployer puts into the buckets that are not part of the stack, and reach the bodies
// of files for a migration.
func TestPolicyOfBuckets(t *testing.T) {
	all := statements(t, "canteen", "program", "data", "services")
	for _, bucket := range []string{"canteen-artifacts-0123456789abcdef", "canteen-files-0123456789abcdef"} {
		for action, arn := range map[string]string{
			"s3:CreateBucket": bucket, "s3:PutLifecycleConfiguration": bucket, "s3:ListBucket": bucket, "s3:PutObject": bucket + "/bodies/x",
			"s3:GetObject": bucket + "/bodies/x", "s3:DeleteObject": bucket + "/bodies/x", "s3:AbortMultipartUpload": bucket + "/bodies/x",
		} {
			if !allow(all, action, "arn:aws:s3:::"+arn) {
				t.Errorf("the policies lack %s on %s", action, arn)
			}
			if other := "arn:aws:s3:::canteen-b" + strings.TrimPrefix(arn, "canteen"); allow(all, action, other) {
				t.Errorf("the policies allow %s on %s of another stack", action, other)
			}
		}
	}
}

// TestPolicyForm: policies list rights, fit into IAM's limit, and name everything only for what cannot be limited.
func TestPolicyForm(t *testing.T) {
	unlimited := map[string]bool{"Look": true, "StreamOfCommits": true, "KeyOfTables": true, "LookAtTables": true}
	for _, name := range Policies() {
		b, err := Policy(name, strings.Repeat("a", 36))
		if err != nil {
			t.Fatal(err)
		}
		bare := regexp.MustCompile(`\s`).ReplaceAllString(strings.ReplaceAll(string(b), "ACCOUNT", account), "")
		if len(bare) > maxPolicy {
			t.Errorf("%s has %d characters, IAM allows %d", name, len(bare), maxPolicy)
		}
		for _, s := range statements(t, "canteen", name) {
			if everything := slices.Contains(listed(s.Resource), any("*")); everything != unlimited[s.Sid] {
				t.Errorf("%s of %s is for everything: %v", s.Sid, name, everything)
			}
			for _, a := range listed(s.Action) {
				if strings.ContainsAny(fmt.Sprint(a), "*?") {
					t.Errorf("%v is more than a list of rights", a)
				}
			}
		}
	}
}

// TestBoundary: whoever deploys can make and change only roles that have the boundary, cannot take it away or change it, and the
// boundary allows what the functions need and nothing of IAM.
func TestBoundary(t *testing.T) {
	const boundary = "arn:aws:iam::" + account + ":policy/canteen-boundary"
	for _, s := range statements(t, "canteen", "program", "data", "services") {
		for _, a := range listed(s.Action) {
			right := fmt.Sprint(a)
			gives := slices.Contains([]string{"iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"}, right)
			if gives && text(s.Condition) != `{"ArnEquals":{"iam:PermissionsBoundary":"`+boundary+`"}}` {
				t.Errorf("%s needs no boundary: %s", right, text(s.Condition))
			}
			if slices.Contains([]string{"iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion"}, right) {
				t.Errorf("with %s the boundary can be evaded", right)
			}
		}
	}
	d, within := load(t), statements(t, "canteen", "boundary")
	for name, role := range of(d, "AWS::IAM::Role") {
		const given = `{"Fn::If":["HasBoundary",{"Ref":"PermissionsBoundary"},{"Ref":"AWS::NoValue"}]}`
		if got := text(role.Properties["PermissionsBoundary"]); got != given {
			t.Errorf("%s has the boundary %s", name, got)
		}
		for _, p := range policiesOf(role) {
			for _, s := range listed(object(object(p)["PolicyDocument"])["Statement"]) {
				for _, a := range listed(object(s)["Action"]) {
					for _, to := range listed(object(s)["Resource"]) {
						if arn := arnOf(t, d, to); !allow(within, fmt.Sprint(a), arn) {
							t.Errorf("the boundary keeps %s from %v on %s", name, a, arn)
						}
					}
				}
			}
		}
	}
	for _, s := range within {
		for _, a := range listed(s.Action) {
			service, _, _ := strings.Cut(fmt.Sprint(a), ":")
			program := allow([]statement{s}, fmt.Sprint(a), "arn:aws:s3:::canteen-artifacts-0123456789abcdef/functions/1.zip")
			if slices.Contains([]string{"iam", "sts", "cloudformation"}, service) || program {
				t.Errorf("the boundary allows %v", a)
			}
		}
	}
}

// arnOf resolves a resource of a role's statement for the stack canteen.
func arnOf(t *testing.T, d document, v any) string {
	t.Helper()
	inner := regexp.MustCompile(`\$\{(\w+)\.Arn\}`)
	stream := map[string]string{"StreamArn": "/stream/2026-11-29T22:00:00.000"}
	if at, ok := object(v)["Fn::GetAtt"]; ok {
		name, attribute, _ := strings.Cut(fmt.Sprint(at), ".")
		return arns(name, d.Resources[name], "canteen", d)[0] + stream[attribute]
	}
	sub, ok := object(v)["Fn::Sub"].(string)
	if !ok {
		t.Fatalf("%s is neither a resource nor a name", text(v))
	}
	sub = inner.ReplaceAllStringFunc(sub, func(m string) string {
		name := inner.FindStringSubmatch(m)[1]
		return arns(name, d.Resources[name], "canteen", d)[0]
	})
	return strings.NewReplacer("${AWS::Partition}", "aws", "${AWS::Region}", "eu-central-1", "${AWS::AccountId}", account,
		"${SocketApi}", "a1b2", "${FilesBucket}", "canteen-files-0123456789abcdef", "${MailFrom}", "chat@example.com", "${MailDomain}", "example.com", "*", "x").Replace(sub)
}
