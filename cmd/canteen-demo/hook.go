package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/hook"
	"github.com/canteen-chat/canteen/settings"
)

// sender is a webhook of a room: what the script calls it, and its name.
type sender struct{ handle, name string }

// parseHooks reads "grafana Grafana; kuma Uptime Kuma".
func parseHooks(s string) (out []sender) {
	for part := range strings.SplitSeq(s, ";") {
		if handle, name, ok := strings.Cut(strings.TrimSpace(part), " "); ok {
			out = append(out, sender{handle, name})
		}
	}
	return out
}

func (r room) hook(handle string) (sender, bool) {
	for _, h := range r.hooks {
		if h.handle == handle {
			return h, true
		}
	}
	return sender{}, false
}

// hookID is the id of a webhook, which is that of its bot.
func (r room) hookID(handle string) string { return id("hook", r.key()+" "+handle) }

// addHooks makes the webhooks of a room. No secret has the hash that they are given: only the script posts by them.
func (t *town) addHooks(ctx context.Context, r room, at time.Time) error {
	for _, h := range r.hooks {
		bot := r.hookID(h.handle)
		_, err := t.store.AddUser(ctx, chat.AddUser{
			User: chat.NewUser{EmailFold: "bot " + bot, User: chat.User{
				ID: bot, Handle: "hook-" + bot, Name: h.name, Role: chat.Guest, Bot: true, Settings: settings.Default(), Epoch: 1,
			}},
			Hook: &chat.Hook{ID: bot, Room: r.id(), By: id("user", r.owner), CreatedAt: at, Epoch: 1},
			At:   at,
		})
		if err != nil {
			return fmt.Errorf("webhook %s: %w", h.handle, err)
		}
	}
	return nil
}

// keyed names what a webhook posted with a key.
type keyed struct{ hook, key string }

// send posts what a webhook was sent, or edits what it posted with the same key and says so in its thread, as the server does.
func (p *player) send(ctx context.Context, a act) error {
	bot, store := p.room.hookID(a.line.who), p.town.store
	b, err := company.ReadFile("company/hooks/" + a.line.body)
	if err != nil {
		return err
	}
	b = bytes.ReplaceAll(b, []byte("{ts}"), strconv.AppendInt(nil, a.at.Unix(), 10))
	said, err := hook.Decode("application/json", b)
	if err != nil {
		return fmt.Errorf("%s: %w", a.line.body, err)
	}
	parts := chat.Parts{Cards: said.Cards, Fallback: said.Text == "", Sender: &card.Sender{Name: said.Name, Icon: said.Icon}}
	if parts.Fallback {
		said.Text = card.Fallback(said.Cards)
	}
	if parts.CardPictures, err = p.town.cardPictures(ctx, said.Cards, bot, a.at); err != nil {
		return err
	}
	post := func(text string, thread int64, parts chat.Parts) (chat.Message, error) {
		m, _, err := store.PostMessage(ctx, chat.PostMessage{
			Room: p.room.id(), Author: bot, ClientID: clientID(p.room, p.count.messages), Text: text, Thread: thread, At: a.at, Parts: parts,
		})
		p.count.messages++
		p.posted = append(p.posted, a.at)
		p.last = m.Seq
		return m, err
	}
	of := keyed{bot, a.line.text}
	if seq := p.keyed[of]; seq > 0 {
		p.seqs[a.line] = seq
		if _, err = store.EditMessage(ctx, chat.EditMessage{
			Room: p.room.id(), Seq: seq, By: bot, Text: said.Text, At: a.at, SetCards: true, Cards: parts.Cards,
			CardPictures: parts.CardPictures, Fallback: parts.Fallback,
		}); err != nil {
			return err
		}
		p.count.replies++
		p.roots[seq] = true
		_, err = post("Now: "+said.Headline(), seq, chat.Parts{Sender: parts.Sender})
	} else {
		var m chat.Message
		m, err = post(said.Text, 0, parts)
		p.seqs[a.line], p.keyed[of] = m.Seq, m.Seq
	}
	if err != nil {
		return err
	}
	if err := store.TouchHook(ctx, bot, a.at); err != nil {
		return err
	}
	return p.react(ctx, a, p.seqs[a.line])
}

// cardPictures draws the pictures of cards, and says in the cards where they are.
func (t *town) cardPictures(ctx context.Context, cards []card.Card, owner string, at time.Time) (made []chat.File, err error) {
	for i, p := range card.Pictures(cards) {
		name := path.Base(p.URL)
		body, err := graph(name)
		if err != nil {
			return nil, err
		}
		f, err := t.copied(ctx, id("file", fmt.Sprint(owner, at, i)), owner, body, chat.CardPictureSide, at)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		p.Show(f.ID, f.Width, f.Height, f.Color)
		made = append(made, f)
	}
	return made, nil
}

// graph draws a curve over a grid, with a limit that it is above at its end, or was above, as its name says.
func graph(name string) ([]byte, error) {
	const width, height, margin, limit = 720, 300, 18, 130
	falls := strings.Contains(name, "falling")
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	paper, grid, curve, area, mark := color.RGBA{250, 251, 251, 255}, color.RGBA{226, 232, 232, 255}, color.RGBA{0, 122, 106, 255},
		color.RGBA{222, 238, 235, 255}, color.RGBA{200, 40, 60, 255}
	for x := range width {
		rises := 1 / (1 + math.Exp(-(float64(x)-430)/40))
		if falls {
			rises *= 1 - 1/(1+math.Exp(-(float64(x)-600)/18))
		}
		at := 228 - 168*rises - 9*math.Sin(float64(x)/17) - 5*math.Sin(float64(x)/5.3)
		for y := range height {
			c, off := paper, math.Abs(float64(y)-at)
			inside := x >= margin && x < width-margin && y >= margin && y < height-margin
			switch {
			case inside && off < 2:
				c = curve
			case inside && (y == limit || y == limit+1) && x/7%2 == 0:
				c = mark
			case inside && float64(y) > at:
				c = area
			case inside && (y%48 == 0 || x%96 == 0):
				c = grid
			}
			m.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, m)
	return b.Bytes(), err
}
