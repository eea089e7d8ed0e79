package rest_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// spot is a picture of one colour.
func spot(side int, c color.Color) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		m.Set(i%side, i/side, c)
	}
	return m
}

func pngOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// blinking is a GIF with two frames.
func blinking(t *testing.T) []byte {
	t.Helper()
	g := &gif.GIF{Delay: []int{10, 10}}
	for range 2 {
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, 32, 32), palette.Plan9))
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCustomEmoji: the life of custom emoji through the Go client, as their maker, another member and a guest have them.
func TestCustomEmoji(t *testing.T) {
	h := world.Open(t)
	ctx := context.Background()
	room := h.Room("ada", "public", "soup", "sam", "mira", "kim")
	sam, mira, kim := h.As("sam"), h.As("mira"), h.As("kim")
	heard := h.Live("kim")
	one := world.Must[wire.CustomEmoji](t)
	e := one(mira.AddCustomEmoji(ctx, "partyparrot", pngOf(t, spot(300, color.NRGBA{200, 30, 30, 255}))))
	if e.Name != "partyparrot" || e.By != h.ID["mira"] || e.AliasOf != "" {
		t.Errorf("added %+v", e)
	}
	if next, err := heard.Next(); err != nil || next.Type != "emoji" {
		t.Errorf("then came %s, %v", next.JSON, err)
	}
	one(sam.AddEmojiAlias(ctx, "birdie", "partyparrot"))
	one(sam.AddCustomEmoji(ctx, "blink2", blinking(t)))
	one(mira.RenameCustomEmoji(ctx, "partyparrot", "parrot2"))

	list := world.Must[[]wire.CustomEmoji](t)
	var names []string
	for _, e := range list(kim.CustomEmoji(ctx)) {
		names = append(names, e.Name+" "+e.AliasOf)
		if e.By != "" {
			t.Errorf("a guest is told who made %s", e.Name)
		}
	}
	if want := []string{"birdie parrot2", "blink2 ", "parrot2 ", "partyparrot parrot2"}; !slices.Equal(names, want) {
		t.Errorf("the list is %q, want %q", names, want)
	}

	m := h.Post("ada", room, 1)
	m = world.Must[wire.Message](t)(kim.React(ctx, room, m.Seq, ":partyparrot:", true))
	m = world.Must[wire.Message](t)(sam.React(ctx, room, m.Seq, ":birdie:", true))
	if len(m.Reactions) != 1 || m.Reactions[0].Emoji != ":partyparrot:" || m.Reactions[0].Count != 2 {
		t.Errorf("two names of an emoji make the reactions %+v", m.Reactions)
	}

	picture := world.Must[[]byte](t)(kim.EmojiPicture(ctx, e.Picture))
	if c, err := png.DecodeConfig(bytes.NewReader(picture)); err != nil || c.Width != 128 || c.Height != 128 {
		t.Errorf("the picture is %dx%d, %v", c.Width, c.Height, err)
	}
	if err := sam.DeleteCustomEmoji(ctx, "parrot2"); client.Code(err) != client.Forbidden {
		t.Errorf("somebody else deletes it: %v", err)
	}
	if err := mira.DeleteCustomEmoji(ctx, "parrot2"); err != nil {
		t.Error(err)
	}
	if _, err := kim.EmojiPicture(ctx, e.Picture); client.Code(err) != client.NotFound {
		t.Errorf("the picture of a deleted emoji: %v", err)
	}
	if all := list(kim.CustomEmoji(ctx)); len(all) != 1 || all[0].Name != "blink2" {
		t.Errorf("after the deletion the list is %+v", all)
	}
	if _, err := mira.AddCustomEmoji(ctx, "birdie", blinking(t)); client.Code(err) != client.Conflict {
		t.Errorf("a name that another picture had: %v", err)
	}
}

// TestEmojiPictures: what is no picture is refused with the reason. A picture is answered so that a browser takes it for nothing else, and
// keeps it; a request for it counts against none of the other rates.
func TestEmojiPictures(t *testing.T) {
	h := world.Open(t)
	ctx, mira := context.Background(), h.As("mira")
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, spot(40, color.White), nil); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		picture []byte
		says    string
	}{
		"svg":       {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "PNG, JPEG, WebP or GIF"},
		"html":      {[]byte("<!doctype html><script>alert(1)</script>"), "PNG, JPEG, WebP or GIF"},
		"a half":    {pngOf(t, spot(300, color.White))[:60], "damaged"},
		"nothing":   {nil, "512 KiB"},
		"too large": {append(pngOf(t, spot(3, color.White)), make([]byte, 513<<10)...), "512 KiB"},
	} {
		if _, err := mira.AddCustomEmoji(ctx, "nope", c.picture); client.Code(err) != client.Invalid ||
			!strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", what, err, c.says)
		}
	}
	add := world.Must[wire.CustomEmoji](t)
	for name, c := range map[string]struct {
		picture []byte
		is      string
	}{"photo1": {photo.Bytes(), "image/png"}, "blink1": {blinking(t), "image/gif"}} {
		e := add(mira.AddCustomEmoji(ctx, name, c.picture))
		path := "/api/v1/emoji/pictures/" + e.Picture
		a := h.Send(http.MethodGet, path, "", http.Header{"Authorization": {"Bearer " + h.Token["kim"]}})
		for header, want := range map[string]string{
			"Content-Type": c.is, "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
			"Cache-Control": "private, max-age=31536000, immutable",
		} {
			if got := a.Header.Get(header); a.StatusCode != http.StatusOK || got != want {
				t.Errorf("%s: %d, %s: %q, want %q", name, a.StatusCode, header, got, want)
			}
		}
		if status, _ := h.Raw("", http.MethodGet, path, ""); status != http.StatusUnauthorized {
			t.Errorf("%s without signing in: %d", name, status)
		}
		for i := range 400 { // more than the 300 requests that somebody may send at once
			if status, _ := h.Raw("kim", http.MethodGet, path, ""); status != http.StatusOK {
				t.Fatalf("%s: picture %d is %d", name, i, status)
			}
		}
	}
}

// TestEmojiETag: the list is sent again only when it changed.
func TestEmojiETag(t *testing.T) {
	h := world.Open(t)
	ask := func(tag string) world.Response {
		head := http.Header{"Authorization": {"Bearer " + h.Token["mira"]}}
		if tag != "" {
			head.Set("If-None-Match", tag)
		}
		return h.Send(http.MethodGet, "/api/v1/emoji", "", head)
	}
	first := ask("")
	if first.StatusCode != http.StatusOK || !strings.Contains(first.Body, `"emoji":[]`) {
		t.Errorf("at first: %d %s", first.StatusCode, first.Body)
	}
	tag := first.Header.Get("ETag")
	if again := ask(tag); again.StatusCode != http.StatusNotModified {
		t.Errorf("unchanged: %d", again.StatusCode)
	}
	world.Must[wire.CustomEmoji](t)(h.As("sam").AddCustomEmoji(context.Background(), "partyparrot", pngOf(t, spot(8, color.Black))))
	if again := ask(tag); again.StatusCode != http.StatusOK || again.Header.Get("ETag") == tag {
		t.Errorf("changed: %d, %s after %s", again.StatusCode, again.Header.Get("ETag"), tag)
	}
}

// TestEmojiForms: a form that is not exactly what is described is refused, and says why.
func TestEmojiForms(t *testing.T) {
	h := world.Open(t)
	part := func(name, value string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	const form, end = "multipart/form-data; boundary=x", "--x--\r\n"
	name := part("name", "birdie")
	for what, c := range map[string]struct {
		kind, body string
		want       int
	}{
		"JSON":                   {"application/json", `{"name":"birdie"}`, 415},
		"no boundary":            {"multipart/form-data", name + end, 415},
		"no end":                 {form, name, 400},
		"no form":                {form, "name=birdie", 400},
		"a name twice":           {form, name + name + end, 400},
		"a part without a name":  {form, name + part("", "x") + end, 400},
		"an unknown part":        {form, name + part("constructor", "x") + end, 400},
		"no picture":             {form, name + end, 400},
		"a picture and an alias": {form, name + part("file", "x") + part("alias_of", "x1") + end, 400},
		"too large":              {form, name + part("file", strings.Repeat("x", wire.BodyBytes)) + end, 413},
		"much after its end":     {form, name + end + strings.Repeat("x", wire.BodyBytes), 413},
		"an alias of nothing":    {form, name + part("alias_of", "partyparrot") + end, 400},
	} {
		a := h.Send(http.MethodPost, "/api/v1/emoji", c.body, http.Header{
			"Authorization": {"Bearer " + h.Token["mira"]}, "Content-Type": {c.kind},
		})
		if a.StatusCode != c.want || a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s, want %d", what, a.StatusCode, a.Body, c.want)
		}
	}
}
