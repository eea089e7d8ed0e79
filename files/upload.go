package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/picture"
)

// Options are the parts that Files is made of. All but Lane and Uploaded are required.
type Options struct {
	Rules   *chat.Canteen
	Bodies  Bodies
	Decoder *picture.Decoder
	Lane    *Lane // for the digests of bodies
	Log     *slog.Logger

	Uploaded func(size int64) // is told of each upload that is complete, in bytes
}

// Files takes uploads and gives bodies. The rules decide first, each time. It is safe for concurrent use.
type Files struct{ o Options }

// New makes a Files.
func New(o Options) *Files {
	if o.Uploaded == nil {
		o.Uploaded = func(int64) {}
	}
	return &Files{o}
}

// Limits of uploads.
const (
	MaxPlaces   = 20        // parts in one request for places
	MaxWhole    = 4_000_000 // bytes of a file that is sent whole
	MaxPoster   = 512 << 10 // bytes of a picture that stands for a video
	MaxDuration = 1<<31 - 1 // milliseconds
)

// busyFor is how long to wait before another try when too many pictures are being prepared.
const busyFor = 5 * time.Second

// Part is a part of an upload, and the digest that it has.
type Part struct {
	N   int
	Sum Sum
}

func uploadOf(r chat.FileRow) Upload { return Upload{ID: r.ID, Size: r.Size, Home: r.Home} }

// Begin begins an upload.
func (f *Files) Begin(ctx context.Context, a chat.Actor, in chat.NewFileInput) (chat.File, error) {
	var begun *Upload
	row, err := f.o.Rules.AddFile(ctx, a, in, func(id string, size int64) (string, error) {
		home, err := f.o.Bodies.Begin(ctx, id, size)
		if err == nil {
			begun = &Upload{id, size, home}
		}
		return home, err
	})
	if err != nil && begun != nil {
		f.abort(ctx, *begun)
	}
	return row.File, err
}

// abort gives the room of an upload back that has no row. The sweeper finds what is left if it fails.
func (f *Files) abort(ctx context.Context, u Upload) {
	if err := f.o.Bodies.Abort(context.WithoutCancel(ctx), u); err != nil {
		f.o.Log.WarnContext(ctx, "the room of an upload was not given back yet", "file", u.ID, "error", err)
	}
}

// Places says where the client puts parts, and which parts are there.
func (f *Files) Places(ctx context.Context, a chat.Actor, id string, parts []Part) (places []Place, have []int, err error) {
	row, err := f.o.Rules.Upload(ctx, a, id)
	if err != nil {
		return nil, nil, err
	}
	u := uploadOf(row)
	for _, p := range parts {
		if u.PartSize(p.N) == 0 {
			return nil, nil, chat.InvalidField("parts", "The file has parts 1 to %d.", u.Parts())
		}
		place, err := f.o.Bodies.Place(ctx, u, p.N, p.Sum)
		if err != nil {
			return nil, nil, err
		}
		places = append(places, place)
	}
	have, err = f.o.Bodies.Have(ctx, u)
	return places, have, err
}

// PutPart stores a part.
func (f *Files) PutPart(ctx context.Context, a chat.Actor, id string, n int, r io.Reader, sum Sum) error {
	row, err := f.o.Rules.PutPart(ctx, a, id)
	if err != nil {
		return err
	}
	return f.o.Bodies.PutPart(ctx, uploadOf(row), n, r, sum)
}

// DoneInput is what the client knows of a file and the server cannot see.
type DoneInput struct {
	SHA256   Sum    // of the whole, as the client read it; zero: not stated
	Waveform []byte // of sound: its levels
	Duration int64  // of sound and video, in milliseconds
	Poster   []byte // of a video: a picture that stands for it
}

// Done completes an upload. Conflict names the parts that are missing. An upload with another digest than stated is deleted.
func (f *Files) Done(ctx context.Context, a chat.Actor, id string, in DoneInput) (chat.File, error) {
	if len(in.Waveform) > 0 && len(in.Waveform) != chat.WaveformBytes {
		return chat.File{}, chat.InvalidField("waveform", "A waveform has %d bytes.", chat.WaveformBytes)
	}
	file, err := f.o.Rules.FinishFile(ctx, a, id, func(row chat.FileRow) (chat.File, error) {
		if err := f.o.Bodies.Done(ctx, uploadOf(row)); err != nil {
			return chat.File{}, err
		}
		return f.finish(ctx, row, in)
	})
	if errors.Is(err, errWhole) { // all parts are as they were sent, and cannot be sent again
		if failed := f.o.Rules.DropFile(ctx, a, id); failed != nil {
			f.o.Log.WarnContext(ctx, "an upload with a wrong digest was not deleted yet", "file", id, "error", failed)
		}
	}
	return f.counted(file, err)
}

// errWhole means that a whole body has another digest than stated.
var errWhole = errors.New("the whole body has another digest than stated")

// counted passes on the result of an upload.
func (f *Files) counted(file chat.File, err error) (chat.File, error) {
	if err == nil {
		f.o.Uploaded(file.Size)
	}
	return file, err
}

// Whole takes a file that is sent whole.
func (f *Files) Whole(ctx context.Context, a chat.Actor, in chat.NewFileInput, body []byte) (chat.File, error) {
	in.Size = int64(len(body))
	row, err := f.o.Rules.AddFile(ctx, a, in, func(id string, size int64) (string, error) {
		return "", f.o.Bodies.Put(ctx, id, in.Type, bytes.NewReader(body), size)
	})
	if err != nil {
		return chat.File{}, err
	}
	return f.counted(f.o.Rules.FinishFile(ctx, a, row.ID, func(row chat.FileRow) (chat.File, error) {
		return f.finish(ctx, row, DoneInput{})
	}))
}

// Drop cancels an upload, or deletes a file that is in no message. The sweeper deletes its bodies.
func (f *Files) Drop(ctx context.Context, a chat.Actor, id string) error {
	return f.o.Rules.DropFile(ctx, a, id)
}

// finish looks at the body of an upload, removes its metadata and draws its thumbnails. It may be repeated.
func (f *Files) finish(ctx context.Context, row chat.FileRow, in DoneInput) (file chat.File, err error) {
	body, err := f.o.Bodies.Open(ctx, row.ID)
	if err != nil {
		return file, err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	var sum Sum
	if in.SHA256 != (Sum{}) && body.Size() == row.Size { // with another size, its metadata are gone already
		if sum, err = f.digest(ctx, body); err == nil && sum != in.SHA256 {
			err = &chat.Error{
				Code: chat.Invalid, Field: "sha256", Err: errWhole,
				Message: "The file does not have this digest, and was deleted. Upload it again.",
			}
		}
		if err != nil {
			return file, err
		}
	}
	info, err := picture.Inspect(body, row.Type)
	if err != nil {
		return file, err
	}
	uploaded := body
	if body, err = f.strip(ctx, row.ID, body, &info); err != nil {
		return file, err
	}
	if body != uploaded || sum == (Sum{}) {
		if sum, err = f.digest(ctx, body); err != nil {
			return file, err
		}
	}
	file = chat.File{
		ID: row.ID, Name: row.Name, Size: body.Size(), Type: info.Type, Kind: chat.FileKind(info.Kind),
		Width: info.Width, Height: info.Height, SHA256: hex.EncodeToString(sum[:]),
	}
	switch info.Kind {
	case picture.Image:
		err = f.draw(ctx, &file, body, info)
	case picture.Video:
		file.Duration = duration(in)
		err = f.poster(ctx, &file, in.Poster)
	case picture.Audio:
		file.Duration, file.Waveform = duration(in), in.Waveform
	case picture.Other:
	}
	if info.Refused != nil {
		keep(&file, info.Refused)
	}
	return file, err
}

func duration(in DoneInput) int64 { return max(0, min(in.Duration, MaxDuration)) }

// keep makes a picture a plain file.
func keep(file *chat.File, why error) {
	file.Kind, file.Width, file.Height, file.Color, file.Thumbs, file.Poster = chat.OtherFile, 0, 0, "", nil, false
	file.Kept = "It is kept as a plain file: " + why.Error() + "."
}

// strip removes metadata from a body, and gives the body as it is then. It closes the one that it got, if it gives another.
func (f *Files) strip(ctx context.Context, id string, body Body, info *picture.Info) (Body, error) {
	clean, err := picture.Strip(body, info.Format)
	if errors.Is(err, picture.ErrBroken) {
		if info.Refused == nil {
			info.Refused = err
		}
		return body, nil
	}
	if err != nil || !clean.Changed() {
		return body, err
	}
	if err := f.o.Bodies.Put(ctx, id, info.Type, clean.Reader(), clean.Size()); err != nil {
		return body, err
	}
	now, err := f.o.Bodies.Open(ctx, id)
	if err != nil {
		return body, err
	}
	return now, body.Close()
}

func (f *Files) digest(ctx context.Context, body io.ReadSeeker) (sum Sum, err error) {
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return sum, err
	}
	h := sha256.New()
	_, err = f.o.Lane.Copy(ctx, h, body)
	return Sum(h.Sum(nil)), err
}

// draw stores the thumbnails of a picture. One that cannot be decoded is kept as a plain file.
func (f *Files) draw(ctx context.Context, file *chat.File, body io.ReadSeeker, info picture.Info) error {
	drawn, err := f.o.Decoder.Thumbs(ctx, body, info)
	if errors.Is(err, picture.ErrBroken) {
		keep(file, err)
		return nil
	}
	if err != nil {
		return Busy(err)
	}
	file.Color = drawn.Color
	for _, t := range drawn.Thumbs {
		if err := f.o.Bodies.Put(ctx, ThumbKey(file.ID, t.Size), t.Type, bytes.NewReader(t.Body), int64(len(t.Body))); err != nil {
			return err
		}
		file.Thumbs = append(file.Thumbs, t.Size)
	}
	return nil
}

// poster stores the picture that stands for a video, if there is a good one.
func (f *Files) poster(ctx context.Context, file *chat.File, b []byte) error {
	if len(b) == 0 || len(b) > MaxPoster {
		return nil
	}
	r := bytes.NewReader(b)
	info, err := picture.Inspect(r, "")
	if err != nil || info.Kind != picture.Image || info.Refused != nil {
		return err
	}
	drawn, err := f.o.Decoder.Thumbs(ctx, r, info)
	if err != nil || len(drawn.Thumbs) == 0 { // broken, or too small to stand for anything
		return ignoreBroken(err)
	}
	if file.Width == 0 {
		file.Width, file.Height = info.Width, info.Height
	}
	file.Color, file.Poster = drawn.Color, true
	for _, t := range drawn.Thumbs {
		if err := f.o.Bodies.Put(ctx, ThumbKey(file.ID, t.Size), t.Type, bytes.NewReader(t.Body), int64(len(t.Body))); err != nil {
			return err
		}
		file.Thumbs = append(file.Thumbs, t.Size)
	}
	return nil
}

func ignoreBroken(err error) error {
	if errors.Is(err, picture.ErrBroken) {
		return nil
	}
	return Busy(err)
}

// Busy makes the error of a decoder that is busy one that says to try again. Other errors stay as they are.
func Busy(err error) error {
	if !errors.Is(err, picture.ErrBusy) {
		return err
	}
	return &chat.Error{
		Code: chat.Unavailable, Message: "Too many pictures are being prepared right now. Try again.", RetryAfter: busyFor, Err: err,
	}
}
