package dynamodb

import (
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// requireFacts makes the command depend on facts. They become conditions of its transaction; a command that writes nothing
// checks them by reading.
func (t *tx) requireFacts(f chat.Facts) {
	t.audit = f.Audit
	if u := f.User; u != nil {
		t.Require(table.Fact{
			Key: userKey(u.ID),
			Attributes: table.Item{
				"role": table.Text(string(u.Role)), "epoch": table.Number(u.Epoch), "deactivated": table.Boolean(false),
			},
		})
	}
	if r := f.Room; r != nil {
		f := table.Fact{
			Key: roomKey(r.ID),
			Attributes: table.Item{
				"kind": table.Text(string(r.Kind)), "posting": table.Text(string(r.Posting)), "archived": table.Boolean(r.Archived),
			},
		}
		if r.OwnersBroadcast {
			f.Attributes[ownersBroadcast] = table.Boolean(true)
		} else {
			f.Missing = []string{ownersBroadcast}
		}
		t.Require(f)
	}
	if m := f.Member; m != nil {
		t.Require(table.Fact{
			Key: userRoomKey(m.User, m.Room), Absent: m.Role == "", Attributes: table.Item{"role": table.Text(string(m.Role))},
		})
	}
}
