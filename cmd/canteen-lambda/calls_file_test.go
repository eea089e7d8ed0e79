package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
)

// TestCallsOfFiles counts like TestCalls: an upload, with its three requests; a message with it; each download; and the sweep of every
// minute.
func TestCallsOfFiles(t *testing.T) {
	w, ctx, bill := start(t), t.Context(), stack.MeasuredCounts()
	w.options.Files = w.store
	w.rules = chat.New(w.options)
	var file chat.File
	upload := func() {
		row, err := w.rules.AddFile(ctx, w.me(t), chat.NewFileInput{Name: "photo.jpg", Size: 1_000_000}, func(string, int64) (string, error) {
			return "an id of S3, which has about as many characters as this text: 2~ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", nil
		})
		must(t, err)
		_, err = w.rules.Upload(ctx, w.me(t), row.ID)
		must(t, err)
		file, err = w.rules.FinishFile(ctx, w.me(t), row.ID, func(r chat.FileRow) (chat.File, error) {
			f := r.File
			f.Kind, f.Type, f.Width, f.Height, f.Color, f.Thumbs = chat.ImageFile, "image/jpeg", 4000, 3000, "#123456", []int{360, 960}
			return f, nil
		})
		must(t, err)
	}
	seq := int64(0)
	post := func() {
		w.ids++
		m, _, err := w.rules.PostMessage(ctx, w.me(t), w.room, chat.PostInput{
			ClientID: fmt.Sprintf("00000000-0000-4000-8000-%012d", w.ids), Text: "look", Files: []string{file.ID},
		})
		must(t, err)
		seq = m.Seq
	}
	sweeper := &files.Sweeper{Store: w.store, Bodies: noBodies{}, Clock: w.clock}
	sweep := func(want int) func() {
		return func() {
			n, err := sweeper.Run(ctx)
			must(t, err)
			if n != want {
				t.Errorf("%d files were swept, want %d", n, want)
			}
		}
	}
	w.hold(t, []operation{
		{"upload", 10, bill.Upload, 0, upload},
		{"post with a file", 5, bill.Attach, 0, post},
		{"download", 3, bill.View, 0, func() { _, err := w.rules.File(ctx, w.me(t), file.ID); must(t, err) }},
		{"files of a room", 6, stack.Calls{}, 0, func() {
			_, _, err := w.rules.RoomFiles(ctx, w.me(t), w.room, chat.RoomFilesInput{})
			must(t, err)
		}},
		{"sweep of nothing", 1, bill.Sweep, 0, sweep(0)},
		{"delete it", 8, stack.Calls{}, 0, func() { must(t, w.rules.DeleteMessage(ctx, w.me(t), w.room, seq)) }},
		{"sweep it", 4, stack.Calls{}, 0, sweep(1)},
	})
	w.now = w.now.Add(25 * time.Hour) // the entry of the upload is due, and its file is gone
	w.hold(t, []operation{{"sweep what is stale", 4, stack.Calls{}, 0, sweep(0)}, {"sweep of nothing", 1, bill.Sweep, 0, sweep(0)}})
}

// noBodies is a home of bodies without any.
type noBodies struct{ files.Bodies }

func (noBodies) Abort(context.Context, files.Upload) error { return nil }
func (noBodies) Delete(context.Context, ...string) error   { return nil }
