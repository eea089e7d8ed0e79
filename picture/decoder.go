package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"golang.org/x/image/webp"
)

// Decoder decodes pictures, one at a time: MaxDecoded is what all of them together need. They are decoded in the order in which they came,
// and after each there is a pause as long as decoding it took, so that pictures have half of one processor. A program has one Decoder.
type Decoder struct {
	turn chan struct{} // holds a value while a picture is decoded, and during the pause
}

// patience is how long a picture waits for its turn. Whoever sent it waits for an answer, which the server must give within a minute.
const patience = 20 * time.Second

// NewDecoder returns a Decoder that is free.
func NewDecoder() *Decoder { return &Decoder{turn: make(chan struct{}, 1)} }

// thumbSides are the longer sides of the thumbnails, in pixels: what a message shows on a common screen and on a dense or large one.
func thumbSides() []int { return []int{960, SmallSide} }

// SmallSide is the longer side of the smallest thumbnail, in pixels.
const SmallSide = 360

// quality is that of JPEG thumbnails.
const quality = 80

// Drawn is what clients show until the picture itself is there.
type Drawn struct {
	Color  string // the average colour, as #rrggbb; "" for pictures that are not decoded
	Thumbs []Thumb
}

// Thumb is a thumbnail, upright. Its longer side is Size.
type Thumb struct {
	Size, Width, Height int
	Type                string // image/jpeg, or image/png for pictures with transparency
	Body                []byte
}

// Thumbs draws the thumbnails of a picture that Inspect has accepted. A picture has none of the sizes that it does not exceed. Of a GIF it
// shows the first frame; an animated WebP has none. ErrBroken: the picture cannot be decoded, and the file is no picture. ErrBusy: too many
// pictures wait.
func (d *Decoder) Thumbs(ctx context.Context, r io.ReadSeeker, info Info) (Drawn, error) {
	if info.Kind != Image {
		return Drawn{}, ErrNotPicture
	}
	if info.Type == "image/webp" && info.Frames > 1 {
		return Drawn{}, nil
	}
	leave, err := d.enter(ctx)
	if err != nil {
		return Drawn{}, err
	}
	defer leave()
	small, err := shrink(r, info, thumbSides()[0])
	if err != nil {
		return Drawn{}, err
	}
	small = upright(small, info.Orientation)
	drawn := Drawn{Color: average(small)}
	for _, side := range thumbSides() {
		if max(info.Width, info.Height) <= side {
			continue
		}
		if w, h := fit(info.Width, info.Height, side); w != small.Rect.Dx() || h != small.Rect.Dy() {
			small = scale(small, w, h)
		}
		t, err := encode(small)
		if err != nil {
			return Drawn{}, err
		}
		t.Size = side
		drawn.Thumbs = append([]Thumb{t}, drawn.Thumbs...)
	}
	return drawn, nil
}

// enter waits for a turn, which ends with leave.
func (d *Decoder) enter(ctx context.Context) (leave func(), err error) {
	patient := time.NewTimer(patience)
	defer patient.Stop()
	select {
	case d.turn <- struct{}{}:
	case <-patient.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	began := time.Now()
	return func() { time.AfterFunc(time.Since(began), func() { <-d.turn }) }, nil
}

// shrink decodes a picture and draws it so that its longer side is at most side.
func shrink(r io.ReadSeeker, info Info, side int) (*image.RGBA, error) {
	img, err := decode(r, info)
	if err != nil {
		return nil, err
	}
	w, h := fit(img.Bounds().Dx(), img.Bounds().Dy(), side)
	return scale(img, w, h), nil
}

// decode decodes the first frame. It compares the size that the decoder sees with the one that was accepted, before any pixel is decoded.
func decode(r io.ReadSeeker, info Info) (img image.Image, err error) {
	defer func() {
		if p := recover(); p != nil { // a bug of a decoder must not end the program
			img, err = nil, fmt.Errorf("%w: decoder: %v", ErrBroken, p)
		}
	}()
	config, decoder := codec(info.Type)
	if decoder == nil {
		return nil, ErrNotPicture
	}
	body := &failing{from: r}
	if err := body.rewind(); err != nil {
		return nil, err
	}
	c, err := config(body)
	if err != nil {
		return nil, body.because(err)
	}
	w, h := c.Width, c.Height
	if info.Orientation >= 5 {
		w, h = h, w
	}
	if w != info.Width || h != info.Height {
		return nil, ErrBroken
	}
	if err := body.rewind(); err != nil {
		return nil, err
	}
	if img, err = decoder(body); err != nil {
		return nil, body.because(err)
	}
	return img, nil
}

func codec(name string) (func(io.Reader) (image.Config, error), func(io.Reader) (image.Image, error)) {
	switch name {
	case "image/png":
		return png.DecodeConfig, png.Decode
	case "image/jpeg":
		return jpeg.DecodeConfig, jpeg.Decode
	case "image/gif":
		return gif.DecodeConfig, gif.Decode
	case "image/webp":
		return webp.DecodeConfig, webp.Decode
	}
	return nil, nil
}

// failing remembers the error of reading a body, which decoders do not keep apart from errors of the picture.
type failing struct {
	from io.ReadSeeker
	err  error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

func (f *failing) rewind() error {
	_, err := f.from.Seek(0, io.SeekStart)
	return err
}

func (f *failing) because(err error) error {
	if f.err != nil {
		return f.err
	}
	return fmt.Errorf("%w: %v", ErrBroken, err)
}

// encode writes a JPEG, or a PNG if something can be seen through.
func encode(m *image.RGBA) (Thumb, error) {
	t := Thumb{Type: "image/jpeg", Width: m.Rect.Dx(), Height: m.Rect.Dy()}
	var b bytes.Buffer
	var err error
	if m.Opaque() {
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: quality})
	} else {
		t.Type = "image/png"
		err = png.Encode(&b, m)
	}
	t.Body = b.Bytes()
	return t, err
}

// average is the mean colour, weighed by opacity.
func average(m *image.RGBA) string {
	var sum [4]int
	for i, v := range m.Pix {
		sum[i&3] += int(v)
	}
	if sum[3] == 0 {
		return "#808080"
	}
	mean := func(c int) int { return min(255, (sum[c]*255+sum[3]/2)/sum[3]) }
	return fmt.Sprintf("#%02x%02x%02x", mean(0), mean(1), mean(2))
}
