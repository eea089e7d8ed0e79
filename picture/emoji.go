package picture

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"io"
	"slices"
)

// Emoji is the picture of a custom emoji: a PNG, or a GIF that moves.
type Emoji struct {
	Type          string
	Width, Height int
	Body          []byte
}

// maxStrokes is how many pixels of all frames together a moving emoji may have: drawing each frame takes time.
const maxStrokes = 100_000_000

// Emoji makes a custom emoji of an uploaded picture. Its longer side is at most EmojiSide, and it has no metadata. The errors that people
// can help are ErrTooLarge (too many bytes as well as pixels), ErrTooManyFrames, ErrTooManyScans, ErrBroken, ErrAnimated and ErrNotPicture,
// and ErrBusy by waiting.
func (d *Decoder) Emoji(ctx context.Context, data []byte) (Emoji, error) {
	if len(data) > MaxEmoji {
		return Emoji{}, ErrTooLarge
	}
	r := bytes.NewReader(data)
	info, err := Inspect(r, "")
	if err == nil {
		err = info.still()
	}
	if err != nil {
		return Emoji{}, err
	}
	leave, err := d.enter(ctx)
	if err != nil {
		return Emoji{}, err
	}
	defer leave()
	if info.Type == "image/gif" && info.Frames > 1 {
		return moving(ctx, r, info)
	}
	small, err := shrink(r, info, EmojiSide)
	if err != nil {
		return Emoji{}, err
	}
	small = upright(small, info.Orientation)
	var b bytes.Buffer
	err = png.Encode(&b, small)
	return Emoji{Type: "image/png", Width: small.Rect.Dx(), Height: small.Rect.Dy(), Body: b.Bytes()}, err
}

// moving draws an animated GIF small enough. One that already is keeps its frames as they are.
func moving(ctx context.Context, r io.ReadSeeker, info Info) (Emoji, error) {
	out := Emoji{Type: "image/gif"}
	out.Width, out.Height = fit(info.Width, info.Height, EmojiSide)
	area := int64(info.Width) * int64(info.Height)
	if area*int64(info.Frames) > maxStrokes || info.decoded+area*int64(info.Frames) > MaxDecoded {
		return Emoji{}, ErrTooLarge
	}
	g, err := decodeGIF(r)
	if err != nil {
		return Emoji{}, err
	}
	if out.Width == info.Width {
		clean, err := Strip(r, info.Format)
		if err != nil {
			return Emoji{}, err
		}
		out.Body, err = io.ReadAll(clean.Reader())
		return out, err
	}
	small, err := redraw(ctx, g, out.Width, out.Height)
	if err != nil {
		return Emoji{}, err
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, small); err != nil {
		return Emoji{}, fmt.Errorf("%w: %v", ErrBroken, err)
	}
	out.Body = b.Bytes()
	return out, nil
}

func decodeGIF(r io.ReadSeeker) (g *gif.GIF, err error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if g, err = gif.DecodeAll(r); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrBroken, err)
	}
	if g.Config.Width < 1 || g.Config.Height < 1 || len(g.Delay) != len(g.Image) || len(g.Disposal) != len(g.Image) {
		return nil, ErrBroken
	}
	return g, nil
}

// redraw paints the frames over each other as browsers do, and draws each result smaller.
func redraw(ctx context.Context, g *gif.GIF, width, height int) (*gif.GIF, error) {
	out := &gif.GIF{LoopCount: g.LoopCount, Delay: g.Delay, Config: image.Config{Width: width, Height: height}}
	canvas := image.NewRGBA(image.Rect(0, 0, g.Config.Width, g.Config.Height))
	var before []byte
	for n, frame := range g.Image {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if g.Disposal[n] == gif.DisposalPrevious {
			before = append(before[:0], canvas.Pix...)
		}
		draw.Draw(canvas, frame.Rect, frame, frame.Rect.Min, draw.Over)
		out.Image = append(out.Image, reduce(scale(canvas, width, height)))
		out.Disposal = append(out.Disposal, gif.DisposalBackground)
		switch g.Disposal[n] {
		case gif.DisposalBackground:
			draw.Draw(canvas, frame.Rect, image.Transparent, image.Point{}, draw.Src)
		case gif.DisposalPrevious:
			copy(canvas.Pix, before)
		}
	}
	return out, nil
}

// shade is a box of similar colours: four bits of each channel.
type shade struct{ count, red, green, blue, index int }

// reduce finds at most 255 colours for a picture, and one for nothing. Each is the mean of one of the most frequent shades; the others take
// the nearest of these.
func reduce(m *image.RGBA) *image.Paletted {
	var shades [4096]shade
	var used []int
	for i := 0; i < len(m.Pix); i += 4 {
		key := keyOf(m.Pix[i : i+4])
		if key < 0 {
			continue
		}
		s, a := &shades[key], int(m.Pix[i+3])
		if s.count == 0 {
			used = append(used, key)
		}
		s.count, s.red, s.green, s.blue = s.count+1, s.red+int(m.Pix[i])*255/a, s.green+int(m.Pix[i+1])*255/a, s.blue+int(m.Pix[i+2])*255/a
	}
	slices.SortFunc(used, func(a, b int) int { return cmp.Or(shades[b].count-shades[a].count, a-b) })
	palette := color.Palette{color.Transparent}
	for n, key := range used {
		s := &shades[key]
		s.red, s.green, s.blue = s.red/s.count, s.green/s.count, s.blue/s.count
		if n < 255 {
			s.index = len(palette)
			palette = append(palette, color.RGBA{byteOf(s.red), byteOf(s.green), byteOf(s.blue), 255})
		} else {
			s.index = shades[slices.MinFunc(used[:255], func(a, b int) int { return s.from(&shades[a]) - s.from(&shades[b]) })].index
		}
	}
	out := image.NewPaletted(m.Rect, palette)
	for i := range out.Pix {
		if key := keyOf(m.Pix[4*i : 4*i+4]); key >= 0 {
			out.Pix[i] = byteOf(shades[key].index)
		}
	}
	return out
}

// from is how far two shades are apart.
func (s *shade) from(o *shade) int {
	r, g, b := s.red-o.red, s.green-o.green, s.blue-o.blue
	return r*r + g*g + b*b
}

// keyOf is the shade of a premultiplied pixel, or -1 if it is rather transparent: pixels of a GIF are either.
func keyOf(p []byte) int {
	a := int(p[3])
	if a < 128 {
		return -1
	}
	four := func(v byte) int { return min(255, int(v)*255/a) >> 4 }
	return four(p[0])<<8 | four(p[1])<<4 | four(p[2])
}

func byteOf(n int) uint8 { return uint8(min(max(n, 0), 255)) } // #nosec G115 -- bounded
