package chat

import (
	"context"
	"runtime/debug"
	"slices"

	"github.com/canteen-chat/canteen/text"
	"github.com/canteen-chat/canteen/thread"
)

// Feedback marks a message as feedback about Canteen, and says of what.
type Feedback struct {
	Page    string `json:"page,omitempty"`    // the path of the page on which it was given: see text.Page
	Version string `json:"version,omitempty"` // the release of that page, as its client said
	Server  string `json:"server,omitempty"`  // that of the server, where it is another one
}

// FeedbackQuery asks for messages that are feedback, of an author or of all (""), that come after a place, if that is not nil.
type FeedbackQuery struct {
	Author string
	After  *thread.Place
	Limit  int
}

// FeedbackStore lists feedback. PostMessage and an import of a message with a Feedback enter it, DeleteMessage takes it out.
type FeedbackStore interface {
	// Feedback are messages in the order of their FeedbackPlace. A store may leave out one that is deleted meanwhile.
	Feedback(ctx context.Context, q FeedbackQuery) (out []Message, more bool, err error)
}

// FeedbackPlace is where a message stands in the list of feedback: the newest first.
func (m Message) FeedbackPlace() thread.Place {
	return thread.Place{At: m.CreatedAt, Room: m.Room, Root: m.Seq}
}

// Answered says whether somebody else has replied to the message. Its author may be one of the first repliers, but not all of them.
func (m Message) Answered() bool {
	return m.ThreadInfo != nil && slices.ContainsFunc(m.ThreadInfo.Repliers, func(u string) bool { return u != m.Author })
}

// GivenFeedback is a piece of feedback as its author or an admin sees it.
type GivenFeedback struct {
	Message
	Seen    bool      // the viewer may see the room that it is in
	Answers []Message // its author alone: the newest FeedbackAnswers of the replies to it, by seq
}

// FeedbackPage is a part of a list. Next is the cursor of the next one; "" at the end.
type FeedbackPage struct {
	Feedback []GivenFeedback
	Next     string
}

// FeedbackInput is feedback to be given. ClientID and Files are as in PostInput.
type FeedbackInput struct {
	ClientID, Text, Page, Version string
	Files                         []string
}

// Release is the version of this program.
func Release() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" && b.Main.Version != "(devel)" {
		return b.Main.Version
	}
	return "dev"
}

// GiveFeedback posts into the room that the workspace has for feedback, whether or not the actor may see it. Conflict when there is none.
func (c *Canteen) GiveFeedback(ctx context.Context, a Actor, in FeedbackInput) (GivenFeedback, bool, error) {
	f := &Feedback{Page: text.Page(in.Page), Version: text.Release(in.Version)}
	if own := Release(); own != f.Version {
		f.Server = own
	}
	p, err := c.posting(ctx, a, "", PostInput{ClientID: in.ClientID, Text: in.Text, Files: in.Files, feedback: f})
	if err != nil {
		return GivenFeedback{}, false, err
	}
	u := p.use()
	p.broadcast, u.may = "", nil // it calls nobody, and who gives it need not see the room
	u.see = func(at *attempt) (err error) {
		at.room, err = c.feedbackRoom(ctx, at.Actor)
		p.room = at.room.ID
		return err
	}
	u.state = func(at *attempt) (bool, error) {
		if at.room.Archived {
			return false, Errorf(Conflict, "The room for feedback is archived. An admin can choose another one.")
		}
		return p.state(at)
	}
	u.counts = func(*attempt) (err error) {
		if err = c.take(ctx, c.rates.feedback, a.key()); err == nil {
			p.counted = c.rates.feedback
		}
		return err
	}
	m, created, err := p.end(perform(ctx, c, a, CmdGiveFeedback, u))
	return GivenFeedback{Message: m}, created, err
}

// feedbackRoom is the room for feedback. The choice of an admin is the right to post there.
func (c *Canteen) feedbackRoom(ctx context.Context, a Actor) (RoomAccess, error) {
	w, err := c.store.Workspace(ctx)
	if err == nil && w.FeedbackRoom == "" {
		err = Errorf(Conflict, "Nobody has chosen a room for feedback yet.")
	}
	if err != nil {
		return RoomAccess{}, err
	}
	return c.access(ctx, a, w.FeedbackRoom)
}

// takesFeedback is nil for a room that the actor may choose for feedback.
func (c *Canteen) takesFeedback(ctx context.Context, a Actor, room string) error {
	if room == "" {
		return nil
	}
	r, err := c.see(ctx, a, room)
	if ErrorCode(err) == NotFound || err == nil && (r.Kind == Direct || r.Archived) {
		err = InvalidField("feedback_room", "A room is needed that you see and that is not archived, not a conversation.")
	}
	return err
}

// Feedback is a page of all feedback in rooms that the actor may see, for admins.
func (c *Canteen) Feedback(ctx context.Context, a Actor, cursor string, limit *int) (p FeedbackPage, err error) {
	q, err := feedbackQuery("", cursor, limit)
	if err != nil {
		return p, err
	}
	return perform(ctx, c, a, CmdFeedback, use[FeedbackPage]{
		may: func(at *attempt) error { return at.administers() },
		do:  func(at *attempt) (FeedbackPage, error) { return c.feedbackPage(ctx, at, q) },
	})
}

// MyFeedback is a page of the actor's own feedback, with the answers to it: nothing else of a room that the actor may not see.
func (c *Canteen) MyFeedback(ctx context.Context, a Actor, cursor string, limit *int) (p FeedbackPage, err error) {
	q, err := feedbackQuery(a.User.ID, cursor, limit)
	if err != nil {
		return p, err
	}
	return perform(ctx, c, a, CmdMyFeedback, use[FeedbackPage]{
		do: func(at *attempt) (FeedbackPage, error) { return c.feedbackPage(ctx, at, q) },
	})
}

func feedbackQuery(author, cursor string, limit *int) (q FeedbackQuery, err error) {
	q.Author = author
	if q.Limit, err = pageLimit(limit, MaxFeedback, MaxFeedback); err == nil && cursor != "" {
		q.After, err = placeOf(cursor)
	}
	return q, err
}

func (c *Canteen) feedbackPage(ctx context.Context, at *attempt, q FeedbackQuery) (p FeedbackPage, err error) {
	ms, more, err := c.given.Feedback(ctx, q)
	if err == nil && more && len(ms) > 0 {
		p.Next = ms[len(ms)-1].FeedbackPlace().String()
	}
	seen := map[string]bool{}
	for _, m := range ms {
		if _, known := seen[m.Room]; !known && err == nil {
			_, err = c.see(ctx, at.Actor, m.Room)
			if seen[m.Room] = err == nil; ErrorCode(err) == NotFound {
				err = nil
			}
		}
		g := GivenFeedback{Message: m, Seen: seen[m.Room]}
		if q.Author != "" && m.ThreadInfo != nil && err == nil {
			var replies Page
			bound := Bound{FeedbackAnswers, PageBytes / MaxFeedback}
			replies, err = c.store.Page(ctx, PageQuery{Room: m.Room, Thread: m.Seq, Bound: bound, Viewer: q.Author})
			g.Answers = slices.DeleteFunc(replies.Messages, func(r Message) bool { return r.DeletedAt != nil })
		}
		if q.Author != "" || g.Seen {
			p.Feedback = append(p.Feedback, g)
		}
	}
	return p, err
}
