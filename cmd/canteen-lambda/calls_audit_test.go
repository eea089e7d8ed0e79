package main

import (
	"testing"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/aws/stack"
)

// TestCallsOfTheAuditLog counts like TestCalls: a row, and a search, which reads the head and one page however long the log is.
func TestCallsOfTheAuditLog(t *testing.T) {
	w, ctx, bill := start(t), t.Context(), stack.MeasuredCounts()
	e := audit.Entry{
		At: w.clock(), What: "user changed", By: audit.Person{ID: "aaaaaaaaaaaa", Handle: "mira"}, Session: "bbbbbbbbbbbb",
		Address: "2001:db8:85a3:8d3::/64", Of: audit.Person{ID: "cccccccccccc", Handle: "jonas"},
		Details: []audit.Detail{{Name: "role", From: "member", To: "admin"}, {Name: "deactivated", From: "false", To: "true"}},
	}
	row := func() {
		_, err := w.store.AppendAudit(ctx, e)
		must(t, err)
	}
	row()
	w.hold(t, []operation{
		{"row of the audit log", 2, bill.Audited, 0, row},
		{"search of the audit log", 2, stack.Calls{}, 0, func() {
			_, err := w.store.AuditRows(ctx, audit.Query{Limit: 50})
			must(t, err)
		}},
	})
}
