package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// problem is an error on its way out. It is the one mapper.
type problem struct {
	wire.Problem
	retry string
}

// problemOf maps err; what is not the rules' own is logged with the request's id and not shown.
func problemOf(ctx context.Context, err error) *problem {
	log := requestOf(ctx).log
	e, ok := errors.AsType[*chat.Error](err)
	switch {
	case ok && wire.HTTPStatus(e.Code) != http.StatusInternalServerError:
		if e.Err != nil {
			log.WarnContext(ctx, "request failed", "request", requestID(ctx), "code", e.Code, "error", e.Err)
		}
	case errors.Is(err, context.Canceled):
		e = chat.Errorf(chat.Unavailable, "The request was given up.")
	case errors.Is(err, context.DeadlineExceeded):
		e = chat.Errorf(chat.Unavailable, "The request took too long.")
	default:
		log.ErrorContext(ctx, "request failed", "request", requestID(ctx), "error", err)
		e = chat.Errorf(chat.Internal, "Something went wrong here. The request id helps to find out what.")
	}
	p := &problem{Problem: wire.Problem{
		Type: "about:blank", Status: wire.HTTPStatus(e.Code), Title: http.StatusText(wire.HTTPStatus(e.Code)), Detail: e.Message,
		Code: string(e.Code), Field: e.Field, RequestID: requestID(ctx),
	}}
	if e.RetryAfter > 0 {
		p.retry = strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds())))
	}
	return p
}

// Error, GetStatus, GetHeaders and ContentType make it one of huma's errors.
func (p *problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retry != "" {
		h.Set("Retry-After", p.retry)
	}
	return h
}

// ContentType implements huma.ContentTypeFilter.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// write answers with the problem where huma is not at work.
func (p *problem) write(w http.ResponseWriter) {
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	b, err := json.Marshal(p.Problem)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(b, '\n')) // the client may be gone
}

// init makes huma strict about names, and answer its own refusals as everything else; it is told by these variables.
func init() {
	huma.ValidateStrictCasing = true // "Text" is not "text"
	words()
	huma.NewErrorWithContext = func(ctx huma.Context, code int, message string, errs ...error) huma.StatusError {
		return problemOf(ctx.Context(), refusal(code, message, errs...))
	}
	huma.NewError = func(code int, message string, errs ...error) huma.StatusError { // for the description: its shape
		return problemOf(context.Background(), refusal(code, message, errs...))
	}
}

// refusal maps what huma refuses by itself: parameters and bodies that do not fit the description.
func refusal(code int, message string, errs ...error) *chat.Error {
	switch code {
	case http.StatusRequestEntityTooLarge:
		return chat.Errorf(chat.TooLarge, "A body may have at most %d bytes.", wire.BodyBytes)
	case http.StatusUnsupportedMediaType:
		return chat.Errorf(chat.UnsupportedMedia, "Content-Type: application/json is needed.")
	case http.StatusNotFound:
		return errNotFound()
	case http.StatusRequestTimeout:
		return chat.Errorf(chat.Unavailable, "The body did not arrive in time.")
	case http.StatusInternalServerError:
		return &chat.Error{Code: chat.Internal, Err: errors.Join(append(errs, errors.New(message))...)}
	}
	e := chat.Errorf(chat.Invalid, "%s", message)
	for _, err := range errs {
		d, ok := errors.AsType[*huma.ErrorDetail](err)
		if !ok {
			continue
		}
		if strings.HasPrefix(d.Location, "path.") && d.Location != "path.emoji" { // an id or number of no possible form names nothing
			return errNotFound()
		}
		_, e.Field, _ = strings.Cut(d.Location, ".")
		e.Message = d.Message
		var name string
		if n, err := fmt.Sscanf(d.Message, missing, &name); n == 1 && err == nil {
			e.Field = strings.TrimPrefix(e.Field+"."+name, ".")
			return e
		}
		for _, of := range []string{twice, isNull} {
			if n, err := fmt.Sscanf(d.Message, of, &name); n == 1 && err == nil {
				e.Field = name
				return e
			}
		}
		break
	}
	return e
}

func errNotFound() *chat.Error { return chat.Errorf(chat.NotFound, "There is nothing here.") }

// Fail answers a request that did not become a socket.
func Fail(w http.ResponseWriter, r *http.Request, err error) { problemOf(r.Context(), err).write(w) }
