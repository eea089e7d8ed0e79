package alarm

import (
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
)

// Place is where a notice comes from.
type Place struct {
	Workspace string
	URL       string // of the server, without a path
}

// link is where the alarms are shown.
func (p Place) link() string { return p.URL + "/ops" }

// Title says in a line what a notice is about.
func (n Notice) Title(from Place) string {
	on := append(slices.Clone(n.New), n.Still...)
	switch {
	case len(on) == 1:
		return fmt.Sprintf("%s: %s", from.Workspace, on[0].Title)
	case len(on) > 1:
		return fmt.Sprintf("%s: %d alarms", from.Workspace, len(on))
	case len(n.Over) == 1:
		return fmt.Sprintf("%s: over: %s", from.Workspace, n.Over[0].Title)
	}
	return fmt.Sprintf("%s: all alarms are over", from.Workspace)
}

// line is an alarm in a notice.
type line struct{ Mark, Title, Text, Color string }

func (n Notice) lines() (out []line) {
	for _, s := range n.New {
		out = append(out, line{"New", s.Title, s.Says + ", since " + clock(s.Since, n.At) + ".", color(s)})
	}
	for _, s := range n.Still {
		out = append(out, line{"Still", s.Title, s.Says + ", since " + clock(s.Since, n.At) + ".", color(s)})
	}
	for _, s := range n.Over {
		out = append(out, line{"Over", s.Title, "over since " + clock(s.Since, n.At) + ".", "#2e7d32"})
	}
	return out
}

func color(s Status) string {
	if s.Severity == Page {
		return "#c62828"
	}
	return "#b26a00"
}

// clock is a time as people read it, with the day if that is another one.
func clock(at, now time.Time) string {
	at, now = at.UTC(), now.UTC()
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04") + " UTC"
	}
	return at.Format("2 Jan 15:04") + " UTC"
}

// Text is a notice as plain text.
func (n Notice) Text(from Place) string {
	var b strings.Builder
	for _, l := range n.lines() {
		fmt.Fprintf(&b, "%s: %s: %s\n", l.Mark, l.Title, l.Text)
	}
	fmt.Fprintf(&b, "\nDashboard, and how to silence an alarm: %s\n", from.link())
	return b.String()
}

// HTML is the same as Text.
func (n Notice) HTML(from Place) string {
	var b strings.Builder
	for _, l := range n.lines() {
		fmt.Fprintf(&b, "<p>%s: <strong>%s</strong>: %s</p>\n", l.Mark, html.EscapeString(l.Title), html.EscapeString(l.Text))
	}
	fmt.Fprintf(&b, "<p>Dashboard, and how to silence an alarm: <a href=\"%[1]s\">%[1]s</a></p>\n", html.EscapeString(from.link()))
	return b.String()
}

// attachment is that of Slack's incoming webhooks (https://docs.slack.dev/messaging/formatting-message-text).
type attachment struct {
	Color     string `json:"color"`
	Title     string `json:"title"`
	TitleLink string `json:"title_link"`
	Text      string `json:"text"`
	Fallback  string `json:"fallback"`
	Ts        int64  `json:"ts"`
}

// Slack is a notice as the JSON that Slack's incoming webhooks take, and those of others that are compatible.
func (n Notice) Slack(from Place) ([]byte, error) {
	out := struct {
		Text        string       `json:"text"`
		Attachments []attachment `json:"attachments,omitempty"`
	}{Text: escape(n.Title(from))}
	for _, l := range n.lines() {
		out.Attachments = append(out.Attachments, attachment{
			l.Color, escape(l.Mark + ": " + l.Title), from.link(), escape(l.Text), escape(l.Mark + ": " + l.Title + ": " + l.Text), n.At.Unix(),
		})
	}
	return json.Marshal(out)
}

// escape writes the three characters that mean something in Slack's texts.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// Test is a notice that says that telling works.
func Test(at time.Time, key string) Notice {
	s := Status{Title: "A test", Says: "somebody tried whether alarms arrive here", State: On, Severity: Warn, Since: at}
	return Notice{New: []Status{s}, At: at, Key: key}
}
