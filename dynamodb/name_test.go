package dynamodb_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/chat"
)

// forget makes the tables those of a version that compared names otherwise: none of the present keys is there.
func (s *stores) forget(t *testing.T) {
	t.Helper()
	ctx, c, prefix := context.Background(), awsdb.NewFromConfig(s.config), fmt.Sprintf("%s%d-", s.names, s.count.Load())
	out, err := c.Scan(ctx, &awsdb.ScanInput{TableName: aws.String(prefix + "unique")})
	must(t, err)
	for _, i := range out.Items {
		if pk := i["pk"].(*types.AttributeValueMemberS).Value; strings.HasPrefix(pk, "name") || strings.HasPrefix(pk, "room") {
			_, err := c.DeleteItem(ctx, &awsdb.DeleteItemInput{TableName: aws.String(prefix + "unique"), Key: map[string]types.AttributeValue{
				"pk": i["pk"], "sk": i["sk"],
			}})
			must(t, err)
		}
	}
	change := func(table string, k [2]string, remove string) {
		set := "SET ambiguous = :no REMOVE #n"
		_, err := c.UpdateItem(ctx, &awsdb.UpdateItemInput{
			TableName: aws.String(prefix + table), UpdateExpression: &set, Key: map[string]types.AttributeValue{
				"pk": &types.AttributeValueMemberS{Value: k[0]}, "sk": &types.AttributeValueMemberS{Value: k[1]},
			}, ExpressionAttributeNames: map[string]string{"#n": remove},
			ExpressionAttributeValues: map[string]types.AttributeValue{":no": &types.AttributeValueMemberBOOL{}},
		})
		must(t, err)
	}
	for _, id := range []string{"umira", "ual", "uai", "uadmin", "ugus"} {
		change("users", [2]string{"user", id}, "name_keys")
	}
	change("rooms", [2]string{"workspace", "-"}, "names")
}

// TestNamesOfAnOlderVersion computes the keys of names again. Names that turn out to look alike stay. Who has one is ambiguous, and
// nobody gets such a name anew.
func TestNamesOfAnOlderVersion(t *testing.T) {
	ctx, on := context.Background(), on(t, local.Moto, nil)
	s := on.open(t)
	if err := s.UpdateNames(ctx); err != nil {
		t.Errorf("before the setup: %v", err)
	}
	_, err := s.Setup(ctx, chat.Setup{
		Workspace: chat.Workspace{Name: "Acme", Epoch: "e"}, Owner: newUser("mira", chat.Owner), RoomID: "r1", At: noon,
	})
	must(t, err)
	for handle, name := range map[string]string{"al": "Al Green", "ai": "AI Green", "admin": "Admin", "gus": "Mira"} {
		u := newUser(handle, chat.Member)
		if u.User.Name = name; handle == "gus" {
			u.User.Role = chat.Guest
		}
		_, err := s.AddUser(ctx, chat.AddUser{User: u, At: noon})
		must(t, err)
	}
	add := func(id, name string) error {
		_, _, err := s.AddRoom(ctx, chat.AddRoom{Room: chat.Room{ID: id, Kind: chat.Public, Name: name, CreatedBy: "umira", CreatedAt: noon}})
		return err
	}
	on.forget(t)
	must(t, add("r2", "gеneral")) // a Cyrillic е
	on.forget(t)
	for range 2 { // the second time changes nothing
		must(t, s.UpdateNames(ctx))
	}
	all, _, err := s.Users(ctx)
	must(t, err)
	for _, u := range all {
		if want := u.ID != "umira"; u.Ambiguous != want {
			t.Errorf("%s: ambiguous %v", u.Name, u.Ambiguous)
		}
	}
	if err := add("r3", "genera1"); chat.ErrorCode(err) != chat.Conflict {
		t.Errorf("a new room is not compared with the old ones: %v", err)
	}
	for room, name := range map[string]string{"r1": "general", "r2": "gеneral"} {
		if id, err := s.RoomByName(ctx, name); err != nil || id != room {
			t.Errorf("#%s is %q, %v", name, id, err)
		}
	}
	other := "leads"
	_, err = s.UpdateRoom(ctx, chat.UpdateRoom{Room: "r2", By: "umira", Name: &other, At: noon})
	must(t, err)
	if err := add("r4", "gеneral"); chat.ErrorCode(err) != chat.Conflict {
		t.Errorf("the other room's name is free: %v", err)
	}
	u := "Al"
	_, err = s.UpdateUser(ctx, chat.UpdateUser{User: "ual", Name: &u, At: noon})
	must(t, err)
	if ai, err := s.User(ctx, "uai"); err != nil || ai.Ambiguous {
		t.Errorf("%+v, %v: nobody else has this name any more", ai, err)
	}
}
