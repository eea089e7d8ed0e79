package rest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// drawing is a picture of 1,200 by 800 pixels.
func drawing() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 1200, 800))
	for y := range 800 {
		for x := range 1200 {
			m.Set(x, y, color.RGBA{uint8(x >> 3), uint8(y >> 2), 90, 255})
		}
	}
	return m
}

func soupPNG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, drawing()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// jpegOf is a picture that says where it was taken.
func soupJPEG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, drawing(), nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x0f\x00\x02\x00\x00\x00\x06\x00\x00\x00\x1aCANARY\x00\x00"
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(append([]byte{0xff, 0xd8}, segment...), b.Bytes()[2:]...)
}

// sent uploads bytes as somebody, in parts.
func sent(t *testing.T, c *client.Client, name, mediaType string, b []byte) wire.File {
	t.Helper()
	return world.Must[wire.File](t)(c.UploadFile(context.Background(), name, mediaType, bytes.NewReader(b), int64(len(b))))
}

// fetch gets a path as somebody, with headers in addition.
func fetch(h *world.World, who, path string, header ...string) world.Response {
	head := http.Header{}
	if who != "" {
		head.Set("Authorization", "Bearer "+h.Token[who])
	}
	for i := 0; i < len(header); i += 2 {
		head.Set(header[i], header[i+1])
	}
	return h.Send(http.MethodGet, path, "", head)
}

// TestFiles follows a file through the API: in parts, into a message, to those who may see it, and to its end.
func TestFiles(t *testing.T) {
	h, ctx := world.Open(t), context.Background()
	mira, jonas := h.As("mira"), h.As("jonas")
	room := h.Room("mira", "private", "plans", "jonas")
	body := append(soupPNG(t), bytes.Repeat([]byte("x"), 9<<20)...) // two parts
	f := sent(t, mira, `soup "1".png`, "text/html", body)
	if f.Kind != "image" || f.Type != "image/png" || f.Width != 1200 || f.Height != 800 || len(f.Thumbs) != 2 || len(f.Color) != 7 ||
		f.Name != `soup "1".png` {
		t.Fatalf("%+v", f)
	}
	path := "/api/v1/files/" + f.ID
	if r := fetch(h, "jonas", path); r.StatusCode != 404 {
		t.Errorf("another's, in no message: %d", r.StatusCode)
	}
	if r := fetch(h, "mira", path); r.StatusCode != 200 {
		t.Errorf("one's own, in no message: %d", r.StatusCode)
	}
	m := world.Must[wire.Message](t)(mira.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(1), Files: []string{f.ID}}))
	if len(m.Files) != 1 || m.Files[0].ID != f.ID || m.Text != "" || m.Files[0].SHA256 != f.SHA256 {
		t.Errorf("%+v", m)
	}
	var got bytes.Buffer
	if err := jonas.Download(ctx, f.ID, &got); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(got.Bytes())
	if hex.EncodeToString(sum[:]) != f.SHA256 || int64(got.Len()) != f.Size {
		t.Errorf("%d bytes with another digest, of %d", got.Len(), f.Size)
	}
	for _, size := range f.Thumbs {
		var thumb bytes.Buffer
		if err := jonas.DownloadThumb(ctx, f.ID, size, &thumb); err != nil {
			t.Fatal(err)
		}
		c, _, err := image.DecodeConfig(&thumb)
		if err != nil || c.Width != size {
			t.Errorf("a thumbnail of %d is %d wide (%v)", size, c.Width, err)
		}
	}
	list := world.Must[wire.RoomFiles](t)(jonas.RoomFiles(ctx, room, "image", 0))
	if len(list.Files) != 1 || list.Files[0].File.ID != f.ID || list.Files[0].Seq != m.Seq || list.Files[0].Author != h.ID["mira"] {
		t.Errorf("%+v", list)
	}
	if list = world.Must[wire.RoomFiles](t)(jonas.RoomFiles(ctx, room, "video", 0)); len(list.Files) != 0 {
		t.Errorf("videos: %+v", list)
	}
	for _, who := range []string{"sam", "ada", "kim"} {
		for _, p := range []string{path, path + "/thumb?size=360"} {
			if r := fetch(h, who, p); r.StatusCode != 404 || !strings.Contains(r.Body, "not_found") {
				t.Errorf("%s gets %s: %d", who, p, r.StatusCode)
			}
		}
	}
	if r := fetch(h, "", path); r.StatusCode != 401 {
		t.Errorf("signed out: %d", r.StatusCode)
	}
	if err := mira.RemoveMember(ctx, room, h.ID["jonas"]); err != nil {
		t.Fatal(err)
	}
	if r := fetch(h, "jonas", path, "If-None-Match", `"`+f.SHA256+`"`); r.StatusCode != 404 {
		t.Errorf("after leaving: %d", r.StatusCode)
	}
	if err := mira.Delete(ctx, room, m.Seq); err != nil {
		t.Fatal(err)
	}
	if r := fetch(h, "mira", path); r.StatusCode != 404 {
		t.Errorf("after the deletion: %d", r.StatusCode)
	}
	gone := world.Must[wire.Page](t)(mira.Page(ctx, room, nil)).Messages[m.Seq-1]
	if len(gone.Files) != 0 || gone.DeletedAt == nil {
		t.Errorf("the tombstone: %+v", gone)
	}
}

// TestFileHeaders: ranges, tags, and what browsers may do with a body (FI-01).
func TestFileHeaders(t *testing.T) {
	h := world.Open(t)
	mira := h.As("mira")
	picture := sent(t, mira, "ä.png", "", soupPNG(t))
	path := "/api/v1/files/" + picture.ID
	r := fetch(h, "mira", path, "Accept-Encoding", "gzip")
	for name, want := range map[string]string{
		"ETag": `"` + picture.SHA256 + `"`, "Cache-Control": "private, max-age=300", "Content-Type": "image/png",
		"X-Content-Type-Options":  "nosniff",
		"Content-Security-Policy": "sandbox; default-src 'none'",
		"Content-Disposition":     `inline; filename="_.png"; filename*=UTF-8''%C3%A4.png`,
		"Accept-Ranges":           "bytes", "Content-Length": fmt.Sprint(picture.Size), "Content-Encoding": "",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := fetch(h, "mira", path, "Range", "bytes=1-3"); got.StatusCode != 206 || got.Body != "PNG" {
		t.Errorf("a range: %d %q", got.StatusCode, got.Body)
	}
	if got := fetch(h, "mira", path, "Range", "bytes=99999999-"); got.StatusCode != 416 {
		t.Errorf("no range: %d", got.StatusCode)
	}
	if got := fetch(h, "mira", path, "If-None-Match", r.Header.Get("ETag")); got.StatusCode != 304 || got.Body != "" {
		t.Errorf("unchanged: %d", got.StatusCode)
	}
	if got := fetch(h, "mira", path+"?download=true").Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment;") {
		t.Errorf("to be stored: %s", got)
	}
	thumb := fetch(h, "mira", path+"/thumb?size=360")
	if thumb.Header.Get("Content-Type") != "image/jpeg" || thumb.Header.Get("Content-Security-Policy") != "sandbox; default-src 'none'" {
		t.Errorf("thumbnail: %v", thumb.Header)
	}
	if got := fetch(h, "mira", path+"/thumb?size=100"); got.StatusCode != 404 {
		t.Errorf("another size: %d", got.StatusCode)
	}

	for what, b := range map[string]string{
		"svg": `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "html.png": "<html><script>alert(1)</script>",
		"xml": `<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>`, "pdf": "%PDF-1.4 /JS", "text": "hello", "zip": "PK\x03\x04",
		"png": "\x89PNG\r\n\x1a\n broken", "gif": "GIF89a/*<script>*/", "jpeg": "\xff\xd8\xff broken",
	} {
		f := sent(t, mira, what, "image/png", []byte(b))
		r := fetch(h, "mira", "/api/v1/files/"+f.ID)
		if f.Kind != "file" || r.StatusCode != 200 || r.Body != b || r.Header.Get("Content-Type") != "application/octet-stream" ||
			!strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment;") || r.Header.Get("X-Content-Type-Options") != "nosniff" ||
			r.Header.Get("Content-Security-Policy") != "sandbox; default-src 'none'" {
			t.Errorf("%s: %+v, %d, %v", what, f, r.StatusCode, r.Header)
		}
		if (len(f.Kept) > 0) != (what == "png" || what == "gif" || what == "jpeg") {
			t.Errorf("%s is kept as a plain file because %q", what, f.Kept)
		}
	}
}

// TestMetadataAreGone: before the file can be read, its bytes tell nothing of where it was made.
func TestMetadataAreGone(t *testing.T) {
	h := world.Open(t)
	b := soupJPEG(t)
	f := sent(t, h.As("mira"), "soup.jpg", "", b)
	r := fetch(h, "mira", "/api/v1/files/"+f.ID)
	sum := sha256.Sum256([]byte(r.Body))
	if !bytes.Contains(b, []byte("CANARY")) || strings.Contains(r.Body, "CANARY") || hex.EncodeToString(sum[:]) != f.SHA256 ||
		int64(len(r.Body)) != f.Size || f.Kind != "image" {
		t.Errorf("%+v, %d bytes", f, len(r.Body))
	}
}

// fileForm is a multipart body, and its type.
func fileForm(t *testing.T, field, name string, b []byte) (body, mediaType string) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	part, err := w.CreateFormFile(field, name)
	if err == nil {
		_, err = part.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), w.FormDataContentType()
}

// TestUploadForm: a file that is sent whole, as curl does, and forms that are refused.
func TestUploadForm(t *testing.T) {
	h := world.Open(t)
	send := func(body, mediaType string) world.Response {
		return h.Send(http.MethodPost, "/api/v1/files", body,
			http.Header{"Authorization": {"Bearer " + h.Token["mira"]}, "Content-Type": {mediaType}})
	}
	r := send(fileForm(t, "file", "../soup.png", soupPNG(t)))
	var f wire.File
	if err := json.Unmarshal([]byte(r.Body), &f); err != nil || r.StatusCode != 201 || f.Kind != "image" || f.Name != "soup.png" {
		t.Fatalf("%d %s (%v)", r.StatusCode, r.Body, err)
	}
	if got := fetch(h, "mira", "/api/v1/files/"+f.ID); got.StatusCode != 200 || int64(len(got.Body)) != f.Size {
		t.Errorf("read: %d, %d bytes", got.StatusCode, len(got.Body))
	}
	large, largeType := fileForm(t, "file", "a", make([]byte, 4_000_001))
	other, otherType := fileForm(t, "picture", "a", []byte("x"))
	empty, emptyType := fileForm(t, "file", "a", nil)
	whole, wholeType := fileForm(t, "file", "a", []byte("hello"))
	for what, c := range map[string]struct {
		body, mediaType string
		want            int
	}{
		"too large": {large, largeType, 413}, "another name": {other, otherType, 400}, "empty": {empty, emptyType, 400},
		"cut": {whole[:len(whole)-20], wholeType, 400}, "no boundary": {whole, "multipart/form-data", 415},
		"another boundary": {whole, "multipart/form-data; boundary=x", 400}, "text": {"hello", "text/plain", 415},
		"nothing after": {"", wholeType, 400},
	} {
		if r := send(c.body, c.mediaType); r.StatusCode != c.want {
			t.Errorf("%s: %d, want %d: %s", what, r.StatusCode, c.want, r.Body)
		}
	}
}

// TestParts: parts that are cut, wrong, sent again or not one's own (FI-06, AZ-04).
func TestParts(t *testing.T) {
	h, ctx := world.Open(t), context.Background()
	mira := h.As("mira")
	body := bytes.Repeat([]byte("canteen "), 1<<20+1000) // two parts
	u := world.Must[wire.Upload](t)(mira.BeginUpload(ctx, "a.bin", "", int64(len(body))))
	at := "/api/v1/files/" + u.File.ID
	put := func(who string, n int, b []byte, header ...string) int {
		head := http.Header{"Authorization": {"Bearer " + h.Token[who]}, "Content-Type": {"application/octet-stream"}}
		for i := 0; i < len(header); i += 2 {
			head.Set(header[i], header[i+1])
		}
		return h.Send(http.MethodPut, fmt.Sprintf("%s/parts/%d", at, n), string(b), head).StatusCode
	}
	first, last := body[:u.PartSize], body[u.PartSize:]
	sum := sha256.Sum256(last)
	digest := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
	for what, c := range map[string]struct{ got, want int }{
		"another's upload":   {put("jonas", 2, last), 404},
		"too short":          {put("mira", 2, last[1:]), 400},
		"too long":           {put("mira", 2, append(bytes.Clone(last), 1)), 400},
		"no such part":       {put("mira", 3, last), 404},
		"part 0":             {put("mira", 0, last), 404},
		"another digest":     {put("mira", 2, last, "Content-Digest", "sha-256=:"+strings.Repeat("B", 42)+"A"+"=:"), 400},
		"a malformed one":    {put("mira", 2, last, "Content-Digest", "md5=:AAAA:"), 400},
		"no unsigned origin": {put("mira", 2, last, "Origin", "https://evil.example"), 403},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", what, c.got, c.want)
		}
	}
	if got := put("mira", 2, last, "Content-Digest", digest); got != 204 {
		t.Errorf("a part: %d", got)
	}
	if got := put("mira", 2, last); got != 204 {
		t.Errorf("the same again: %d", got)
	}
	if got := put("mira", 2, bytes.ToUpper(last)); got != 400 {
		t.Errorf("another in its place: %d", got)
	}
	done := func(who, b string) world.Response {
		return h.Send(http.MethodPost, at+"/done", b, http.Header{"Authorization": {"Bearer " + h.Token[who]}})
	}
	if r := done("mira", "{}"); r.StatusCode != 409 || !strings.Contains(r.Body, "parts 1 are missing") {
		t.Errorf("done with a part missing: %d %s", r.StatusCode, r.Body)
	}
	if r := done("jonas", "{}"); r.StatusCode != 404 {
		t.Errorf("done by another: %d", r.StatusCode)
	}
	if got := put("mira", 1, first); got != 204 {
		t.Errorf("the first part: %d", got)
	}
	all := sha256.Sum256(body)
	for range 2 {
		if r := done("mira", `{"sha256":"`+hex.EncodeToString(all[:])+`"}`); r.StatusCode != 200 {
			t.Errorf("done: %d %s", r.StatusCode, r.Body)
		}
	}
	if got := put("mira", 1, first); got != 404 {
		t.Errorf("a part after the end: %d", got)
	}
	if err := mira.DropFile(ctx, u.File.ID); err != nil {
		t.Error(err)
	}
	if r := fetch(h, "mira", at); r.StatusCode != 404 {
		t.Errorf("dropped: %d", r.StatusCode)
	}
	if _, err := mira.BeginUpload(ctx, "a", "", 1<<40); err == nil {
		t.Error("a file of a terabyte is taken")
	}
	wrong := world.Must[wire.Upload](t)(mira.BeginUpload(ctx, "a", "", 1))
	_, err := mira.ResumeUpload(ctx, wrong, strings.NewReader("a"), wire.FileDone{SHA256: strings.Repeat("1", 64)})
	if e, ok := errors.AsType[*client.Error](err); !ok || e.Status != 400 || e.Field != "sha256" {
		t.Errorf("done with another digest: %v", err)
	}
	if _, err := mira.PlaceParts(ctx, wrong.File.ID, nil); client.Code(err) != "not_found" {
		t.Errorf("parts after another digest: %v", err)
	}
}

// TestResume: an upload that ended in the middle goes on with what is missing.
func TestResume(t *testing.T) {
	h, ctx := world.Open(t), context.Background()
	mira := h.As("mira")
	body := bytes.Repeat([]byte("canteen "), 3<<20) // three parts
	u := world.Must[wire.Upload](t)(mira.BeginUpload(ctx, "a.bin", "", int64(len(body))))
	if _, err := mira.ResumeUpload(ctx, u, brokenAt{body, 1 << 20}, wire.FileDone{}); err == nil {
		t.Fatal("an upload that could not be read is done")
	}
	if r := h.Send(http.MethodPut, "/api/v1/files/"+u.File.ID+"/parts/2", string(body[u.PartSize:2*u.PartSize]),
		http.Header{"Authorization": {"Bearer " + h.Token["mira"]}, "Content-Type": {"application/octet-stream"}}); r.StatusCode != 204 {
		t.Fatal(r.Body)
	}
	f := world.Must[wire.File](t)(mira.ResumeUpload(ctx, u, bytes.NewReader(body), wire.FileDone{}))
	sum := sha256.Sum256(body)
	if f.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("%+v", f)
	}
}

// brokenAt is a body that cannot be read from some place on.
type brokenAt struct {
	b  []byte
	at int64
}

func (r brokenAt) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > r.at {
		return 0, fmt.Errorf("cannot read at %d", off)
	}
	return copy(p, r.b[off:]), nil
}

// TestPosterAndWaveform: what the client knows of a video or a voice message.
func TestPosterAndWaveform(t *testing.T) {
	h, ctx := world.Open(t), context.Background()
	mira := h.As("mira")
	upload := func(b []byte, done wire.FileDone) (wire.File, error) {
		u := world.Must[wire.Upload](t)(mira.BeginUpload(ctx, "a", "", int64(len(b))))
		return mira.ResumeUpload(ctx, u, bytes.NewReader(b), done)
	}
	sound := []byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00" +
		"\x01\x00\x01\x00\x44\xac\x00\x00\x88\x58\x01\x00\x02\x00\x10\x00data\x00\x00\x00\x00")
	wave := bytes.Repeat([]byte{9}, 64)
	f := world.Must[wire.File](t)(upload(sound, wire.FileDone{Waveform: wave, Duration: 7000}))
	if f.Kind != "audio" || !bytes.Equal(f.Waveform, wave) || f.Duration != 7000 {
		t.Errorf("%+v", f)
	}
	for _, field := range []string{"waveform", "poster"} {
		body := fmt.Sprintf(`{%q:"/emoji"}`, field)
		r := h.Send(http.MethodPost, "/api/v1/files/"+f.ID+"/done", body, http.Header{"Authorization": {"Bearer " + h.Token["mira"]}})
		if r.StatusCode != 400 || !strings.Contains(r.Body, `"field":"`+field+`"`) || !strings.Contains(r.Body, "Base64 is needed.") {
			t.Errorf("%s: %d %s", body, r.StatusCode, r.Body)
		}
	}
	if _, err := upload(sound, wire.FileDone{Waveform: wave[1:]}); err == nil {
		t.Error("a waveform of 63 bytes is taken")
	}
	video := []byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08" +
		"\x42\x82\x84webm\x42\x87\x81\x04\x42\x85\x81\x02V_VP8")
	f = world.Must[wire.File](t)(upload(video, wire.FileDone{Poster: soupJPEG(t), Duration: 9, Waveform: wave}))
	if f.Kind != "video" || !f.Poster || len(f.Thumbs) != 2 || f.Color == "" || f.Waveform != nil {
		t.Errorf("%+v", f)
	}
	if r := fetch(h, "mira", "/api/v1/files/"+f.ID+"/thumb?size=360"); r.StatusCode != 200 || r.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the poster: %d", r.StatusCode)
	}
	f = world.Must[wire.File](t)(upload([]byte("hello"), wire.FileDone{Poster: soupJPEG(t), Waveform: wave}))
	if f.Poster || f.Thumbs != nil || f.Waveform != nil || f.Kind != "file" {
		t.Errorf("%+v", f)
	}
}
