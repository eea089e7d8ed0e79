package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

func (h *Handler) auditRoutes(api huma.API) {
	add(h, api, h.route("listAudit GET /audit 403 404", "The audit log",
		"For owners and admins: in a session, or by a token with the scope audit. Newest first. A search looks at 20,000 rows at once: a page "+
			"may have no rows and yet a next one. Rooms that you do not see are left out of rows; 404 for one in room.",
		chat.CmdAudit), h.audit)
	export := h.route("exportAudit GET /audit/export 403 404", "The audit log as a file",
		"As GET /audit, with 5,000 rows at most. Where there are more, the header Link names the next file (rel=\"next\"). The audit log "+
			"says that you made it.",
		chat.CmdExportAudit)
	text := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	export.Responses = map[string]*huma.Response{"200": {
		Description: "OK", Content: map[string]*huma.MediaType{csvType: text, linesType: text},
	}}
	add(h, api, export, h.exportAudit)
}

const (
	csvType   = "text/csv"          // RFC 4180
	linesType = "application/jsonl" // jsonlines.org
)

// AuditFilter is what both routes take. (The name of an embedded type must be exported.)
type AuditFilter struct {
	User   string    `query:"user" format:"id" doc:"Who did it, or whom it was done to"`
	What   string    `query:"what" minLength:"1" maxLength:"100" example:"user changed" doc:"What was done, in exactly these words"`
	Room   string    `query:"room" format:"id" doc:"Only about this room"`
	From   time.Time `query:"from" doc:"Not before this time"`
	To     time.Time `query:"to" doc:"Before this time"`
	Cursor string    `query:"cursor" maxLength:"200" doc:"The next of the page before"`
}

func (in AuditFilter) filter() audit.Filter {
	return audit.Filter{User: in.User, What: in.What, Room: in.Room, From: in.From, To: in.To}
}

type listAuditIn struct {
	AuditFilter
	Limit optional[int] `query:"limit" minimum:"1" maximum:"200" doc:"50 unless said"`
}

func (h *Handler) audit(ctx context.Context, a chat.Actor, in *listAuditIn) (*bodyOut[wire.AuditLog], error) {
	p, err := h.canteen.Audit(ctx, a, in.filter(), in.Cursor, in.Limit.value)
	return ok(wire.NewAuditLog(p)), err
}

type exportAuditIn struct {
	AuditFilter
	Format string `query:"format" enum:"csv,jsonl" doc:"csv unless said; jsonl has a row of GET /audit on each line"`
}

// exportOut is a file that a browser stores.
type exportOut struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Link        string `header:"Link"`
	Body        []byte
}

func (h *Handler) exportAudit(ctx context.Context, a chat.Actor, in *exportAuditIn) (*exportOut, error) {
	p, err := h.canteen.ExportAudit(ctx, a, in.filter(), in.Cursor)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	out := &exportOut{ContentType: csvType + "; charset=utf-8", Disposition: `attachment; filename="audit-log.csv"`}
	if in.Format == "jsonl" {
		out.ContentType, out.Disposition = linesType, `attachment; filename="audit-log.jsonl"`
		lines := json.NewEncoder(&body)
		for _, r := range p.Rows {
			if err := lines.Encode(wire.NewAuditRow(r)); err != nil {
				return nil, err
			}
		}
	} else {
		rows := make([]audit.Row, len(p.Rows))
		for i, r := range p.Rows {
			rows[i] = r.Row
		}
		if err := audit.WriteCSV(&body, rows); err != nil {
			return nil, err
		}
	}
	if p.Next != "" {
		out.Link = fmt.Sprintf(`<?%s>; rel="next"`, in.next(p.Next))
	}
	out.Body = body.Bytes()
	return out, nil
}

// next is the query of the next file.
func (in exportAuditIn) next(cursor string) string {
	q := url.Values{"cursor": {cursor}}
	for name, v := range map[string]string{"user": in.User, "what": in.What, "room": in.Room, "format": in.Format} {
		if v != "" {
			q.Set(name, v)
		}
	}
	for name, at := range map[string]time.Time{"from": in.From, "to": in.To} {
		if !at.IsZero() {
			q.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	return q.Encode()
}
