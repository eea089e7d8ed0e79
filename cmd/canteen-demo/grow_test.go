package main

import (
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// TestLargeCompany: a company is made as large as one says, and Mira is in all its rooms, some of them in sections.
func TestLargeCompany(t *testing.T) {
	const people, rooms = 120, 300
	s := start(t, t.TempDir()+"/demo", "-people", "120", "-rooms", "300")
	defer s.stop()
	ctx, c := t.Context(), client.New(s.url, "")
	me, err := c.SignIn(ctx, "mira@acme.example", everyonesPassword)
	if err != nil {
		t.Fatal(err)
	}
	users, err := c.Users(ctx)
	const hooks = 3 // each has a bot
	if err != nil || len(users) != people+hooks {
		t.Errorf("%d users, %v", len(users), err)
	}
	mine, err := c.Rooms(ctx)
	if err != nil || len(mine) != rooms {
		t.Errorf("%d rooms, %v", len(mine), err)
	}
	has := map[string]int{}
	for _, r := range mine {
		has[r.Kind]++
		for what, yes := range map[string]bool{
			"starred": r.Starred, "muted": r.Muted, "unread": r.Unread > 0, "said": r.LastMessage != nil,
		} {
			if yes {
				has[what]++
			}
		}
	}
	for what, least := range map[string]int{
		"public": 200, "private": 20, "direct": 30, "starred": 5, "muted": 5, "unread": 20, "said": 290,
	} {
		if has[what] < least {
			t.Errorf("%d rooms are %s, want %d or more", has[what], what, least)
		}
	}
	placed := 0
	for _, section := range me.Settings.Sections {
		placed += len(section.Rooms)
	}
	if placed < 200 {
		t.Errorf("%d rooms are in sections: %v", placed, sectionNames(me.Settings.Sections))
	}
}

func sectionNames(of []wire.Section) (names []string) {
	for _, s := range of {
		names = append(names, s.Name)
	}
	return names
}

// TestPassersby: everybody has a handle and a name of their own, however many there are.
func TestPassersby(t *testing.T) {
	handles, names := map[string]bool{}, map[string]bool{}
	for i := range 6000 {
		p := passerby(i)
		if handles[p.handle] || names[p.name] {
			t.Fatalf("%s, %s is there twice", p.handle, p.name)
		}
		handles[p.handle], names[p.name] = true, true
	}
}
