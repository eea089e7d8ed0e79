package dynamodb

import (
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// trace records in the room's item which message took which revision in the last commit.
type trace struct {
	Rev        int64 `dynamodbav:"r"`
	Seq        int64 `dynamodbav:"s"`
	Thread     int64 `dynamodbav:"t,omitempty"` // root of the message's thread; 0 if none
	Posted     bool  `dynamodbav:"p,omitempty"`
	InTimeline bool  `dynamodbav:"i,omitempty"` // the message is in the timeline
}

// checkPage returns errPartialCommit if a page lacks a change of the room's last commit. Earlier commits are visible as a
// whole: the last one required the room's item as they left it.
func (r room) checkPage(q chat.PageQuery, p chat.Page) error {
	for _, c := range r.Trace {
		found := false
		for _, m := range p.Messages {
			if m.Seq == c.Seq {
				found = true
				if m.Rev < c.Rev {
					return table.ErrPartialCommit
				}
			}
		}
		inRange := c.Posted && (q.Thread == 0 && c.InTimeline || q.Thread > 0 && c.Thread == q.Thread)
		atEnd := len(p.Messages) == 0 || c.Seq > p.Messages[len(p.Messages)-1].Seq
		requested := (q.Before == nil || c.Seq < *q.Before) && (q.After == nil || c.Seq > *q.After)
		if !found && inRange && atEnd && requested && !p.MoreAfter {
			return table.ErrPartialCommit
		}
	}
	return nil
}
