package dynamodb

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/chat"
)

// fact is what an item must hold at commit for the command's decision to be valid.
type fact struct {
	key        key
	absent     bool
	missing    []string // attributes that the item must not have
	attributes map[string]types.AttributeValue
}

// requireFacts makes the command depend on facts. They become conditions of its transaction; a command that writes nothing
// checks them by reading.
func (t *tx) requireFacts(f chat.Facts) {
	if u := f.User; u != nil {
		t.facts = append(t.facts, fact{
			key: userKey(u.ID), attributes: item{"role": text(string(u.Role)), "epoch": number(u.Epoch), "deactivated": boolean(false)},
		})
	}
	if r := f.Room; r != nil {
		f := fact{
			key:        roomKey(r.ID),
			attributes: item{"kind": text(string(r.Kind)), "posting": text(string(r.Posting)), "archived": boolean(r.Archived)},
		}
		if r.OwnersBroadcast {
			f.attributes[ownersBroadcast] = boolean(true)
		} else {
			f.missing = []string{ownersBroadcast}
		}
		t.facts = append(t.facts, f)
	}
	if m := f.Member; m != nil {
		t.facts = append(t.facts, fact{
			key: userRoomKey(m.User, m.Room), absent: m.Role == "", attributes: item{"role": text(string(m.Role))},
		})
	}
}

func (f fact) holds(i item) bool {
	if f.absent {
		return i == nil
	}
	if i == nil {
		return false
	}
	for _, name := range f.missing {
		if i[name] != nil {
			return false
		}
	}
	for name, want := range f.attributes {
		switch want := want.(type) {
		case *types.AttributeValueMemberS:
			if i.text(name) != want.Value {
				return false
			}
		case *types.AttributeValueMemberN:
			if i.integer(name) != (item{"": want}).integer("") {
				return false
			}
		case *types.AttributeValueMemberBOOL:
			if i.boolean(name) != want.Value {
				return false
			}
		}
	}
	return true
}

// addFactConditions adds the facts to the transaction as conditions.
func (t *tx) addFactConditions() {
	for _, f := range t.facts {
		o := t.op(f.key)
		if f.absent {
			o.conditions = append(o.conditions, "attribute_not_exists(pk)")
			continue
		}
		for _, name := range f.missing {
			o.conditions = append(o.conditions, "attribute_not_exists("+name+")")
		}
		for name, want := range f.attributes {
			o.require("=", name, want)
		}
	}
}

// checkFacts reads the items of the facts, and returns ErrStale unless all facts hold.
func (t *tx) checkFacts() error {
	keys := make([]key, len(t.facts))
	for i, f := range t.facts {
		keys[i] = f.key
	}
	if _, err := t.load(keys...); err != nil {
		return err
	}
	for _, f := range t.facts {
		if !f.holds(t.seen[f.key]) {
			return chat.ErrStale
		}
	}
	return nil
}
