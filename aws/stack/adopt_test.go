package stack

import (
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TestTableOfAChangeRolledBack: a change creates a table and is rolled back. The table stays, as all data does. The next
// change imports it with its data and changes no other resource before.
func TestTableOfAChangeRolledBack(t *testing.T) {
	w := newWorld(t, "leftover")
	w.must(Deploy)
	w.edit("  Connections: #", `  Extra:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      TableName: !Sub ${AWS::StackName}-extra
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
`+"  Connections: #")
	good := w.o.Template
	w.edit("  TooManyGaps: # a share", "  BadAlarm:\n    Type: AWS::CloudWatch::Alarm\n    DependsOn: Extra\n    Properties: { "+
		"Namespace: Canteen, MetricName: X, Threshold: 1, EvaluationPeriods: 1 }\n  TooManyGaps: # a share")
	w.refuses(Deploy, "failed and was rolled back", "BadAlarm")
	ddb, table := w.cloud().ddb, sdk.String("leftover-extra")
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "kept"}}
	if _, err := ddb.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: key}); err != nil {
		t.Fatalf("the table did not stay: %v", err)
	}
	w.o.Template = good
	days := 7
	w.o.LogRetentionDays = &days
	w.must(Deploy)
	w.has(w.log.String(), "A change of leftover that was rolled back left the table Extra behind", "imported   Extra", "changed    RestLog")
	if n := strings.Count(w.log.String(), "imported "); n != 1 {
		t.Errorf("%d are imported\n%s", n, w.log)
	}
	got, err := ddb.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: key})
	if err != nil || got.Item == nil {
		t.Errorf("what was in the table is gone: %v", err)
	}
	w.o.Setup = nil
	w.must(Deploy)
	w.has(w.log.String(), "The stack is as it should be")
}
