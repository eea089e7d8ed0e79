package dynamodb_test

import (
	"fmt"
	"strings"
	"testing"

	awsdb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/chat"
)

// TestRestoredTables: AWS restores each table by itself. Whatever of the last commit is missing in one of them is noticed.
func TestRestoredTables(t *testing.T) {
	s := on(t, local.Ministack, nil)
	store := s.open(t)
	n := s.count.Load()
	t.Cleanup(func() { s.drop(t, n) })
	ctx, db := t.Context(), awsdb.NewFromConfig(s.config)
	if err := store.CheckRestored(ctx); err == nil || !strings.Contains(err.Error(), "no workspace") {
		t.Errorf("empty tables: %v", err)
	}
	_, err := store.Setup(ctx, chat.Setup{
		Workspace: chat.Workspace{Name: "Acme", Epoch: "one", DefaultRooms: []string{"r"}}, Owner: newUser("mira", chat.Owner), RoomID: "r",
		At: noon,
	})
	must(t, err)
	for _, text := range []string{"one", "two"} {
		_, _, err := store.PostMessage(ctx, chat.PostMessage{Room: "r", Author: "umira", ClientID: text, Text: text, At: noon})
		must(t, err)
	}
	must(t, s.again().CheckRestored(ctx))
	find := func(table, pk, sk string) (string, map[string]types.AttributeValue) {
		name := fmt.Sprintf("%s%d-%s", s.names, n, table)
		got, err := db.GetItem(ctx, &awsdb.GetItemInput{TableName: &name, Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk},
		}})
		must(t, err)
		if got.Item == nil {
			t.Fatalf("%s has no item %s, %s", table, pk, sk)
		}
		return name, got.Item
	}
	for _, k := range [][3]string{
		{"messages", "room#r", "M#000000000002"}, {"members", "room#r", "umira"}, {"members", "user#umira", "r"}, {"users", "user", "umira"},
	} {
		table, was := find(k[0], k[1], k[2])
		_, err := db.DeleteItem(ctx, &awsdb.DeleteItemInput{
			TableName: &table, Key: map[string]types.AttributeValue{"pk": was["pk"], "sk": was["sk"]},
		})
		must(t, err)
		if err := s.again().CheckRestored(ctx); err == nil || !strings.Contains(err.Error(), "room r: ") {
			t.Errorf("%v is missing: %v", k, err)
		}
		_, err = db.PutItem(ctx, &awsdb.PutItemInput{TableName: &table, Item: was})
		must(t, err)
	}
	must(t, s.again().CheckRestored(ctx))
	must(t, store.SetEpoch(ctx, "two"))
	if w, err := store.Workspace(ctx); err != nil || w.Epoch != "two" || w.Name != "Acme" {
		t.Errorf("%+v, %v", w, err)
	}
	table, room := find("rooms", "room#r", "-")
	room["rev"], room["trace"] = &types.AttributeValueMemberN{Value: "1"}, &types.AttributeValueMemberL{}
	_, err = db.PutItem(ctx, &awsdb.PutItemInput{TableName: &table, Item: room})
	must(t, err)
	if err := s.again().CheckRestored(ctx); err == nil || !strings.Contains(err.Error(), "a change after revision 1") {
		t.Errorf("a room that is behind its messages: %v", err)
	}
}
