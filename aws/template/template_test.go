package template

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// node is one resource as plain values. Ref, GetAtt and Sub are maps with one key, as in JSON.
type node struct {
	Type           string
	Condition      string
	DeletionPolicy string
	DependsOn      any
	UpdatePolicy   any
	Properties     map[string]any
}

type document struct {
	Parameters map[string]map[string]any
	Resources  map[string]node
	Outputs    map[string]any
}

// load reads the template. It refuses what CloudFormation does not support: anchors, aliases and merges.
func load(t *testing.T) document {
	t.Helper()
	b, err := Template()
	if err != nil {
		t.Fatal(err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(b, &root); err != nil {
		t.Fatal(err)
	}
	plain(t, &root)
	j, err := json.Marshal(decode(t, &root))
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(j, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Resources) < 50 {
		t.Fatalf("only %d resources were found: the test looks in the wrong place", len(d.Resources))
	}
	return d
}

func plain(t *testing.T, n *yaml.Node) {
	t.Helper()
	if n.Anchor != "" || n.Kind == yaml.AliasNode || n.Tag == "!!merge" {
		t.Errorf("line %d: CloudFormation knows no anchors, aliases or merges", n.Line)
	}
	name, short := strings.CutPrefix(n.Tag, "!")
	if short && !strings.HasPrefix(name, "!") { // !Ref x is {Ref: x}
		key := "Fn::" + name
		if name == "Ref" || name == "Condition" {
			key = name
		}
		inner := *n
		inner.Tag = ""
		inner.Style &^= yaml.TaggedStyle
		if inner.Kind == yaml.ScalarNode {
			inner.Tag = "!!str"
		}
		*n = yaml.Node{
			Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line,
			Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, &inner},
		}
		plain(t, &inner)
		return
	}
	for _, c := range n.Content {
		plain(t, c)
	}
}

func decode(t *testing.T, n *yaml.Node) any {
	t.Helper()
	var v map[string]any
	if err := n.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func of(d document, kind string) map[string]node {
	out := map[string]node{}
	for name, r := range d.Resources {
		if r.Type == kind {
			out[name] = r
		}
	}
	return out
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(b))
}

// listed returns a list for a value that may also stand alone.
func listed(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

func object(v any) map[string]any {
	m, ok := v.(map[string]any)
	if !ok {
		return map[string]any{}
	}
	return m
}

// policiesOf are the policies of a role, those included that only some stacks have.
func policiesOf(role node) []any {
	var out []any
	for _, p := range listed(role.Properties["Policies"]) {
		if condition := object(p)["Fn::If"]; condition != nil {
			p = listed(condition)[1]
		}
		out = append(out, p)
	}
	return out
}

// TestRights: each function has its own role, without rights to all resources, without Scan, and without wildcard actions.
func TestRights(t *testing.T) {
	d := load(t)
	roles := map[string]string{}
	for name, f := range of(d, "AWS::Lambda::Function") {
		role := text(f.Properties["Role"])
		if other, taken := roles[role]; taken {
			t.Errorf("%s and %s share the role %s", name, other, role)
		}
		roles[role] = name
	}
	statements := 0
	for name, role := range of(d, "AWS::IAM::Role") {
		if role.Properties["ManagedPolicyArns"] != nil {
			t.Errorf("%s has a policy that somebody else writes", name)
		}
		for _, p := range policiesOf(role) {
			for _, s := range listed(object(object(p)["PolicyDocument"])["Statement"]) {
				statements++
				for _, r := range listed(object(s)["Resource"]) {
					if r == "*" || r == nil {
						t.Errorf("%s: %s may do it to everything", name, text(s))
					}
				}
				for _, a := range listed(object(s)["Action"]) {
					if action := fmt.Sprint(a); strings.Contains(action, "*") || strings.Contains(action, "Scan") {
						t.Errorf("%s may %s", name, action)
					}
				}
			}
		}
	}
	if len(roles) != 4 || statements < 12 {
		t.Errorf("%d functions with roles, %d statements: the test looks in the wrong place", len(roles), statements)
	}
}

// TestTables: the tables are those of the store. Data outlives the stack, is protected from deletion, and can be restored;
// connections need not be.
func TestTables(t *testing.T) {
	want := map[string]string{} // table → ttl, stream, indexes
	for _, s := range dynamodb.Schema() {
		want[s.Name] = fmt.Sprint(s.TTL, s.Stream, s.Indexes)
	}
	for name, r := range of(load(t), "AWS::DynamoDB::Table") {
		p := r.Properties
		stored := strings.TrimPrefix(fmt.Sprint(object(p["TableName"])["Fn::Sub"]), "${AWS::StackName}-")
		ttl := object(p["TimeToLiveSpecification"])
		indexes := []table.Index{}
		for _, x := range listed(p["GlobalSecondaryIndexes"]) {
			if x == nil {
				break
			}
			indexes = append(indexes, table.Index{
				Name: fmt.Sprint(object(x)["IndexName"]), Hash: fmt.Sprint(object(listed(object(x)["KeySchema"])[0])["AttributeName"]),
			})
		}
		has := fmt.Sprint(ttl["AttributeName"] == "ttl" && ttl["Enabled"] == true,
			object(p["StreamSpecification"])["StreamViewType"] == "NEW_IMAGE", indexes)
		if is, known := want[stored]; !known || is != has {
			t.Errorf("%s is %q with ttl, stream, indexes %s, want %s", name, stored, has, is)
		}
		delete(want, stored)
		if p["BillingMode"] != "PAY_PER_REQUEST" || object(p["SSESpecification"])["SSEEnabled"] != true {
			t.Errorf("%s is not on demand, or not encrypted with a key of the account", name)
		}
		if !strings.Contains(text(p["KeySchema"]), `"pk"`) || !strings.Contains(text(p["KeySchema"]), `"sk"`) {
			t.Errorf("%s: its keys are not pk and sk", name)
		}
		kept := r.DeletionPolicy == "Retain" && p["DeletionProtectionEnabled"] == true &&
			object(p["PointInTimeRecoverySpecification"])["PointInTimeRecoveryEnabled"] == true
		if r.DependsOn != "Distribution" {
			t.Errorf("%s may come before the distribution: if AWS refuses that one, the table stays", name)
		}
		if online := stored == "connections"; kept == online {
			t.Errorf("%s: kept = %v", name, kept)
		}
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

// TestFunctions: each function has a log group with a retention; queues are encrypted; nothing costs while nobody talks.
func TestFunctions(t *testing.T) {
	d := load(t)
	groups := of(d, "AWS::Logs::LogGroup")
	for name, f := range of(d, "AWS::Lambda::Function") {
		group := fmt.Sprint(object(object(f.Properties["LoggingConfig"])["LogGroup"])["Ref"])
		if _, ok := groups[group]; !ok {
			t.Errorf("%s logs to %q, which is no log group of the template", name, group)
		}
		if f.Properties["ReservedConcurrentExecutions"] != nil {
			t.Errorf("%s reserves functions, which fails in new accounts", name)
		}
		if f.Properties["Runtime"] != "provided.al2023" || f.Properties["VpcConfig"] != nil {
			t.Errorf("%s: runtime %v, in a VPC %v", name, f.Properties["Runtime"], f.Properties["VpcConfig"])
		}
	}
	for name, g := range groups {
		if g.Properties["RetentionInDays"] == nil {
			t.Errorf("%s keeps its logs for ever", name)
		}
	}
	for name, q := range of(d, "AWS::SQS::Queue") {
		if q.Properties["SqsManagedSseEnabled"] != true {
			t.Errorf("%s is not encrypted", name)
		}
	}
	for name, b := range of(d, "AWS::S3::Bucket") {
		if b.Properties["BucketEncryption"] == nil || strings.Contains(text(b.Properties["PublicAccessBlockConfiguration"]), "false") ||
			len(object(b.Properties["PublicAccessBlockConfiguration"])) != 4 {
			t.Errorf("%s is not encrypted, or not private", name)
		}
	}
	forbidden := regexp.MustCompile(`^AWS::(EC2|WAF|WAFv2|SecretsManager|RDS|ECS|ElastiCache|KMS)::|Provisioned|GlobalTable`)
	for name, r := range d.Resources {
		if forbidden.MatchString(r.Type) {
			t.Errorf("%s is a %s", name, r.Type)
		}
	}
	if n := len(of(d, "AWS::CloudWatch::CompositeAlarm")); n != 3 {
		t.Errorf("%d composite alarms, at $0.50 each", n)
	}
}

// TestStreamOfCommits: a batch that fails is tried three times, split, and put into the queue within two minutes.
func TestStreamOfCommits(t *testing.T) {
	p := load(t).Resources["Commits"].Properties
	for name, want := range map[string]any{
		"MaximumRetryAttempts": 3.0, "MaximumRecordAgeInSeconds": 120.0, "BisectBatchOnFunctionError": true,
	} {
		if p[name] != want {
			t.Errorf("%s is %v, want %v", name, p[name], want)
		}
	}
	if !strings.Contains(text(p["FunctionResponseTypes"]), "ReportBatchItemFailures") ||
		!strings.Contains(text(p["DestinationConfig"]), "DeadLetters") {
		t.Errorf("failures are not reported one by one, or put nowhere: %s", text(p))
	}
	filters := object(p["FilterCriteria"])["Filters"]
	var pattern struct {
		EventName []string `json:"eventName"`
		DynamoDB  struct {
			Keys struct {
				SK struct{ S []struct{ Prefix string } } `json:"sk"`
			}
		} `json:"dynamodb"`
	}
	if err := json.Unmarshal([]byte(fmt.Sprint(object(listed(filters)[0])["Pattern"])), &pattern); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(pattern.EventName, pattern.DynamoDB.Keys.SK.S); got != "[INSERT MODIFY] [{M#} {E#}]" {
		t.Errorf("the stream is filtered by %s", got)
	}
}

// TestParameters: only what cannot have a default must be given.
func TestParameters(t *testing.T) {
	for name, p := range load(t).Parameters {
		_, has := p["Default"]
		if needed := slices.Contains([]string{"ArtifactBucket", "ArtifactKey", "FilesBucket", "OriginSecret"}, name); has == needed {
			t.Errorf("%s: default %v", name, has)
		}
		if p["Description"] == nil {
			t.Errorf("%s does not say what it is", name)
		}
	}
}

// TestFloods: each API limits the requests to its function.
func TestFloods(t *testing.T) {
	stages := of(load(t), "AWS::ApiGatewayV2::Stage")
	for name, s := range stages {
		const want = `{"ThrottlingBurstLimit":{"Ref":"RequestsAtOnce"},"ThrottlingRateLimit":{"Ref":"RequestsPerSecond"}}`
		if got := text(s.Properties["DefaultRouteSettings"]); got != want {
			t.Errorf("%s lets through %s", name, got)
		}
	}
	if len(stages) != 2 {
		t.Errorf("%d stages", len(stages))
	}
}

// TestNamesOfTheAccount: names that are unique in the account contain the stack and the region, so that two regions may have
// stacks of one name.
func TestNamesOfTheAccount(t *testing.T) {
	d := load(t)
	for _, name := range []any{
		d.Resources["PagePaths"].Properties["Name"], object(d.Resources["PageHeaders"].Properties["ResponseHeadersPolicyConfig"])["Name"],
		object(d.Resources["WebAccess"].Properties["OriginAccessControlConfig"])["Name"],
		object(d.Resources["BodyRequests"].Properties["OriginRequestPolicyConfig"])["Name"],
		object(d.Resources["BodyHeaders"].Properties["ResponseHeadersPolicyConfig"])["Name"],
		object(d.Resources["Budget"].Properties["Budget"])["BudgetName"], d.Resources["Dashboard"].Properties["DashboardName"],
	} {
		if !strings.Contains(strings.ReplaceAll(text(name), "_", "-"), "${AWS::StackName}-${AWS::Region}") {
			t.Errorf("%s is the same in two regions", text(name))
		}
	}
}

// TestErrorsAreNotKept: CloudFront caches no errors, and puts no page in place of the API's answer.
func TestErrorsAreNotKept(t *testing.T) {
	config := object(load(t).Resources["Distribution"].Properties["DistributionConfig"])
	kept := map[float64]bool{400: true, 403: true, 404: true, 405: true, 414: true, 500: true, 501: true, 502: true, 503: true, 504: true}
	for _, r := range listed(config["CustomErrorResponses"]) {
		code, ok := object(r)["ErrorCode"].(float64)
		if !ok || len(object(r)) != 2 || object(r)["ErrorCachingMinTTL"] != 0.0 {
			t.Errorf("%s is more than not keeping it", text(r))
		}
		delete(kept, code)
	}
	if len(kept) > 0 {
		t.Errorf("CloudFront keeps %v for ten seconds, for everybody", kept)
	}
}

// TestPagePaths runs CloudFront's function in Node on paths of the client, on files, and on similar paths.
func TestPagePaths(t *testing.T) {
	code := fmt.Sprint(load(t).Resources["PagePaths"].Properties["FunctionCode"])
	want := map[string]string{
		"/": "/index.html", "/rooms/b7qnvw3kz5ra": "/index.html", "/setup": "/index.html", "/rooms/x/threads/12": "/index.html",
		"/a.b/c":                    "/index.html",
		"/assets/index-CtfMaLU5.js": "/assets/index-CtfMaLU5.js", "/assets/none.js": "/assets/none.js", "/icon.svg": "/icon.svg",
		"/index.html": "/index.html",
		"/robots.txt": "/robots.txt", "/assets": "/index.html", "/.": "/index.html",
	}
	paths, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	script := code + "\nfor (const [p, w] of Object.entries(" + string(paths) +
		")) { const got = handler({request: {uri: p}}).uri; if (got !== w) console.log(p, got, w); }"
	out, err := exec.Command("node", "-e", script).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v: path, got, want:\n%s", err, out)
	}
}

// TestPictureOfAWS fails unless docs/img/aws.svg is what its script draws.
func TestPictureOfAWS(t *testing.T) {
	run := exec.Command("node", "scripts/picture-aws.mjs", "--check")
	run.Dir = "../.."
	if out, err := run.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestCanary: browsers call an alias of each function that serves them. Another release publishes a new version, which gets a tenth of
// the calls first, and none if an alarm is raised.
func TestCanary(t *testing.T) {
	d := load(t)
	for name, integration := range map[string]string{"Rest": "HttpIntegration", "Socket": "SocketIntegration"} {
		alias, version := d.Resources[name+"Live"], d.Resources[name+"Version"]
		if !strings.Contains(text(d.Resources[integration].Properties["IntegrationUri"]), "functions/${"+name+"Live}/") {
			t.Errorf("%s calls another function than the alias", integration)
		}
		if got := text(alias.Properties["FunctionVersion"]); got != `{"Fn::GetAtt":"`+name+`Version.Version"}` {
			t.Errorf("%s names the version %s", name, got)
		}
		if text(version.Properties["Description"]) != `{"Ref":"Release"}` ||
			!strings.Contains(text(d.Resources[name].Properties["Description"]), "${Release}") {
			t.Errorf("another release publishes no version of %s", name)
		}
		group := d.Resources[name+"Canary"].Properties
		if !strings.Contains(text(alias.UpdatePolicy), `{"Ref":"`+name+`Canary"}`) ||
			group["DeploymentConfigName"] != "CodeDeployDefault.LambdaCanary10Percent5Minutes" ||
			!strings.Contains(text(group["AlarmConfiguration"]), "Error") ||
			!strings.Contains(text(group["AutoRollbackConfiguration"]), "DEPLOYMENT_STOP_ON_ALARM") {
			t.Errorf("%s has no canary that an alarm stops: %s", name, text(group))
		}
	}
	for name, p := range of(d, "AWS::Lambda::Permission") {
		if to := text(p.Properties["FunctionName"]); name != "ClockMayCall" && name != "SweepsMayCall" && !strings.Contains(to, `Live"}`) {
			t.Errorf("%s lets %s be called", name, to)
		}
	}
}
