package rest

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

const formType = "multipart/form-data"

// parts are those of a form, by name. The handler of a route with a form gets them from the request.
type parts map[string][]byte

// only is Invalid for a part that has none of the names.
func (p parts) only(names ...string) error {
	for name := range p {
		if !slices.Contains(names, name) {
			return chat.InvalidField(name, "Unknown field.")
		}
	}
	return nil
}

// postsForm says of a registered POST that its body is a form (RFC 7578) of the schema. huma knows nothing of it: receiveForm reads it.
func postsForm(api huma.API, path string, schema *huma.Schema) {
	api.OpenAPI().Paths[base+path].Post.RequestBody = &huma.RequestBody{
		Required: true, Content: map[string]*huma.MediaType{formType: {Schema: schema}},
	}
}

// receiveForm reads a body that is a form, within the limits of other bodies, and keeps its parts with the request. The caller must call
// done when the request is answered, with or without an error.
func (h *Handler) receiveForm(w http.ResponseWriter, r *http.Request) (done func(), err error) {
	req := requestOf(r.Context())
	b := incomingOf(r, wire.BodyBytes, h.known)
	types := r.Header.Values("Content-Type")
	if len(types) != 1 {
		return b.done, errNoForm()
	}
	kind, params, err := mime.ParseMediaType(types[0])
	if err != nil || kind != formType || params["boundary"] == "" {
		return b.done, errNoForm()
	}
	if r.ContentLength > b.limit {
		return b.done, errTooLarge(b.limit)
	}
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(bodyWithin)) // a Lambda function has none, and no need of one
	if req.form, err = readForm(multipart.NewReader(b, params["boundary"])); err == nil {
		_, err = io.Copy(io.Discard, b) // what stands after the last part
	}
	if err != nil {
		return b.done, err
	}
	_ = c.SetReadDeadline(time.Time{})
	req.unread = false
	return b.done, nil
}

func errNoForm() error {
	return chat.Errorf(chat.UnsupportedMedia, "Content-Type: multipart/form-data with a boundary is needed.")
}

func readForm(in *multipart.Reader) (parts, error) {
	out := parts{}
	for {
		part, err := in.NextPart()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, formError(err)
		}
		name := part.FormName()
		if _, twice := out[name]; twice || name == "" {
			return nil, chat.InvalidField(name, "Each part of the form needs a name of its own.")
		}
		if out[name], err = io.ReadAll(part); err != nil {
			return nil, formError(err)
		}
	}
}

// formError keeps what the body itself was refused for.
func formError(err error) error {
	if e, ok := errors.AsType[*chat.Error](err); ok {
		return e
	}
	return chat.Errorf(chat.Invalid, "The form is malformed.")
}
