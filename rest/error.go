package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// problem is an error as it is sent to the client.
type problem struct {
	wire.Problem
	retry string
}

// problemOf maps every error to a problem. It logs the causes of errors, and errors that are not shown to the client, with the request id.
func problemOf(ctx context.Context, err error) *problem {
	log, id := requestOf(ctx).log, requestID(ctx)
	p, retry, shown := wire.NewProblem(err, id)
	if !shown {
		log.ErrorContext(ctx, "request failed", "request", id, "error", err)
	} else if e, ok := errors.AsType[*chat.Error](err); ok && e.Err != nil && string(e.Code) == p.Code {
		log.WarnContext(ctx, "request failed", "request", id, "code", e.Code, "error", e.Err)
	}
	return &problem{p, retry}
}

// Error implements error. With GetStatus, GetHeaders and ContentType, a problem is an error that huma can send.
func (p *problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", wire.Challenge)
	}
	if p.retry != "" {
		h.Set("Retry-After", p.retry)
	}
	return h
}

// ContentType implements huma.ContentTypeFilter.
func (p *problem) ContentType(string) string { return wire.ProblemType }

// write sends the problem in an answer that huma does not write.
func (p *problem) write(w http.ResponseWriter) {
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	b, err := json.Marshal(p.Problem)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", wire.ProblemType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(b, '\n')) // fails only if the client disconnected
}

// init configures huma, which has global variables for this: field names are case-sensitive, and huma's own errors become problems.
func init() {
	huma.ValidateStrictCasing = true // the field "Text" does not match "text"
	setMessages()
	huma.NewErrorWithContext = func(ctx huma.Context, code int, message string, errs ...error) huma.StatusError {
		err := refusal(code, message, errs...)
		if r := requestOf(ctx.Context()); r.door != nil && writes(ctx.Method()) {
			r.door.canteen.Refused(ctx.Context(), r.actor, ctx.Method()+" "+ctx.Operation().Path, err)
		}
		return problemOf(ctx.Context(), err)
	}
	huma.NewError = func(code int, message string, errs ...error) huma.StatusError { // gives the description the type of errors
		return problemOf(context.Background(), refusal(code, message, errs...))
	}
}

// refusal maps huma's own errors, such as parameters and bodies that do not match the description.
func refusal(code int, message string, errs ...error) *chat.Error {
	switch code {
	case http.StatusNotFound:
		return errNotFound()
	case http.StatusInternalServerError:
		return &chat.Error{Code: chat.Internal, Err: errors.Join(append(errs, errors.New(message))...)}
	}
	e := chat.Errorf(chat.Invalid, "%s", message)
	for _, err := range errs {
		d, ok := errors.AsType[*huma.ErrorDetail](err)
		if !ok {
			continue
		}
		if strings.HasPrefix(d.Location, "path.") && d.Location != "path.emoji" { // nothing has an id or number of an invalid form
			return errNotFound()
		}
		_, e.Field, _ = strings.Cut(d.Location, ".")
		e.Message = plainly(d.Message)
		var name string
		if n, err := fmt.Sscanf(d.Message, msgMissing, &name); n == 1 && err == nil {
			e.Field = strings.TrimPrefix(e.Field+"."+name, ".")
			return e
		}
		break
	}
	return e
}

// plainly is what huma says of parameters, as package validation says it of bodies. These texts of huma cannot be set.
func plainly(message string) string {
	switch {
	case message == "invalid integer":
		return validation.MsgExpectedInteger
	case message == "invalid boolean":
		return validation.MsgExpectedBoolean
	case strings.HasPrefix(message, "invalid date/time"):
		return validation.MsgExpectedRFC3339DateTime
	case message == "unknown query parameter":
		return "Unknown parameter."
	case strings.HasPrefix(message, "required "):
		return "This parameter is missing."
	}
	return message
}

func errNotFound() *chat.Error { return chat.Errorf(chat.NotFound, "There is nothing here.") }

// Fail answers a request with an error. The socket handler uses it for a failed handshake.
func Fail(w http.ResponseWriter, r *http.Request, err error) { problemOf(r.Context(), err).write(w) }
