// Package filetest holds the contract of files.Bodies as tests, which every home of bodies must pass.
package filetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
)

// Home is an empty home of bodies.
type Home struct {
	files.Bodies
	// Again gives the home as another process finds it after this one was killed.
	Again func() files.Bodies
}

// Open makes an empty home, which ends with the test.
type Open func(t testing.TB) Home

// Run tests the contract.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Home)
	}{
		{"an upload", uploads}, {"cut at 40 %", cut}, {"a part again", again}, {"wrong parts", wrong}, {"missing parts", missing},
		{"done twice", doneTwice}, {"killed", killed}, {"aborted", aborted}, {"small bodies", small}, {"reading", reading},
		{"deleting", deleting}, {"listing", listing}, {"keys", keys}, {"parts at once", atOnce},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// content is a body of random bytes.
func content(size int64) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // never fails
	return b
}

// partOf is part n of a body.
func partOf(u files.Upload, body []byte, n int) []byte {
	from := int64(n-1) * files.PartSize
	return body[from : from+u.PartSize(n)]
}

func sumOf(b []byte) files.Sum { return sha256.Sum256(b) }

func begin(t *testing.T, h Home, size int64) files.Upload {
	t.Helper()
	id := chat.NewID()
	home, err := h.Begin(t.Context(), id, size)
	if err != nil {
		t.Fatal(err)
	}
	return files.Upload{ID: id, Size: size, Home: home}
}

// put sends a part to its place, with its digest or another one.
func put(ctx context.Context, b files.Bodies, u files.Upload, n int, r io.Reader, length int64, sum files.Sum) error {
	place, err := b.Place(ctx, u, n, sum)
	if err != nil {
		return err
	}
	if place.URL == "" {
		return b.PutPart(ctx, u, n, r, sum)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, place.URL, r)
	if err != nil {
		return err
	}
	req.ContentLength = length
	for name, value := range place.Header {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	if err = errors.Join(err, res.Body.Close()); err == nil && res.StatusCode >= 300 {
		err = chat.Errorf(chat.Invalid, "%s: %s", res.Status, answer)
	}
	return err
}

// send puts a part as it should be.
func send(t *testing.T, b files.Bodies, u files.Upload, body []byte, n int) {
	t.Helper()
	p := partOf(u, body, n)
	if err := put(t.Context(), b, u, n, bytes.NewReader(p), int64(len(p)), sumOf(p)); err != nil {
		t.Fatalf("part %d: %v", n, err)
	}
}

// store puts a whole body.
func store(t *testing.T, b files.Bodies, key string, body []byte) {
	t.Helper()
	if err := b.Put(t.Context(), key, "image/png", bytes.NewReader(body), int64(len(body))); err != nil {
		t.Fatal(err)
	}
}

// has fails unless exactly these parts are there.
func has(t *testing.T, b files.Bodies, u files.Upload, want ...int) {
	t.Helper()
	got, err := b.Have(t.Context(), u)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("have %v (%v), want %v", got, err, want)
	}
}

// holds fails unless the body of key is want.
func holds(t *testing.T, b files.Bodies, key string, want []byte) {
	t.Helper()
	r, err := b.Open(t.Context(), key)
	if err != nil {
		t.Errorf("open %s: %v", key, err)
		return
	}
	got, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, want) || r.Size() != int64(len(want)) {
		t.Errorf("%s holds %d bytes of size %d (%v), or others than the %d that were stored", key, len(got), r.Size(), err, len(want))
	}
}

// is fails unless err has the code.
func is(t *testing.T, what string, err error, want chat.Code) {
	t.Helper()
	if err == nil || chat.ErrorCode(err) != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

// gone fails if there is a body.
func gone(t *testing.T, b files.Bodies, key string) {
	t.Helper()
	r, err := b.Open(t.Context(), key)
	if err == nil {
		err = r.Close()
		t.Errorf("%s can be read (%v)", key, err)
		return
	}
	is(t, "open "+key, err, chat.NotFound)
}

func uploads(t *testing.T, h Home) {
	for _, size := range []int64{1, 100, files.PartSize, files.PartSize + 1, 2*files.PartSize + 3000} {
		u, body := begin(t, h, size), content(size)
		has(t, h, u)
		for n := u.Parts(); n >= 1; n-- { // in any order
			gone(t, h, u.ID)
			send(t, h, u, body, n)
		}
		gone(t, h, u.ID)
		if err := h.Done(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		holds(t, h, u.ID, body)
	}
}

// halting is a body whose connection ends after some bytes.
type halting struct {
	io.Reader
	err error
}

func (r halting) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = r.err
	}
	return n, err
}

// cut: the connection ends at 40 % of the whole. What arrived whole is there still, and the upload goes on with the rest.
func cut(t *testing.T, h Home) {
	u := begin(t, h, 3*files.PartSize)
	body := content(u.Size)
	send(t, h, u, body, 1)
	second := partOf(u, body, 2)
	ended := chat.Errorf(chat.Invalid, "the connection ended")
	some := halting{bytes.NewReader(second[:files.PartSize/5]), ended}
	if err := put(t.Context(), h, u, 2, some, files.PartSize, sumOf(second)); err == nil {
		t.Error("a part that was cut is taken")
	}
	has(t, h, u, 1)
	is(t, "done", h.Done(t.Context(), u), chat.Conflict)
	gone(t, h, u.ID)
	send(t, h, u, body, 2)
	send(t, h, u, body, 3)
	if err := h.Done(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	holds(t, h, u.ID, body)
}

// again: the same part may come again, and another one in its place leaves the body as it was first.
func again(t *testing.T, h Home) {
	u := begin(t, h, files.PartSize+10)
	body := content(u.Size)
	send(t, h, u, body, 2)
	send(t, h, u, body, 1)
	send(t, h, u, body, 2)
	has(t, h, u, 1, 2)
	if err := h.Done(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	holds(t, h, u.ID, body)
}

// wrong: parts of another digest or length, and parts that do not exist.
func wrong(t *testing.T, h Home) {
	u := begin(t, h, files.PartSize+10)
	body := content(u.Size)
	first, last := partOf(u, body, 1), partOf(u, body, 2)
	other := bytes.Repeat([]byte{7}, 10)
	for what, err := range map[string]error{
		"other bytes": put(t.Context(), h, u, 2, bytes.NewReader(other), 10, sumOf(last)),
		"a zero byte": put(t.Context(), h, u, 2, bytes.NewReader(append(slices.Clone(last[:9]), last[9]+1)), 10, sumOf(last)),
	} {
		is(t, what, err, chat.Invalid)
	}
	has(t, h, u)
	for _, n := range []int{-1, 0, 3, 20_000} {
		if err := put(t.Context(), h, u, n, bytes.NewReader(last), 10, sumOf(last)); err == nil {
			t.Errorf("part %d of 2 is taken", n)
		}
	}
	send(t, h, u, body, 1)
	send(t, h, u, body, 2)
	has(t, h, u, 1, 2)
	if place, err := h.Place(t.Context(), u, 1, sumOf(first)); err != nil || place.URL != "" {
		return // such a home compares lengths at the end only, and replaces a part that comes again
	}
	is(t, "others in place of a stored part", put(t.Context(), h, u, 2, bytes.NewReader(other), 10, sumOf(other)), chat.Invalid)
	is(t, "a part that is too short", put(t.Context(), h, u, 2, bytes.NewReader(last[:9]), 9, sumOf(last[:9])), chat.Invalid)
	long := append(slices.Clone(last), 1)
	is(t, "a part that is too long", put(t.Context(), h, u, 2, bytes.NewReader(long), 11, sumOf(long)), chat.Invalid)
	is(t, "a first part that is too short", put(t.Context(), h, u, 1, bytes.NewReader(last), 10, sumOf(last)), chat.Invalid)
	if err := h.Done(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	holds(t, h, u.ID, body)
}

func missing(t *testing.T, h Home) {
	u := begin(t, h, 2*files.PartSize+10)
	body := content(u.Size)
	is(t, "done without parts", h.Done(t.Context(), u), chat.Conflict)
	send(t, h, u, body, 1)
	send(t, h, u, body, 3)
	err := h.Done(t.Context(), u)
	is(t, "done without part 2", err, chat.Conflict)
	if e, ok := errors.AsType[*chat.Error](err); !ok || e.Message != "The upload is not complete: parts 2 are missing." {
		t.Errorf("done without part 2: %v", err)
	}
	gone(t, h, u.ID)
	has(t, h, u, 1, 3)
	send(t, h, u, body, 2)
	if err := h.Done(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	holds(t, h, u.ID, body)
}

// doneTwice: at the same time, and afterwards, also once the body was replaced by one without metadata.
func doneTwice(t *testing.T, h Home) {
	u := begin(t, h, files.PartSize+10)
	body := content(u.Size)
	send(t, h, u, body, 1)
	send(t, h, u, body, 2)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if err := h.Done(t.Context(), u); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	holds(t, h, u.ID, body)
	store(t, h, u.ID, body[:9])
	if err := h.Done(t.Context(), u); err != nil {
		t.Error(err)
	}
	holds(t, h, u.ID, body[:9])
	last := partOf(u, body, 2)
	if err := put(t.Context(), h, u, 2, bytes.NewReader(last), 10, sumOf(last)); err == nil {
		t.Error("a part is taken after the end")
	}
	holds(t, h, u.ID, body[:9])
}

// killed: parts that were stored are there after the process was killed, and so is the body.
func killed(t *testing.T, h Home) {
	u := begin(t, h, 2*files.PartSize)
	body := content(u.Size)
	send(t, h, u, body, 2)
	next := h.Again()
	has(t, next, u, 2)
	send(t, next, u, body, 1)
	if err := next.Done(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	last := h.Again()
	if err := last.Done(t.Context(), u); err != nil {
		t.Error(err)
	}
	holds(t, last, u.ID, body)
}

func aborted(t *testing.T, h Home) {
	u := begin(t, h, files.PartSize+10)
	body := content(u.Size)
	send(t, h, u, body, 1)
	for range 2 {
		if err := h.Abort(t.Context(), u); err != nil {
			t.Error(err)
		}
	}
	if err := put(t.Context(), h, u, 2, bytes.NewReader(body[files.PartSize:]), 10, sumOf(body[files.PartSize:])); err == nil {
		t.Error("a part of an aborted upload is taken")
	}
	_, err := h.Have(t.Context(), u)
	is(t, "have", err, chat.NotFound)
	is(t, "done", h.Done(t.Context(), u), chat.NotFound)
	gone(t, h, u.ID)
	if left, err := h.List(t.Context(), "", 10); err != nil || len(left) != 0 {
		t.Errorf("left: %v (%v)", left, err)
	}
}

func small(t *testing.T, h Home) {
	id := chat.NewID()
	for _, key := range []string{id, files.ThumbKey(id, 360), "e." + id} {
		gone(t, h, key)
		for _, body := range [][]byte{content(100), content(5000), {}} {
			store(t, h, key, body)
			holds(t, h, key, body)
		}
	}
	was := content(20)
	key := chat.NewID()
	store(t, h, key, was)
	for what, r := range map[string]io.Reader{
		"a reader that fails": halting{bytes.NewReader(was[:10]), errors.New("no more")}, "too little": bytes.NewReader(was[:10]),
	} {
		if err := h.Put(t.Context(), key, "image/png", r, 20); err == nil {
			t.Errorf("%s: stored", what)
		}
		holds(t, h, key, was)
	}
}

func reading(t *testing.T, h Home) {
	key, body := chat.NewID(), content(100_000)
	store(t, h, key, body)
	r, err := h.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int64{0, 99_000, 5, 100_000} {
		got := make([]byte, min(1000, 100_000-at))
		if _, err := r.Seek(at, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, body[at:at+int64(len(got))]) {
			t.Errorf("at %d: others (%v)", at, err)
		}
	}
	if size, err := r.Seek(0, io.SeekEnd); err != nil || size != r.Size() {
		t.Errorf("the end is at %d (%v), the size %d", size, err, r.Size())
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func deleting(t *testing.T, h Home) {
	id := chat.NewID()
	kept := chat.NewID()
	for _, key := range []string{id, files.ThumbKey(id, 360), kept} {
		store(t, h, key, []byte("x"))
	}
	for range 2 {
		if err := h.Delete(t.Context(), id, files.ThumbKey(id, 360), files.ThumbKey(id, 960)); err != nil {
			t.Error(err)
		}
	}
	gone(t, h, id)
	gone(t, h, files.ThumbKey(id, 360))
	holds(t, h, kept, []byte("x"))
	if err := h.Delete(t.Context()); err != nil {
		t.Error(err)
	}
}

func listing(t *testing.T, h Home) {
	var want []string
	for i := range 7 {
		key := fmt.Sprintf("%c%s", 'a'+rune(i), chat.NewID()[1:])
		if i%2 == 0 {
			key = files.ThumbKey(key, 360)
		}
		store(t, h, key, []byte("x"))
		want = append(want, key)
	}
	var got []string
	for after := ""; ; {
		page, err := h.List(t.Context(), after, 3)
		if err != nil || len(page) > 3 {
			t.Fatalf("%d in a page of 3 (%v)", len(page), err)
		}
		for _, s := range page {
			if got = append(got, s.Key); s.At.IsZero() {
				t.Errorf("%s has no time", s.Key)
			}
		}
		if len(page) < 3 {
			break
		}
		after = page[len(page)-1].Key
	}
	if !slices.Equal(got, want) {
		t.Errorf("lists %v, want %v", got, want)
	}
	u := begin(t, h, 10) // a home lists uploads, or deletes old ones itself
	for _, s := range all(t, h) {
		if id, ok := files.IDOf(s.Key); ok && id == u.ID {
			if err := h.Delete(t.Context(), s.Key); err != nil {
				t.Error(err)
			}
			_, err := h.Have(t.Context(), u)
			is(t, "have", err, chat.NotFound)
		}
	}
}

func all(t *testing.T, h Home) []files.Stored {
	t.Helper()
	list, err := h.List(t.Context(), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// keys: nothing but keys reaches the place where the bodies are.
func keys(t *testing.T, h Home) {
	for _, key := range []string{"", ".", "..", "../x", "/etc/passwd", "a/b", "aaaaaaaaaaaa/../../x", "AAAAAAAAAAAA", "aaaaaaaaaaaa.", "é",
		"aaaaaaaaaaaa.36000", "ee.aaaaaaaaaaaa", "aaaaaaaaaaaa\x00", "lock"} {
		_, err := h.Open(t.Context(), key)
		is(t, fmt.Sprintf("open %q", key), err, chat.NotFound)
		if err := h.Put(t.Context(), key, "image/png", bytes.NewReader(nil), 0); err == nil {
			t.Errorf("%q is taken as a key", key)
		}
		if _, err := h.Begin(t.Context(), key, 10); err == nil {
			t.Errorf("an upload has the key %q", key)
		}
	}
	if left := all(t, h); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// atOnce: parts come at the same time, some of them twice, and ends are tried meanwhile.
func atOnce(t *testing.T, h Home) {
	u := begin(t, h, 3*files.PartSize+10)
	body := content(u.Size)
	var wait sync.WaitGroup
	for i := range 8 {
		n := i%4 + 1
		wait.Go(func() {
			p := partOf(u, body, n)
			if err := put(t.Context(), h, u, n, bytes.NewReader(p), int64(len(p)), sumOf(p)); err != nil && i < 4 {
				t.Errorf("part %d: %v", n, err)
			}
		})
	}
	wait.Wait()
	if err := h.Done(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	holds(t, h, u.ID, body)
}
