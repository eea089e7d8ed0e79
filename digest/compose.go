package digest

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/mail"
)

// Sender is who sends digests, and where people reach Canteen.
type Sender struct {
	From mail.Address
	URL  string
}

// entry is an item in the words of both parts of a message.
type entry struct {
	Where, Who, When, Text, Link, Reason string
}

type page struct {
	Workspace, Name, Title, More, URL, Stop string
	Entries                                 []entry
}

// Compose writes the digest of what waits.
func Compose(w Waiting, s Sender, d chat.DigestState, now time.Time) mail.Message {
	secret := d.UnsubscribeSecret()
	p := page{
		Workspace: w.Name, Name: w.User.Name, Title: title(w), URL: s.URL,
		Stop: s.URL + "/unsubscribe#" + secret,
	}
	if w.More {
		p.More = "There is more in your inbox."
	}
	zone := zoneOf(w.User)
	for _, i := range w.Items {
		e := entry{
			Where: where(i, w), Who: name(w.People[i.Author]), When: i.At.In(zone).Format("Mon 2 Jan, 15:04"),
			Text: strings.TrimSpace(i.Text), Reason: i.Reason, Link: s.URL + path(i),
		}
		if i.Unread > 1 {
			e.Reason = fmt.Sprintf("%s unread direct messages.", counted(i.Unread))
		}
		p.Entries = append(p.Entries, e)
	}
	return mail.Message{
		From: s.From, To: mail.Address{Name: w.User.Name, Email: w.User.Email}, Subject: p.Title, Text: p.text(), HTML: p.html(), At: now,
		Key: key(d), Unsubscribe: s.URL + "/api/v1/unsubscribe/" + secret,
	}
}

// path is where the web client shows an item.
func path(i Item) string {
	if i.Thread != 0 {
		return fmt.Sprintf("/r/%s/t/%d/%d", i.Room.ID, i.Thread, i.Seq)
	}
	return fmt.Sprintf("/r/%s/%d", i.Room.ID, i.Seq)
}

func counted(n int) string {
	if n >= chat.MaxUnread {
		return "More than 99"
	}
	return fmt.Sprint(n)
}

// title says how much waits, and of one entry from whom.
func title(w Waiting) string {
	switch n := len(w.Items); {
	case w.More:
		return fmt.Sprintf("More than %d unread in %s", n, w.Name)
	case n > 1:
		return fmt.Sprintf("%d unread in %s", n, w.Name)
	}
	return fmt.Sprintf("%s in %s", name(w.People[w.Items[0].Author]), w.Name)
}

func name(u chat.User) string {
	switch {
	case u.ID == "":
		return "Canteen"
	case u.Ambiguous: // another's name looks like it
		return u.Name + " (@" + u.Handle + ")"
	}
	return u.Name
}

// where names the room of an item, a direct one by the others in it.
func where(i Item, w Waiting) string {
	if i.Room.Kind != chat.Direct {
		if i.Thread != 0 {
			return "a thread in #" + i.Room.Name
		}
		return "#" + i.Room.Name
	}
	var others []string
	for _, id := range i.Room.Members {
		if id != w.User.ID && id != i.Author {
			others = append(others, name(w.People[id]))
		}
	}
	if len(others) == 0 {
		return "a direct message"
	}
	return "a conversation with " + strings.Join(others, ", ")
}

func (p page) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Hello %s,\n\nthis waits for you in %s:\n", p.Name, p.Workspace)
	for _, e := range p.Entries {
		fmt.Fprintf(&b, "\n%s in %s, %s\n", e.Who, e.Where, e.When)
		for line := range strings.SplitSeq(oneBreak(e.Text), "\n") {
			fmt.Fprintf(&b, "> %s\n", line)
		}
		fmt.Fprintf(&b, "%s\n%s\n", e.Reason, e.Link)
	}
	if p.More != "" {
		fmt.Fprintf(&b, "\n%s\n", p.More)
	}
	fmt.Fprintf(&b, "\nOpen Canteen: %s\n", p.URL)
	fmt.Fprintf(&b, "\nYou get this because you turned on the e-mail digest in your settings.\nNo more digests: %s\n", p.Stop)
	return b.String()
}

// oneBreak is s with LF for all that mail programs may show as the end of a line: no line of a message looks like one of the digest's.
func oneBreak(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("\r\v\f\u0085\u2028\u2029", r) {
			return '\n'
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

const layout = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}}</title></head>
<body style="font-family: sans-serif; line-height: 1.4; max-width: 40em">
<p>Hello {{.Name}},</p>
<p>this waits for you in {{.Workspace}}:</p>
{{range .Entries}}<div style="border-left: 3px solid #888; padding-left: 0.8em; margin: 1em 0">
<p style="margin: 0"><b>{{.Who}}</b> in <a href="{{.Link}}">{{.Where}}</a>, {{.When}}</p>
<p style="margin: 0.3em 0; white-space: pre-line">{{.Text}}</p>
<p style="margin: 0; color: #666; font-size: 85%">{{.Reason}}</p>
</div>
{{end}}{{if .More}}<p>{{.More}}</p>
{{end}}<p><a href="{{.URL}}">Open Canteen</a></p>
<p style="color: #666; font-size: 85%">You get this because you turned on the e-mail digest in your settings.
<a href="{{.Stop}}">No more digests</a></p>
</body></html>
`

func (p page) html() string {
	var b strings.Builder
	if err := template.Must(template.New("digest").Parse(layout)).Execute(&b, p); err != nil {
		panic(err) // a slip in the layout: writing to a strings.Builder never fails
	}
	return b.String()
}
