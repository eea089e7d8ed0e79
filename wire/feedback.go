package wire

import "github.com/canteen-chat/canteen/chat"

// Feedback marks a message as feedback about Canteen.
type Feedback struct {
	Page    string `json:"page,omitempty" maxLength:"100" example:"/inbox" doc:"The path of the page on which it was given"`
	Version string `json:"version,omitempty" maxLength:"100" example:"v1.2.0" doc:"Of that page, as the client said"`
	Server  string `json:"server,omitempty" maxLength:"100" doc:"The version of the server, where it is another one"`
}

// NewFeedback is the body of POST /feedback.
type NewFeedback struct {
	Text     string   `json:"text,omitempty" format:"text" doc:"Markdown. It may be empty with files"`
	ClientID string   `json:"client_id,omitempty" format:"uuid" doc:"As in a post: the same one again posts nothing"`
	Page     string   `json:"page,omitempty" maxLength:"2000" example:"/inbox" doc:"Path of the page; only a path of this site is kept"`
	Version  string   `json:"version,omitempty" maxLength:"2000" example:"v1.2.0" doc:"The version of the client"`
	Files    []string `json:"files,omitempty" format:"id" maxItems:"10" doc:"Ids of ready files of yours, which are in no message"`
}

// Input maps the body to the input of package chat.
func (b NewFeedback) Input() chat.FeedbackInput {
	return chat.FeedbackInput{ClientID: b.ClientID, Text: b.Text, Page: b.Page, Version: b.Version, Files: b.Files}
}

// GivenFeedback is feedback as its author or an admin sees it.
type GivenFeedback struct {
	Author    string           `json:"author" format:"id"`
	Room      string           `json:"room,omitempty" format:"id" doc:"Where its message is. Absent for who does not see that room"`
	Seq       int64            `json:"seq,omitempty" minimum:"1" doc:"With room"`
	Text      string           `json:"text" maxLength:"20000"`
	About     Feedback         `json:"about"`
	CreatedAt Time             `json:"created_at" format:"date-time"`
	Files     []string         `json:"files" nullable:"false" doc:"Their names"`
	Replies   int              `json:"replies" minimum:"0"`
	Answered  bool             `json:"answered" doc:"Somebody else has replied"`
	Answers   []FeedbackAnswer `json:"answers,omitempty" doc:"In one's own feedback: the newest 20 replies, the latest last"`
}

// FeedbackAnswer is a reply to feedback, as the author of the feedback sees it.
type FeedbackAnswer struct {
	Author    string   `json:"author" format:"id"`
	Text      string   `json:"text" maxLength:"20000"`
	CreatedAt Time     `json:"created_at" format:"date-time"`
	Files     []string `json:"files" nullable:"false" doc:"Their names"`
}

// FeedbackList is the answer of GET /feedback and GET /me/feedback.
type FeedbackList struct {
	Feedback []GivenFeedback `json:"feedback" nullable:"false" maxItems:"20" doc:"Newest first"`
	Next     string          `json:"next,omitempty" doc:"The cursor of the next page; absent at the end"`
}

func newFeedback(f *chat.Feedback) *Feedback {
	if f == nil {
		return nil
	}
	return &Feedback{Page: f.Page, Version: f.Version, Server: f.Server}
}

func fileNames(fs []chat.File) []string {
	out := make([]string, len(fs))
	for i, f := range fs {
		out[i] = f.Name
	}
	return out
}

// NewGivenFeedback maps feedback for one viewer.
func NewGivenFeedback(g chat.GivenFeedback) GivenFeedback {
	w := GivenFeedback{
		Author: g.Author, Text: g.Text, CreatedAt: Time{g.CreatedAt}, Files: fileNames(g.Files), Answered: g.Answered(),
	}
	if g.Feedback != nil {
		w.About = *newFeedback(g.Feedback)
	}
	if g.Seen {
		w.Room, w.Seq = g.Room, g.Seq
	}
	if g.ThreadInfo != nil {
		w.Replies = g.ThreadInfo.Replies
	}
	for _, m := range g.Answers {
		w.Answers = append(w.Answers, FeedbackAnswer{
			Author: m.Author, Text: m.Text, CreatedAt: Time{m.CreatedAt}, Files: fileNames(m.Files),
		})
	}
	return w
}

// NewFeedbackList maps a page of feedback.
func NewFeedbackList(p chat.FeedbackPage) FeedbackList {
	w := FeedbackList{Feedback: make([]GivenFeedback, len(p.Feedback)), Next: p.Next}
	for i, g := range p.Feedback {
		w.Feedback[i] = NewGivenFeedback(g)
	}
	return w
}
