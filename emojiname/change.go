package emojiname

import (
	"fmt"
	"slices"
	"time"
)

// Of returns the emoji with the picture of that one of alike which has the name; false when none has it.
func (e Emoji) Of(alike []Emoji, name string) (Emoji, bool) {
	i := slices.IndexFunc(alike, func(o Emoji) bool { return o.Name == name })
	if i < 0 {
		return e, false
	}
	e.Picture, e.Sum = alike[i].Picture, alike[i].Sum
	return e, true
}

// Added returns what is stored when the emoji is added, or why it is refused, and which field is wrong ("" for none in particular). was is
// the emoji that has the name now, or nil; alike is how many other names the picture has; all is how many names there are, without deleted
// ones.
func (e Emoji) Added(was *Emoji, alike, all int) (row Emoji, field, why string) {
	switch {
	case was != nil && was.Deleted && was.Sum != e.Sum:
		return e, "name", "This name belonged to another picture, which old messages may refer to. Choose another name."
	case was != nil && !was.Deleted && was.Picture == e.Picture && !e.MainAt.IsZero():
		was.MainAt, was.By = e.MainAt, e.By
		return *was, "", ""
	case was != nil && !was.Deleted:
		return e, "name", "There is an emoji of this name already. Choose another name."
	case all >= Max:
		return e, "", fmt.Sprintf("There can be at most %d custom emoji. Ask for some to be deleted.", Max)
	case alike >= MaxOfPicture:
		return e, "", fmt.Sprintf("An emoji can have at most %d names.", MaxOfPicture)
	}
	return e, "", ""
}

// Renamed is a new main name in place of e, from now on. Who made the emoji stays the same.
func (e Emoji) Renamed(to string, now time.Time) Emoji {
	if !now.After(e.MainAt) {
		now = e.MainAt.Add(time.Millisecond)
	}
	return Emoji{Name: to, By: e.By, At: now, MainAt: now}
}

// Deleted returns, as deleted ones, those of alike that have one of the names. alike are all names of a picture. It is false when they are
// not was, on which the decision to delete rested.
func Deleted(alike, was []Emoji, names []string) (rows []Emoji, ok bool) {
	if !slices.EqualFunc(byName(alike), byName(was), func(a, b Emoji) bool {
		return a.Name == b.Name && a.By == b.By && a.MainAt.Equal(b.MainAt)
	}) {
		return nil, false
	}
	for _, e := range alike {
		if slices.Contains(names, e.Name) {
			e.Deleted = true
			rows = append(rows, e)
		}
	}
	return rows, true
}
