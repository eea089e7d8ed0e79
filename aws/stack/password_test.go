package stack

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

// TestResetPassword: the link leads to the workspace, its secret is in the tables, and it is refused where the deployed functions or this
// binary would not understand what the other stores.
func TestResetPassword(t *testing.T) {
	w := newWorld(t, "forgetful")
	handle, resets := "mira", 0
	reset := func(ctx context.Context, o Options) error {
		return ResetPassword(ctx, o, func(ctx context.Context, _ *Cloud, tables string) (string, error) {
			resets++
			return w.rules(tables).AdminResetPassword(ctx, handle)
		})
	}
	w.refuses(reset, "no stack is called forgetful")
	w.must(Deploy)
	w.settle(w.store("forgetful-"), "hello")
	link := w.must(reset, *w.o.PublicURL+"/reset#")
	_, secret, _ := strings.Cut(strings.TrimSpace(link), "#")
	if err := w.rules("forgetful-").CheckReset(t.Context(), chat.Visitor("192.0.2.1"), secret); err != nil {
		t.Errorf("the link %s: %v", link, err)
	}
	handle = "nobody"
	w.refuses(reset, `Nobody has the handle "nobody"`)

	handle, resets = "mira", 0
	output := func(name, from, to string) {
		w.faults.inject(nil, func(action, body string) string {
			if action != "DescribeStacks" {
				return body
			}
			before, after, found := strings.Cut(body, "<OutputKey>"+name+"</OutputKey>")
			if !found || !strings.Contains(after, from) {
				t.Errorf("%s of %s is not in %s", from, name, body)
			}
			return before + "<OutputKey>" + name + "</OutputKey>" + strings.Replace(after, from, to, 1)
		})
	}
	output("Generation", ">2<", ">1<")
	w.refuses(reset, "deployed by an older Canteen (v1.0.0)", "run canteen aws deploy first")
	output("Generation", ">2<", ">3<")
	w.refuses(reset, "deployed by a newer Canteen (v1.0.0)", "use that version or a later one")
	output("Url", "<OutputValue>"+*w.o.PublicURL, "<OutputValue>")
	w.refuses(reset, "has never been deployed completely")
	if resets != 0 {
		t.Errorf("%d passwords were reset", resets)
	}
}

func (w *world) rules(tables string) *chat.Canteen {
	return chat.New(chat.Options{Store: w.store(tables), Limiter: limit.None{}, Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
}
