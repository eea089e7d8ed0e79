package rest

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/wire"
)

func (h *Handler) fileRoutes(api huma.API) {
	add(h, api, h.route("beginUpload POST /files 201", "Begin an upload",
		"The file is then sent in parts. An upload that is not done after a day is deleted, and so is a file that is in no message. "+
			"As multipart/form-data, with one part named file of at most 4,000,000 bytes, the file is sent whole, "+
			"and the answer is the File. What you upload counts against what one person may upload in a day: 2,000,000,000 bytes.",
		chat.CmdAddFile), h.beginUpload)
	add(h, api, h.route("placeParts POST /files/{id}/parts", "Where to send parts of a file",
		"Your own upload, until it is done. Parts may be sent in any order, three at a time, and again. To resume, ask which parts are "+
			"there.",
		chat.CmdUpload), h.placeParts)
	add(h, api, h.route(putPart, "Send a part of a file",
		"The exact bytes of part n. With Content-Digest: sha-256 (RFC 9530) they are compared with it: 400 if they differ. A part that is "+
			"stored stays as it is. On AWS parts go to another place, and here is none: 404.",
		chat.CmdPutPart), h.putPart)
	add(h, api, h.route("finishUpload POST /files/{id}/done 409", "Finish an upload",
		"Looks at the bytes, removes metadata of pictures, such as where they were taken, and draws thumbnails. Again: the same file. "+
			"409 names the parts that are missing. 400 for a sha256 that the whole file does not have: the file is deleted then.",
		chat.CmdFinishFile), h.finishUpload)
	add(h, api, h.route("dropFile DELETE /files/{id} 204 409", "Cancel an upload, or delete a file that is in no message",
		"Your own. 409 when it is in a message: delete that.",
		chat.CmdDropFile), h.dropFile)
	add(h, api, h.route("getFile GET /files/{id} 206 302 304 416", "A file",
		"Its body, for all who see the message that it is in now, and until it is in one for who uploaded it. Pictures, video and sound "+
			"of common types may be shown; everything else is an attachment. "+
			"On AWS the answer is 302, to an address that works for a minute.",
		chat.CmdFile), h.file)
	add(h, api, h.route("getThumb GET /files/{id}/thumb 206 302 304 416", "A thumbnail of a file",
		"One of the sizes in its thumbs. 404 for any other.",
		chat.CmdFile), h.thumb)
	add(h, api, h.route("listRoomFiles GET /rooms/{room}/files", "Files in a room",
		"Those in messages, the newest first, about 60 at once. For all who see the room.",
		chat.CmdRoomFiles), h.roomFiles)
}

const putPart = "putPart PUT /files/{id}/parts/{n} 204"

const (
	filesPath = base + "/files"
	partPath  = filesPath + "/{id}/parts/{n}"
	filePath  = filesPath + "/{id}"
	thumbPath = filePath + "/thumb"
)

// draws says whether a request decodes pictures, or reads whole files.
func draws(pattern string, r *http.Request) bool {
	switch pattern {
	case http.MethodPost + " " + filesPath:
		return isForm(r)
	case http.MethodPost + " " + filePath + "/done", http.MethodPost + " " + base + "/emoji":
		return true
	}
	return false
}

// binary describes a body of bytes.
func binary(mediaType string) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
}

// completeFiles adds to the description of the files what huma cannot derive: bodies that are not JSON.
func completeFiles(o *huma.OpenAPI) {
	o.Paths[partPath].Put.RequestBody = &huma.RequestBody{Required: true, Content: binary("application/octet-stream")}
	begin := o.Paths[filesPath].Post
	begin.RequestBody.Content[formType] = &huma.MediaType{Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{formPart}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{formPart: {Type: huma.TypeString, Format: "binary"}},
	}}
	whole := begin.Responses["201"].Content["application/json"]
	file := o.Paths[filePath+"/done"].Post.Responses["200"].Content["application/json"]
	whole.Schema = &huma.Schema{OneOf: []*huma.Schema{whole.Schema, file.Schema}}
	for _, path := range []string{filePath, thumbPath} {
		get := o.Paths[path].Get
		for _, status := range []string{"200", "206"} {
			get.Responses[status] = &huma.Response{Description: "The bytes", Content: binary("*/*")}
		}
		get.Responses["302"] = &huma.Response{Description: http.StatusText(http.StatusFound), Headers: map[string]*huma.Param{
			"Location": {Schema: &huma.Schema{Type: huma.TypeString}},
		}}
		get.Responses["304"] = &huma.Response{Description: http.StatusText(http.StatusNotModified)}
		get.Responses["416"] = &huma.Response{Description: "There is no such range"}
	}
}

// errNoFiles is the answer where no home of bodies is configured.
func errNoFiles() error { return chat.Errorf(chat.NotFound, "Files are not available here.") }

func (h *Handler) beginUpload(ctx context.Context, a chat.Actor, in *bodyIn[wire.NewFileBody]) (*made[wire.Upload], error) {
	if h.o.Files == nil {
		return nil, errNoFiles()
	}
	f, err := h.o.Files.Begin(ctx, a, chat.NewFileInput{Name: in.Body.Name, Type: in.Body.Type, Size: in.Body.Size})
	return &made[wire.Upload]{http.StatusCreated, wire.Upload{File: wire.NewFile(f), PartSize: files.PartSize}}, err
}

// idBody is a command about something that has an id.
type idBody[T any] struct {
	ID   string `path:"id" format:"id"`
	Body T
}

// sumOf reads a digest whose form is checked already; "" is none.
func sumOf(s string) (sum files.Sum, err error) {
	_, err = hex.Decode(sum[:], []byte(s))
	return sum, err
}

func (h *Handler) placeParts(ctx context.Context, a chat.Actor, in *idBody[wire.NewParts]) (*bodyOut[wire.Parts], error) {
	if h.o.Files == nil {
		return nil, errNoFiles()
	}
	parts := make([]files.Part, len(in.Body.Parts))
	for i, p := range in.Body.Parts {
		sum, err := sumOf(p.SHA256)
		if err != nil {
			return nil, err
		}
		parts[i] = files.Part{N: p.N, Sum: sum}
	}
	places, have, err := h.o.Files.Places(ctx, a, in.ID, parts)
	out := wire.Parts{Parts: make([]wire.PartPlace, len(places)), Have: append([]int{}, have...)}
	for i, p := range places {
		out.Parts[i] = wire.PartPlace{N: parts[i].N, URL: p.URL, Headers: map[string]string{}}
		if p.URL == "" {
			out.Parts[i].URL = fmt.Sprintf("%s/%s/parts/%d", filesPath, in.ID, parts[i].N)
		}
		for name, value := range p.Header {
			out.Parts[i].Headers[name] = value
		}
	}
	return ok(out), err
}

type partIn struct {
	ID     string `path:"id" format:"id"`
	N      int    `path:"n" minimum:"1" maximum:"9007199254740991" example:"1"`
	Digest string `header:"Content-Digest" maxLength:"200" example:"sha-256=:RK/5qy6MxsRT+bPUmRA1Cye4/UfNFQZUYcMGxVLmGZ8=:"`
}

func (h *Handler) putPart(ctx context.Context, a chat.Actor, in *partIn) (*none, error) {
	if h.o.Files == nil {
		return nil, errNoFiles()
	}
	sum, err := contentDigest(in.Digest)
	if err != nil {
		return nil, err
	}
	req := requestOf(ctx)
	if err := h.o.Files.PutPart(ctx, a, in.ID, in.N, req.body, sum); err != nil {
		return nil, err
	}
	req.unread = false
	return nil, nil
}

func (h *Handler) finishUpload(ctx context.Context, a chat.Actor, in *idBody[wire.FileDone]) (*bodyOut[wire.File], error) {
	if h.o.Files == nil {
		return nil, errNoFiles()
	}
	sum, err := sumOf(in.Body.SHA256)
	if err != nil {
		return nil, err
	}
	if len(in.Body.Poster) > files.MaxPoster {
		return nil, chat.InvalidField("poster", "At most %d bytes are allowed.", files.MaxPoster)
	}
	f, err := h.o.Files.Done(ctx, a, in.ID, files.DoneInput{
		SHA256: sum, Waveform: in.Body.Waveform, Duration: in.Body.Duration, Poster: in.Body.Poster,
	})
	return ok(wire.NewFile(f)), err
}

func (h *Handler) dropFile(ctx context.Context, a chat.Actor, in *idIn) (*none, error) {
	return nil, h.canteen.DropFile(ctx, a, in.ID)
}

type fileIn struct {
	ID       string `path:"id" format:"id"`
	Download bool   `query:"download" doc:"Always as an attachment, which browsers store"`
}

func (h *Handler) file(ctx context.Context, a chat.Actor, in *fileIn) (*huma.StreamResponse, error) {
	if h.o.Files == nil {
		return nil, errNoFiles()
	}
	return h.send(h.o.Files.File(ctx, a, in.ID, in.Download))
}

type thumbIn struct {
	ID   string `path:"id" format:"id"`
	Size int    `query:"size" required:"true" minimum:"1" maximum:"9007199254740991" example:"360" doc:"Pixels of the longer side"`
}

func (h *Handler) thumb(ctx context.Context, a chat.Actor, in *thumbIn) (*huma.StreamResponse, error) {
	if h.o.Files == nil {
		return nil, errNoFiles()
	}
	return h.send(h.o.Files.Thumb(ctx, a, in.ID, in.Size))
}

// How long browsers may use a body, and where to read one, without asking again.
const (
	bodyCached = "private, max-age=300"
	urlCached  = "private, max-age=30"
)

// send answers with a body, or with where to read it.
func (h *Handler) send(d files.Download, err error) (*huma.StreamResponse, error) {
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		if d.URL != "" {
			w.Header().Set("Cache-Control", urlCached)
			w.Header().Set("Location", d.URL)
			w.WriteHeader(http.StatusFound)
			return
		}
		defer func() {
			if err := d.Body.Close(); err != nil {
				h.o.Log.WarnContext(r.Context(), "a body was not closed", "request", requestID(r.Context()), "error", err)
			}
		}()
		header := w.Header()
		header.Set("Cache-Control", bodyCached)
		header.Set("ETag", d.ETag)
		header.Set("Content-Type", d.Type)
		header.Set("Content-Disposition", d.Disposition)
		header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
		http.ServeContent(&slowWriter{ResponseWriter: w, ctx: r.Context(), pace: h.sending}, r, "", time.Time{}, d.Body)
	}}, nil
}

type roomFilesIn struct {
	Room   string          `path:"room" format:"room" doc:"Room id, or # and the name of a public room, URL-encoded"`
	Kind   string          `query:"kind" enum:"image,video,audio,file" doc:"Only these"`
	Before optional[int64] `query:"before" minimum:"1" maximum:"9007199254740991" doc:"The next of the page before"`
}

func (h *Handler) roomFiles(ctx context.Context, a chat.Actor, in *roomFilesIn) (*bodyOut[wire.RoomFiles], error) {
	page := chat.RoomFilesInput{Kind: chat.FileKind(in.Kind)}
	if in.Before.value != nil {
		page.Before = *in.Before.value
	}
	rows, next, err := h.canteen.RoomFiles(ctx, a, in.Room, page)
	return ok(wire.NewRoomFiles(rows, next)), err
}
