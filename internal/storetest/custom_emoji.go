package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/emojiname"
)

// customEmoji checks chat.CustomEmojiStore: who gets a name, what a name keeps after its deletion, and what is announced.
func customEmoji(t *testing.T, open Open) {
	s, h := furnished(t, open)
	es, ok := s.Store.(chat.CustomEmojiStore)
	if !ok {
		t.Fatalf("%T holds no custom emoji", s.Store)
	}
	w := &emojiWalk{t: t, ctx: context.Background(), es: es, h: h}
	if all, revision, err := es.AllCustomEmoji(w.ctx); err != nil || len(all) > 0 || revision != "" {
		t.Errorf("at first: %v, revision %q, %v", all, revision, err)
	}
	parrot := w.emoji("partyparrot", "parrot")
	w.add(parrot, "", "")
	w.add(w.emoji("partyparrot", "cat"), "", chat.Conflict)
	alias := emojiname.Emoji{Name: "birdie", By: "ujonas", At: began}
	w.add(alias, "nobody", chat.NotFound)
	w.add(alias, "partyparrot", "")
	w.add(alias, "birdie", chat.Conflict) // it is one already
	w.add(w.emoji("blob-cat", "cat"), "", "")
	w.has("birdie parrot", "blob-cat cat", "partyparrot parrot")

	renamed := emojiname.Emoji{Name: "parrot2", By: "umira", At: began.Add(time.Minute), MainAt: began.Add(time.Minute)}
	w.add(renamed, "partyparrot", "")
	again := renamed
	again.Name, again.MainAt = "birdie", began.Add(time.Hour)
	if got := w.add(again, "parrot2", ""); got.By != "umira" || !got.At.Equal(began) || !got.MainAt.Equal(again.MainAt) {
		t.Errorf("an alias that becomes the main name: %+v", got)
	}
	w.has("birdie parrot", "blob-cat cat", "parrot2 parrot", "partyparrot parrot")

	of := w.named("birdie", "parrot2", "partyparrot")
	w.delete(chat.ErrStale, of[:2], "birdie") // somebody else gave it another name meanwhile
	w.delete(nil, of, "birdie")
	w.has("blob-cat cat", "parrot2 parrot", "partyparrot parrot")
	w.add(alias, "blob-cat", chat.Conflict) // it was another picture's
	w.add(alias, "birdie", chat.NotFound)
	w.add(alias, "partyparrot", "") // the same picture may have it again
	of = w.named("birdie", "parrot2", "partyparrot")
	w.delete(nil, of, "birdie", "parrot2", "partyparrot")
	w.has("blob-cat cat")
	w.delete(chat.ErrStale, of, "birdie")
	w.add(w.emoji("parrot2", "cat"), "", chat.Conflict)
	w.add(w.emoji("parrot2", "parrot"), "", "")
	if got := w.named("parrot2", "birdie", "nobody"); len(got) != 2 || !got[0].Deleted || got[1].Deleted {
		t.Errorf("deleted ones are among those that are named: %+v", got)
	}
	w.gone()
	w.oneOfMany()
	w.tooManyNames()
}

type emojiWalk struct {
	t   *testing.T
	ctx context.Context
	es  chat.CustomEmojiStore
	h   *recorder
	n   int
}

func (w *emojiWalk) emoji(name, picture string) emojiname.Emoji {
	w.n++
	return emojiname.Emoji{Name: name, Picture: fmt.Sprint("p", w.n), Sum: picture, By: "umira", At: began, MainAt: began}
}

// add adds an emoji, and checks the error, the revision and the announcement.
func (w *emojiWalk) add(e emojiname.Emoji, from string, code chat.Code) emojiname.Emoji {
	w.t.Helper()
	before, err := w.es.CustomEmojiRevision(w.ctx)
	if err != nil {
		w.t.Error(err)
	}
	got, err := w.es.AddCustomEmoji(w.ctx, chat.AddCustomEmoji{Emoji: e, From: from, Revision: chat.NewID()})
	if (err == nil) != (code == "") || err != nil && chat.ErrorCode(err) != code {
		w.t.Errorf("adding %s: %v, want %q", e.Name, err, code)
	}
	w.changed(before, err == nil)
	return got
}

func (w *emojiWalk) delete(want error, was []emojiname.Emoji, names ...string) {
	w.t.Helper()
	before, err := w.es.CustomEmojiRevision(w.ctx)
	if err != nil {
		w.t.Error(err)
	}
	if err := w.es.DeleteCustomEmoji(w.ctx, chat.DeleteCustomEmoji{Was: was, Names: names, Revision: chat.NewID()}); !errors.Is(err, want) {
		w.t.Errorf("deleting %v: %v, want %v", names, err, want)
	}
	w.changed(before, want == nil)
}

// changed checks that a command has changed the revision and was announced to everybody, or neither.
func (w *emojiWalk) changed(before string, want bool) {
	w.t.Helper()
	if after, err := w.es.CustomEmojiRevision(w.ctx); err != nil || (after != before) != want {
		w.t.Errorf("revision %q after %q, %v; changed should be %v", after, before, err, want)
	}
	as := w.h.take()
	if !want {
		if len(as) > 0 {
			w.t.Errorf("announced %+v", as)
		}
		return
	}
	if len(as) != 1 || as[0].Event != (chat.CustomEmojiChanged{}) || !slices.Equal(as[0].To, slices.Sorted(slices.Values(people))) {
		w.t.Errorf("announced %+v", as)
	}
}

// has checks the list: each name with the digest of its picture.
func (w *emojiWalk) has(want ...string) {
	w.t.Helper()
	all, _, err := w.es.AllCustomEmoji(w.ctx)
	var got []string
	for _, e := range all {
		got = append(got, e.Name+" "+e.Sum)
	}
	if err != nil || !slices.Equal(got, want) {
		w.t.Errorf("the list is %q, %v; want %q", got, err, want)
	}
}

func (w *emojiWalk) named(names ...string) []emojiname.Emoji {
	w.t.Helper()
	es, err := w.es.CustomEmojiNamed(w.ctx, names)
	if err != nil {
		w.t.Error(err)
	}
	slices.SortFunc(es, func(a, b emojiname.Emoji) int { return map[bool]int{true: -1, false: 1}[a.Name < b.Name] })
	return es
}

// gone checks that a command whose actor has another role by now is refused.
func (w *emojiWalk) gone() {
	w.t.Helper()
	facts := chat.Facts{User: &chat.UserFact{ID: "ujonas", Role: chat.Admin, Epoch: 1}}
	_, err := w.es.AddCustomEmoji(w.ctx, chat.AddCustomEmoji{Facts: facts, Emoji: w.emoji("late", "late"), Revision: "r"})
	if !errors.Is(err, chat.ErrStale) {
		w.t.Errorf("adding by who has another role: %v", err)
	}
	of := w.named("blob-cat")
	if err := w.es.DeleteCustomEmoji(w.ctx, chat.DeleteCustomEmoji{Facts: facts, Was: of, Names: []string{"blob-cat"}, Revision: "r"}); !errors.Is(err, chat.ErrStale) {
		w.t.Errorf("deleting by who has another role: %v", err)
	}
}

// oneOfMany checks that one of several concurrent commands gets a name.
func (w *emojiWalk) oneOfMany() {
	var got atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		e := w.emoji("contested", fmt.Sprint("picture", i))
		wg.Go(func() {
			_, err := w.es.AddCustomEmoji(w.ctx, chat.AddCustomEmoji{Emoji: e, Revision: chat.NewID()})
			if err == nil {
				got.Add(1)
			} else if chat.ErrorCode(err) != chat.Conflict {
				w.t.Error(err)
			}
		})
	}
	if wg.Wait(); got.Load() != 1 {
		w.t.Errorf("%d pictures have the name", got.Load())
	}
	w.h.take()
}

func (w *emojiWalk) tooManyNames() {
	for i := range emojiname.MaxOfPicture - 1 {
		w.add(emojiname.Emoji{Name: fmt.Sprint("cat", i), By: "umira", At: began}, "blob-cat", "")
	}
	w.add(emojiname.Emoji{Name: "onemore", By: "umira", At: began}, "blob-cat", chat.Conflict)
}
