package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"path"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/picture"
)

// attach adds the files that a line of the script names, as ready files of its author.
func (t *town) attach(ctx context.Context, names []string, who, room string, n int, at time.Time) ([]chat.File, error) {
	made := make([]chat.File, 0, len(names))
	for i, name := range names {
		f, err := t.addFile(ctx, id("file", fmt.Sprint(room, n, i)), name, id("user", who), at)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		made = append(made, f)
	}
	return made, nil
}

func (t *town) addFile(ctx context.Context, id, name, owner string, at time.Time) (chat.File, error) {
	f := chat.File{ID: id, Name: name, Type: "text/plain", Kind: chat.OtherFile}
	var body []byte
	var err error
	if path.Ext(name) == ".jpg" {
		body, err = landscape(name)
	} else {
		body, err = company.ReadFile("company/files/" + name)
	}
	if err != nil {
		return f, err
	}
	if path.Ext(name) == ".jpg" {
		if err := t.drawn(ctx, &f, body); err != nil {
			return f, err
		}
	}
	sum := sha256.Sum256(body)
	f.Size, f.SHA256 = int64(len(body)), hex.EncodeToString(sum[:])
	if err := t.bodies.Put(ctx, id, f.Type, bytes.NewReader(body), f.Size); err != nil {
		return f, err
	}
	due := at.Add(chat.FileLife)
	row := chat.FileRow{File: f, State: chat.FileOpen, Owner: owner, At: at, Due: due}
	if err := t.store.AddFile(ctx, chat.AddFile{Row: row}); err != nil {
		return f, err
	}
	_, err = t.store.FinishFile(ctx, chat.FinishFile{File: f, Due: due})
	return f, err
}

// drawn says of a picture what the server would find out, and stores its thumbnails.
func (t *town) drawn(ctx context.Context, f *chat.File, body []byte) error {
	r := bytes.NewReader(body)
	info, err := picture.Inspect(r, "")
	if err != nil {
		return err
	}
	drawn, err := t.decoder.Thumbs(ctx, r, info)
	if err != nil {
		return err
	}
	f.Type, f.Kind, f.Width, f.Height, f.Color = info.Type, chat.FileKind(info.Kind), info.Width, info.Height, drawn.Color
	for _, d := range drawn.Thumbs {
		if err := t.bodies.Put(ctx, files.ThumbKey(f.ID, d.Size), d.Type, bytes.NewReader(d.Body), int64(len(d.Body))); err != nil {
			return err
		}
		f.Thumbs = append(f.Thumbs, d.Size)
	}
	return nil
}

// preview makes the preview of a message's link, nil for none. Its picture is a file of the author's, as the server would make it.
func (t *town) preview(ctx context.Context, a act, room string, n int) (*chat.Preview, error) {
	said := a.line.preview
	if said == nil {
		return nil, nil
	}
	body, err := landscape(said.picture)
	if err != nil {
		return nil, err
	}
	made := id("file", fmt.Sprint(room, n, "preview"))
	f, err := t.copied(ctx, made, id("user", a.line.who), body, chat.PreviewPictureSide, a.at)
	return &chat.Preview{URL: link.FindString(a.line.text), Title: said.title, Description: said.description, Picture: &f}, err
}

// copied adds a picture of a page or a card, as the server would have copied it.
func (t *town) copied(ctx context.Context, id, owner string, body []byte, side int, at time.Time) (chat.File, error) {
	small, err := t.decoder.Small(ctx, body, side)
	if err != nil {
		return chat.File{}, err
	}
	sum := sha256.Sum256(small.Body)
	f := chat.File{
		ID: id, Name: "preview", Kind: chat.PageFile, Type: small.Type, Size: int64(len(small.Body)),
		Width: small.Width, Height: small.Height, Color: small.Color, SHA256: hex.EncodeToString(sum[:]),
	}
	if err := t.bodies.Put(ctx, f.ID, f.Type, bytes.NewReader(small.Body), f.Size); err != nil {
		return f, err
	}
	row := chat.FileRow{File: f, State: chat.FileReady, Owner: owner, At: at, Due: at.Add(chat.FileLife)}
	return f, t.store.AddFile(ctx, chat.AddFile{Row: row})
}

// landscape draws a sky with a sun over three rows of hills, as a JPEG. Its colours and shapes follow from its name.
func landscape(name string) ([]byte, error) {
	const width, height = 1200, 900
	seed := sha256.Sum256([]byte(name))
	at := func(i int) float64 { return float64(seed[i]) / 255 }
	hue := at(0) * 2 * math.Pi
	tone := func(light, shift float64) color.RGBA {
		part := func(turn float64) uint8 { return uint8(255 * max(0, min(light*(1+0.35*math.Cos(hue+shift+turn)), 1))) }
		return color.RGBA{part(0), part(-2.1), part(2.1), 255}
	}
	sun, hills := tone(0.97, 1), [3]color.RGBA{tone(0.6, 1.4), tone(0.45, 1.9), tone(0.3, 2.4)}
	sunX, sunY := width*(0.2+0.6*at(1)), height*(0.2+0.2*at(2))
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		var tops [3]float64
		for i := range tops {
			tops[i] = height*(0.55+0.14*float64(i)) + 60*math.Sin(float64(x)/(140+90*at(3+i))+6*at(6+i))
		}
		for y := range height {
			c := tone(0.72+0.2*float64(y)/height, 0)
			if math.Hypot(float64(x)-sunX, float64(y)-sunY) < 70 {
				c = sun
			}
			for i, top := range tops {
				if float64(y) > top {
					c = hills[i]
				}
			}
			m.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 85})
	return b.Bytes(), err
}
