package unfurl_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/outbound"
	"github.com/canteen-chat/canteen/picture"
	"github.com/canteen-chat/canteen/unfurl"
)

func photo(t *testing.T, width, height int, encode func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = uint8(i/4%251) | uint8(i%4/3*255)
	}
	var b bytes.Buffer
	if err := encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(b *bytes.Buffer, m image.Image) error  { return png.Encode(b, m) }
func asJPEG(b *bytes.Buffer, m image.Image) error { return jpeg.Encode(b, m, nil) }

// noise is a PNG of see-through noise, which stays large however it is drawn.
func noise(b *bytes.Buffer, m image.Image) error {
	out := image.NewNRGBA(m.Bounds())
	x := uint32(1)
	for i := range out.Pix {
		x = x*1664525 + 1013904223
		out.Pix[i] = uint8(x >> 24)
	}
	out.SetNRGBA(0, 0, color.NRGBA{})
	return png.Encode(b, out)
}

// open is an unfurler that reaches this machine, but not the host own.example, and asks hosts through check.
func open(check func(netip.AddrPort) error) *unfurl.Unfurler {
	if check == nil {
		check = func(netip.AddrPort) error { return nil }
	}
	return unfurl.New(outbound.New(outbound.Options{Check: check, Own: "own.example"}), picture.NewDecoder())
}

// TestPicture: the picture that a page names is fetched as the page was, drawn anew, small, whatever it is called.
func TestPicture(t *testing.T) {
	large, small := photo(t, 1200, 630, asJPEG), photo(t, 100, 80, asPNG)
	for name, c := range map[string]struct{ head, asked string }{
		"whole":         {`<meta property="og:image" content="HOST/a.jpg">`, "/a.jpg"},
		"relative":      {`<meta property="og:image" content="a.jpg?x=1&amp;y=2">`, "/in/a.jpg"},
		"by its path":   {`<meta property="og:image" content=" /a.jpg ">`, "/a.jpg"},
		"Twitter":       {`<meta name="twitter:image" content="/a.jpg">`, "/a.jpg"},
		"the first":     {`<meta property="og:image" content="/a.jpg"><meta property="og:image" content="/b.jpg">`, "/a.jpg"},
		"none":          {``, ""},
		"empty":         {`<meta property="og:image" content="">`, ""},
		"no URL":        {`<meta property="og:image" content="http://[::1">`, ""},
		"another type":  {`<meta property="og:image" content="/lies.html">`, "/lies.html"},
		"in a redirect": {`<meta property="og:image" content="/moved">`, "/a.jpg"},
	} {
		var asked []string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/in/page":
				w.Header().Set("Content-Type", "text/html")
				w.Header().Set("Set-Cookie", "a=b")
				write(t, w, []byte("<title>A</title>"+strings.ReplaceAll(c.head, "HOST", "http://"+r.Host)))
				return
			case "/moved":
				http.Redirect(w, r, "/a.jpg", http.StatusFound)
				return
			}
			asked = append(asked, r.URL.Path)
			if r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" {
				t.Errorf("%s: asked with %v", name, r.Header)
			}
			w.Header().Set("Content-Type", "text/html")
			if r.URL.Path == "/lies.html" {
				write(t, w, small)
			} else {
				write(t, w, large)
			}
		}))
		got, err := open(nil).Unfurl(t.Context(), s.URL+"/in/page")
		s.Close()
		if err != nil || got.Title != "A" || strings.Join(asked, " ") != c.asked {
			t.Errorf("%s: %q, asked %v, %v", name, got.Title, asked, err)
			continue
		}
		switch p := got.Picture; {
		case c.asked == "":
			if p != nil {
				t.Errorf("%s: a picture", name)
			}
		case p == nil:
			t.Errorf("%s: no picture: %v", name, got.NoPicture)
		case p.Type != "image/jpeg" || len(p.Color) != 7 || p.Width != min(360, p.Width) ||
			bytes.Equal(p.Body, large) || bytes.Equal(p.Body, small):
			t.Errorf("%s: %s, %d × %d, %q", name, p.Type, p.Width, p.Height, p.Color)
		}
	}
}

func write(t *testing.T, w http.ResponseWriter, b []byte) {
	if _, err := w.Write(b); err != nil {
		t.Log(err)
	}
}

// TestHostilePictures (SS-04): what must not be asked is not asked, and what must not be drawn is not drawn. Then the
// preview has no picture.
func TestHostilePictures(t *testing.T) {
	bomb := photo(t, 40, 40, asPNG)
	copy(bomb[16:24], "\x00\x00\xff\xff\x00\x00\xff\xff")
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(bytes.Repeat([]byte{0}, 50<<20)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	var inside atomic.Int32
	secret := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		inside.Add(1)
		write(t, w, photo(t, 40, 40, asPNG))
	}))
	defer secret.Close()
	guarded := func(a netip.AddrPort) error { // the page's host alone counts as public
		if strings.HasSuffix(secret.URL, a.String()) {
			return outbound.ErrForbidden
		}
		if a.Addr().IsLoopback() {
			return nil
		}
		return outbound.Check(a)
	}
	pictures := map[string][]byte{
		"/svg":  []byte(`<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1/"/></svg>`),
		"/html": []byte("<html>"), "/bomb": bomb,
		"/pixel": photo(t, 1, 1, asPNG), "/line": photo(t, 2000, 1, asPNG), "/noise": photo(t, 360, 360, noise),
		"/endless": photo(t, 700, 700, noise), "/cut": photo(t, 300, 300, asPNG)[:200], "/empty": nil,
		"/padded": append(photo(t, 40, 40, asPNG), make([]byte, 1<<20)...),
	}
	for name, at := range map[string]string{
		"SVG": "/svg", "HTML": "/html", "a bomb of pixels": "/bomb", "a pixel that counts visits": "/pixel", "a line": "/line",
		"one that stays large": "/noise", "more than 1 MiB": "/endless", "half of one": "/cut", "nothing": "/empty", "none": "/missing",
		"whole, but followed by 1 MiB": "/padded", "compressed": "/gzip", "redirects without end": "/loop",
		"the network of the server": secret.URL + "/x.png", "a redirect into it": "/inward", "the metadata of AWS": "/metadata",
		"our own API": "https://own.example/api/v1/files/aaaaaaaaaaaa", "a redirect to our own API": "/own",
		"a file": "file:///etc/passwd", "data": "data:image/png;base64,AAAA", "a password": "http://a:b@example.com/x.png",
		"too long": "/" + strings.Repeat("x", 3000),
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			to := map[string]string{
				"/loop": "/loop", "/inward": secret.URL,
				"/metadata": "http://169.254.169.254/latest/meta-data/", "/own": "https://own.example/",
			}[r.URL.Path]
			switch body, ok := pictures[r.URL.Path]; {
			case r.URL.Path == "/page":
				w.Header().Set("Content-Type", "text/html")
				write(t, w, []byte(`<title>A</title><meta property="og:image" content="`+at+`">`))
			case to != "":
				http.Redirect(w, r, to, http.StatusFound)
			case r.URL.Path == "/gzip":
				w.Header().Set("Content-Encoding", "gzip")
				write(t, w, zipped.Bytes())
			case ok:
				w.Header().Set("Content-Type", "image/png")
				write(t, w, body)
			default:
				http.NotFound(w, r)
			}
		}))
		got, err := open(guarded).Unfurl(t.Context(), s.URL+"/page")
		s.Close()
		if err != nil || got.Title != "A" || got.Picture != nil || got.NoPicture == nil {
			t.Errorf("%s: %q, a picture: %v, %v, %v", name, got.Title, got.Picture != nil, got.NoPicture, err)
		}
	}
	if inside.Load() > 0 {
		t.Errorf("the host inside was asked %d times", inside.Load())
	}
}

// TestPictureOfItsOwn: the picture of a card is asked for by its own address, and drawn as large as it is wanted.
func TestPictureOfItsOwn(t *testing.T) {
	large, stop := photo(t, 1600, 400, asPNG), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/a.png":
			write(t, w, large)
		case "/never":
			<-stop
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	defer close(stop)
	got, err := open(nil).Picture(t.Context(), s.URL+"/a.png", 800)
	if err != nil || got.Width != 800 || got.Height != 200 || len(got.Color) != 7 || bytes.Equal(got.Body, large) {
		t.Errorf("%d × %d, %v", got.Width, got.Height, err)
	}
	began := time.Now()
	for _, address := range []string{s.URL + "/missing", s.URL + "/never", "https://own.example/a.png", "file:///etc/passwd"} {
		if _, err := open(nil).Picture(t.Context(), address, 800); chat.ErrorCode(err) != chat.NotFound {
			t.Errorf("%s: %v", address, err)
		}
	}
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestPictureThatNeverComes: the host of a picture costs its bounded time, and the preview is there without it.
func TestPictureThatNeverComes(t *testing.T) {
	stop := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/page" {
			<-stop
			return
		}
		w.Header().Set("Content-Type", "text/html")
		write(t, w, []byte(`<title>A</title><meta property="og:image" content="/never">`))
	}))
	defer s.Close()
	defer close(stop)
	began := time.Now()
	got, err := open(nil).Unfurl(t.Context(), s.URL+"/page")
	if took := time.Since(began); err != nil || got.Title != "A" || got.Picture != nil || took > 5*time.Second {
		t.Errorf("%+v, %v after %v", got, err, took)
	}
}

// TestOneFetchForAll: a page that many ask for at the same time is asked once. The end of one who asks ends nothing for the others.
func TestOneFetchForAll(t *testing.T) {
	var asked atomic.Int32
	ask, answer := make(chan struct{}), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			close(ask)
		}
		<-answer
		w.Header().Set("Content-Type", "text/html")
		write(t, w, []byte("<title>A</title>"))
	}))
	defer s.Close()
	u := open(nil)
	gone, leave := context.WithCancel(t.Context())
	defer leave()
	var all sync.WaitGroup
	for i := range 10 {
		ctx := t.Context()
		if i == 0 {
			ctx = gone
		}
		all.Go(func() {
			got, err := u.Unfurl(ctx, s.URL)
			if i == 0 && !errors.Is(err, context.Canceled) || i > 0 && (err != nil || got.Title != "A") {
				t.Errorf("%d: %+v, %v", i, got, err)
			}
		})
		if i == 0 {
			<-ask
			leave()
		}
	}
	time.Sleep(50 * time.Millisecond) // they wait by now
	close(answer)
	all.Wait()
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
	if _, err := u.Unfurl(t.Context(), s.URL); err != nil || asked.Load() != 2 {
		t.Errorf("later: %v, asked %d times", err, asked.Load())
	}
}

// TestPanicEndsOneRequest: a bug that a page or its picture brings to light fails those who asked for it, and ends nothing else.
func TestPanicEndsOneRequest(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a.png" {
			write(t, w, photo(t, 100, 80, asPNG))
			return
		}
		w.Header().Set("Content-Type", "text/html")
		write(t, w, []byte(`<title>A</title><meta property="og:image" content="/a.png">`))
	}))
	defer s.Close()
	client := outbound.New(outbound.Options{Check: func(netip.AddrPort) error { return nil }})
	u := unfurl.New(client, nil) // without a decoder, each picture is a panic
	for range 2 {
		if _, err := u.Unfurl(t.Context(), s.URL+"/page"); err == nil || !strings.Contains(err.Error(), "panicked") {
			t.Errorf("got %v", err)
		}
	}
}
