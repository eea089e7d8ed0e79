package wire

import (
	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/chat"
)

// AuditPerson is somebody in the audit log.
type AuditPerson struct {
	ID     string `json:"id"`
	Handle string `json:"handle,omitempty" doc:"As it was then"`
}

// AuditDetail says more about what was done.
type AuditDetail struct {
	Name string `json:"name" example:"role"`
	From string `json:"from,omitempty" example:"member" doc:"What it was, where it became something else"`
	To   string `json:"to,omitempty" example:"admin" doc:"What it is, or became. Absent where only the change is kept"`
}

// AuditRow is a row of the audit log.
type AuditRow struct {
	N          int64         `json:"n" minimum:"1" doc:"Its number: 1 for the first row ever"`
	At         Time          `json:"at" format:"date-time"`
	What       string        `json:"what" example:"user changed" doc:"What was done. refused: the details say what was not"`
	By         *AuditPerson  `json:"by,omitempty" doc:"Who did it. Absent for who was not signed in, and on the command line"`
	Session    string        `json:"session,omitempty" doc:"The id, where it was done in a session"`
	Token      string        `json:"token,omitempty" doc:"The id, where it was done by a token"`
	Address    string        `json:"address,omitempty" doc:"Where it came from: a network address, or \"command line\""`
	Of         *AuditPerson  `json:"of,omitempty" doc:"Whom it was done to"`
	Room       string        `json:"room,omitempty" doc:"The id of the room that it is about"`
	RoomHidden bool          `json:"room_hidden,omitempty" doc:"It is about a room that you do not see"`
	Details    []AuditDetail `json:"details" nullable:"false"`
	Prev       string        `json:"prev" format:"sha256" doc:"The hash of the row before"`
	Hash       string        `json:"hash" format:"sha256" doc:"SHA-256 of prev and the canonical form: see docs/operate.md"`
}

// AuditLog is the answer of GET /audit.
type AuditLog struct {
	Rows  []AuditRow `json:"rows" nullable:"false" maxItems:"200" doc:"Newest first"`
	Next  string     `json:"next,omitempty" doc:"The cursor with which the search goes on, even if this page has no rows; absent at the end"`
	Words []string   `json:"words" nullable:"false" doc:"What rows can say that was done, as the parameter what takes it"`
	Head  string     `json:"head" doc:"Number and hash of the newest row. Keep a copy elsewhere: it proves that nothing was cut off"`
}

// NewAuditRow maps a row.
func NewAuditRow(r chat.AuditRow) AuditRow {
	w := AuditRow{
		N: r.N, At: Time{r.At}, What: r.What, By: newAuditPerson(r.By), Session: r.Session, Token: r.Token, Address: r.Address,
		Of: newAuditPerson(r.Of), Room: r.Room, RoomHidden: r.Hidden, Details: []AuditDetail{}, Prev: r.Prev.String(), Hash: r.Hash.String(),
	}
	for _, d := range r.Details {
		w.Details = append(w.Details, AuditDetail(d))
	}
	return w
}

func newAuditPerson(p audit.Person) *AuditPerson {
	if p == (audit.Person{}) {
		return nil
	}
	return &AuditPerson{p.ID, p.Handle}
}

// NewAuditLog maps a page.
func NewAuditLog(p chat.AuditPage) AuditLog {
	w := AuditLog{Rows: make([]AuditRow, len(p.Rows)), Next: p.Next, Words: chat.AuditWords(), Head: p.Head.String()}
	for i, r := range p.Rows {
		w.Rows[i] = NewAuditRow(r)
	}
	return w
}
