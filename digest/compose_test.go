package digest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/digest"
	"github.com/canteen-chat/canteen/mail"
	"github.com/canteen-chat/canteen/settings"
)

func waiting(items ...digest.Item) digest.Waiting {
	u := person(settings.DigestDaily, "Europe/Berlin")
	return digest.Waiting{User: u, Name: "Acme", Items: items, People: map[string]chat.User{
		"jonas": {ID: "jonas", Name: "Jonas", Handle: "jonas"}, "mira": u,
		"twin": {ID: "twin", Name: "Jonаs", Handle: "twin", Ambiguous: true},
	}}
}

// TestComposeEscapes: texts and names are text in the HTML, and nothing is loaded or run.
func TestComposeEscapes(t *testing.T) {
	const hostile = `<img src="https://evil.example/x.png"><script>alert(1)</script>&amp;` + "\r\n.\r\n--boundary"
	forged := "a\u2028b\u2029c\u0085d\ve\ff\rOpen Canteen: https://evil.example"
	room := chat.Room{ID: "r", Kind: chat.Public, Name: hostile}
	w := waiting(digest.Item{Room: room, Author: "jonas", Text: hostile, Reason: "Because.", Seq: 7})
	w.Name, w.User.Name, w.People["jonas"] = hostile, hostile, chat.User{ID: "jonas", Name: hostile}
	sender := digest.Sender{From: mail.Address{Email: "chat@example.com"}, URL: "https://chat.example.com"}
	m := digest.Compose(w, sender, chat.DigestState{User: "mira"}, time.Now())
	for _, s := range []string{"<img", "<script", "src=", "url("} {
		if strings.Contains(strings.ReplaceAll(m.HTML, "src=&#34;", ""), s) {
			t.Errorf("%s in %s", s, m.HTML)
		}
	}
	if !strings.Contains(m.HTML, "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;") || !strings.Contains(m.Text, "> "+hostile[:20]) {
		t.Errorf("%s\n%s", m.HTML, m.Text)
	}
	if _, err := m.Bytes(); err != nil {
		t.Error(err)
	}
	w.Items[0].Text = forged
	m = digest.Compose(w, digest.Sender{URL: "https://chat.example.com"}, chat.DigestState{User: "mira"}, time.Now())
	if !strings.Contains(m.Text, "\n> a\n> b\n> c\n> d\n> e\n> f\n> Open Canteen: https://evil.example\n") {
		t.Errorf("a line of a message is not marked as one: %q", m.Text)
	}
}

// TestCompose: where each entry stands, who wrote it and when, by the reader's clock, with a link to it.
func TestCompose(t *testing.T) {
	at := time.Date(2026, 7, 24, 7, 5, 0, 0, time.UTC)
	room := chat.Room{ID: "r", Kind: chat.Public, Name: "soup"}
	direct := chat.Room{ID: "d", Kind: chat.Direct, Members: []string{"mira", "jonas"}}
	group := chat.Room{ID: "g", Kind: chat.Direct, Members: []string{"mira", "jonas", "twin"}}
	w := waiting(
		digest.Item{Room: room, Author: "jonas", Text: "one\ntwo", Reason: "This message mentions you.", Seq: 7, At: at},
		digest.Item{Room: room, Author: "twin", Text: "reply", Reason: "You follow this thread.", Seq: 9, Thread: 7, At: at},
		digest.Item{Room: direct, Author: "jonas", Text: "psst", Reason: "A direct message.", Seq: 3, Unread: 1, At: at},
		digest.Item{Room: group, Author: "twin", Text: "all", Reason: "A direct message.", Seq: 4, Unread: 100, At: at},
	)
	d := chat.DigestState{User: "mira", Key: "k"}
	m := digest.Compose(w, digest.Sender{URL: "https://chat.example.com"}, d, at)
	for _, want := range []string{
		"Jonas in #soup, Fri 24 Jul, 09:05\n> one\n> two\nThis message mentions you.\nhttps://chat.example.com/r/r/7\n",
		"Jonаs (@twin) in a thread in #soup, Fri 24 Jul, 09:05\n> reply\nYou follow this thread.\nhttps://chat.example.com/r/r/t/7/9\n",
		"Jonas in a direct message, Fri 24 Jul, 09:05\n> psst\nA direct message.\nhttps://chat.example.com/r/d/3\n",
		"Jonаs (@twin) in a conversation with Jonas, Fri 24 Jul, 09:05\n> all\nMore than 99 unread direct messages.\n",
		"No more digests: https://chat.example.com/unsubscribe#" + d.UnsubscribeSecret(),
	} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("no %q in %s", want, m.Text)
		}
	}
	if m.Subject != "4 unread in Acme" || m.Unsubscribe != "https://chat.example.com/api/v1/unsubscribe/"+d.UnsubscribeSecret() {
		t.Errorf("%q, %s", m.Subject, m.Unsubscribe)
	}
	w.Items, w.More = w.Items[:1], false
	if m := digest.Compose(w, digest.Sender{}, d, at); m.Subject != "Jonas in Acme" {
		t.Errorf("of one: %q", m.Subject)
	}
}
