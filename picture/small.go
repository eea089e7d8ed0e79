package picture

import (
	"bytes"
	"context"
)

// Small is a picture drawn anew, small and without metadata.
type Small struct {
	Thumb
	Color string // the average colour, as #rrggbb
}

// Small draws a picture so that its longer side is at most side; a smaller one keeps its size. Of a GIF it draws the first frame. The
// errors are those of Emoji.
func (d *Decoder) Small(ctx context.Context, data []byte, side int) (Small, error) {
	r := bytes.NewReader(data)
	info, err := Inspect(r, "")
	if err == nil {
		err = info.still()
	}
	if err != nil {
		return Small{}, err
	}
	leave, err := d.enter(ctx)
	if err != nil {
		return Small{}, err
	}
	defer leave()
	m, err := shrink(r, info, side)
	if err != nil {
		return Small{}, err
	}
	m = upright(m, info.Orientation)
	t, err := encode(m)
	t.Size = side
	return Small{t, average(m)}, err
}

// still says why a frame of what was inspected cannot be drawn.
func (i Info) still() error {
	switch {
	case i.Refused != nil:
		return i.Refused
	case i.Kind != Image:
		return ErrNotPicture
	case i.Type == "image/webp" && i.Frames > 1:
		return ErrAnimated
	}
	return nil
}
