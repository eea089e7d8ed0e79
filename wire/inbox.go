package wire

import "github.com/canteen-chat/canteen/chat"

// Inbox is the answer of GET /inbox.
type Inbox struct {
	Items  []InboxItem `json:"items" nullable:"false" maxItems:"100"`
	Unread int         `json:"unread" minimum:"0" maximum:"100" doc:"In the whole inbox, without reactions. Exact to 99, 100 means more"`
	Next   string      `json:"next,omitempty" doc:"The cursor of the next page; absent at the end"`
}

// InboxItem is an entry of the inbox. A message stands in it once, the reactions to a message once, and a thread once.
type InboxItem struct {
	Key     string   `json:"key" example:"m.b7qnvw3kz5ra.12"`
	Cause   string   `json:"cause" enum:"mention,broadcast,keyword,thread,reaction" doc:"thread: one you follow, message is its last reply"`
	Reason  string   `json:"reason" example:"This message mentions you." doc:"Why it is here, in English"`
	Room    string   `json:"room" format:"id"`
	Seq     int64    `json:"seq" minimum:"1" doc:"Of the message"`
	Message Message  `json:"message"`
	By      []string `json:"by" nullable:"false" format:"id" doc:"User ids: who wrote the message or the unread replies, or reacted"`
	At      Time     `json:"at" format:"date-time"`
	Read    bool     `json:"read" doc:"Your read pointer has reached seq; for reactions, you have seen those up to at"`
}

// NewInbox maps a page of an inbox.
func NewInbox(p chat.InboxPage) Inbox {
	w := Inbox{Items: make([]InboxItem, len(p.Items)), Unread: p.Unread, Next: p.Next}
	for i, in := range p.Items {
		w.Items[i] = InboxItem{
			Key: in.Key, Cause: string(in.Cause), Reason: in.Reason, Room: in.Message.Room, Seq: in.Message.Seq,
			Message: NewMessage(in.Message), By: list(in.By), At: Time{in.At}, Read: in.Read,
		}
	}
	return w
}

// ClearInbox is the body of PUT /inbox/cleared: at least one of the two.
type ClearInbox struct {
	Key    string `json:"key,omitempty" maxLength:"100" example:"m.b7qnvw3kz5ra.12"`
	Before *Time  `json:"before,omitempty" format:"date-time" doc:"Clears what is not newer; with key: of that entry. Now unless said"`
}

// SeeInbox is the body of PUT /inbox/seen.
type SeeInbox struct {
	At Time `json:"at" format:"date-time" doc:"The at of the newest reaction that was shown"`
}
