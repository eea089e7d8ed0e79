package sqlite

import (
	"context"
	"strings"
	"testing"
)

// TestListenersByIndex: with each message, only those members of a room are read who want to hear of all.
func TestListenersByIndex(t *testing.T) {
	s, _, _ := testStore(t)
	_, err := read(context.Background(), s, func(c *conn) (looked int, err error) {
		if _, err := listeners(c, "general"); err != nil {
			return 0, err
		}
		for q := range c.prepared {
			if !strings.Contains(q, "FROM member") {
				continue
			}
			if looked++; !strings.Contains(explain(t, c, q), " member_listens ") {
				t.Errorf("the plan of %s is %s", q, explain(t, c, q))
			}
		}
		if looked == 0 {
			t.Error("no members were read")
		}
		return looked, nil
	})
	must(t, err)
}
