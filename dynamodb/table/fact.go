package table

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/chat"
)

// Fact is what an item must hold at commit for the command's decision to be valid.
type Fact struct {
	Key        Key
	Absent     bool     // the item must not exist; the other fields do not matter
	Missing    []string // attributes that the item must not have
	Attributes Item
}

// Require makes the command depend on facts. They become conditions of its transaction; a command that writes nothing
// checks them by reading.
func (t *Tx) Require(facts ...Fact) { t.facts = append(t.facts, facts...) }

func (f Fact) holds(i Item) bool {
	if f.Absent {
		return i == nil
	}
	if i == nil {
		return false
	}
	for _, name := range f.Missing {
		if i[name] != nil {
			return false
		}
	}
	for name, want := range f.Attributes {
		switch want := want.(type) {
		case *types.AttributeValueMemberS:
			if i.Text(name) != want.Value {
				return false
			}
		case *types.AttributeValueMemberN:
			if i.Integer(name) != (Item{"": want}).Integer("") {
				return false
			}
		case *types.AttributeValueMemberBOOL:
			if i.Boolean(name) != want.Value {
				return false
			}
		}
	}
	return true
}

// addFactConditions adds the facts to the transaction as conditions.
func (t *Tx) addFactConditions() {
	for _, f := range t.facts {
		o := t.op(f.Key)
		if f.Absent {
			o.conditions = append(o.conditions, "attribute_not_exists(pk)")
			continue
		}
		for _, name := range f.Missing {
			o.conditions = append(o.conditions, "attribute_not_exists("+name+")")
		}
		for name, want := range f.Attributes {
			o.require("=", name, want)
		}
	}
}

// checkFacts reads the items of the facts, and returns ErrStale unless all facts hold.
func (t *Tx) checkFacts() error {
	keys := make([]Key, len(t.facts))
	for i, f := range t.facts {
		keys[i] = f.Key
	}
	if _, err := t.Load(keys...); err != nil {
		return err
	}
	for _, f := range t.facts {
		if !f.holds(t.Seen[f.Key]) {
			return chat.ErrStale
		}
	}
	return nil
}
