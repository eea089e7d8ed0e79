package server

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/ops/alarm"
	"github.com/canteen-chat/canteen/text"
)

// alarmBot is the handle of the bot that posts alarms.
const alarmBot = text.AlarmsHandle

// alarmRoom tells alarms in a room: all of one stretch of time by one card, which the bot changes.
type alarmRoom struct {
	h     *dataDir
	name  string // of the room
	place placed
}

const roomWay = "room"

func (r *alarmRoom) way() way {
	return way{name: roomWay, kind: roomWay, to: r.name, test: r.test, next: r.next}
}

func (r *alarmRoom) next(w *alarm.Watch, _ alarm.Point) (func(context.Context) error, func()) {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	from, err := r.place(ctx)
	if err != nil { // not set up, or not readable
		return nil, nil
	}
	p, due := w.NextPost(roomWay, r.name, from, text.NewUUID)
	if !due {
		return nil, nil
	}
	gone := false
	return func(ctx context.Context) (err error) {
			gone, err = r.send(ctx, &p)
			return err
		}, func() {
			if gone {
				w.Gone(roomWay)
				return
			}
			w.Posted(roomWay, p)
		}
}

// send posts or edits a message. gone says that there is none any more to be edited.
func (r *alarmRoom) send(ctx context.Context, p *alarm.Post) (gone bool, err error) {
	bot, err := r.bot(ctx)
	if err != nil {
		return false, err
	}
	if p.Seq == 0 {
		if p.ID, err = r.find(ctx, bot); err != nil {
			return false, err
		}
		m, _, err := r.h.rules.PostMessage(ctx, bot, p.ID, chat.PostInput{ClientID: p.Client, Cards: p.Cards})
		p.Seq = m.Seq
		return false, err
	}
	_, err = r.h.rules.EditMessage(ctx, bot, p.ID, p.Seq, chat.EditInput{Cards: p.Cards})
	if code := chat.ErrorCode(err); code == chat.Gone || code == chat.NotFound || code == chat.Forbidden {
		return true, nil
	}
	return false, err
}

// bot is the author of the messages. The server makes it when it is needed, and acts as it.
func (r *alarmRoom) bot(ctx context.Context) (a chat.Actor, err error) {
	found, err := r.h.store.UsersByHandle(ctx, []string{alarmBot})
	if err == nil && len(found) == 0 {
		_, err = r.h.rules.AdminAddUser(ctx, chat.CommandLineUser{Name: "Alarms", Handle: alarmBot, Role: chat.Member, Bot: true})
		if err == nil {
			found, err = r.h.store.UsersByHandle(ctx, []string{alarmBot})
		}
	}
	switch {
	case err != nil:
		return a, err
	case len(found) != 1 || !found[0].Bot || found[0].Deactivated || found[0].Owner != "": // its owner would choose who sees the alarms
		return a, errors.New("the user @" + alarmBot + " is no bot, or deactivated, or somebody's bot")
	}
	return chat.Actor{User: found[0], Address: "this machine"}, nil
}

// find gives the id of the room. The bot joins a public one.
func (r *alarmRoom) find(ctx context.Context, bot chat.Actor) (string, error) {
	in, err := r.h.rules.Rooms(ctx, bot)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(in.Rooms, func(room chat.MyRoom) bool {
		return room.Kind != chat.Direct && !room.Archived && strings.EqualFold(room.Name, r.name)
	})
	if i >= 0 {
		return in.Rooms[i].ID, nil
	}
	id, err := r.h.store.RoomByName(ctx, r.name)
	if chat.ErrorCode(err) == chat.NotFound {
		return "", errors.New("there is no public room of this name, and no private one that @" + alarmBot + " is in")
	} else if err != nil {
		return "", err
	}
	_, err = r.h.rules.Join(ctx, bot, id)
	return id, err
}

func (r *alarmRoom) test(ctx context.Context, _ alarm.Notice) error {
	from, err := r.place(ctx)
	if err != nil {
		return err
	}
	bot, err := r.bot(ctx)
	if err != nil {
		return err
	}
	id, err := r.find(ctx, bot)
	if err != nil {
		return err
	}
	_, _, err = r.h.rules.PostMessage(ctx, bot, id, chat.PostInput{Cards: alarm.TestCards(from)})
	return err
}
