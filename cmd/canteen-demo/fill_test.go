package main

import (
	"context"
	"log/slog"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/aws/migrate"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/ops/history"
	"github.com/canteen-chat/canteen/ops/probe"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/sqlite"
)

var quiet = slog.New(slog.DiscardHandler) // immutable

// filled gives the store of a demo that was made at now.
func filled(t *testing.T, now time.Time) *sqlite.Store {
	t.Helper()
	s, err := loadScript()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := fill(t.Context(), s, dir, now, quiet); err != nil {
		t.Fatal(err)
	}
	return opened(t, dir)
}

func opened(t *testing.T, dir string) *sqlite.Store {
	t.Helper()
	store, done, err := server.OpenStore(t.Context(), dir, true, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := done(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func sums(t *testing.T, s archive.Store) []migrate.Sum {
	t.Helper()
	all, err := migrate.Sums(context.Background(), s, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestArchive: the demo is a workspace like any other. Its export is imported into an empty store, and that store's export is the same.
// Each room's messages are in the order of time, none later than now.
func TestArchive(t *testing.T) {
	now := time.Now()
	from, to := filled(t, now), opened(t, t.TempDir())
	var records []archive.Record
	latest := map[string]time.Time{}
	if err := from.Export(t.Context(), now, func(r archive.Record) error {
		records = append(records, r)
		if m, ok := r.(archive.MessageRecord); ok {
			if m.CreatedAt.Before(latest[m.Room]) || m.CreatedAt.After(now) || m.EditedAt != nil && m.EditedAt.After(now) {
				t.Errorf("%q was posted at %v, after one of %v", m.Text, m.CreatedAt, latest[m.Room])
			}
			latest[m.Room] = m.CreatedAt
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(latest) < 20 {
		t.Fatalf("only %d rooms have messages", len(latest))
	}
	for part := records; len(part) > 0; part = part[min(len(part), archive.MaxImport):] {
		if err := to.Import(t.Context(), part[:min(len(part), archive.MaxImport)]); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := sums(t, to), sums(t, from); !reflect.DeepEqual(got, want) {
		t.Errorf("the copy has %v\nwant         %v", got, want)
	}
}

// TestSameEveryTime: two demos made at the same time are the same, but for the salt of the password.
func TestSameEveryTime(t *testing.T) {
	now := time.Now()
	one, two := sums(t, filled(t, now)), sums(t, filled(t, now))
	for i := range one {
		if one[i].Kind != archive.UserRecords && one[i] != two[i] {
			t.Errorf("%v, and the second time %v", one[i], two[i])
		}
	}
}

// TestRoomsOfTheDemo: the demo shows sections, a description, a welcome, and a message that some people have confirmed and others have not.
func TestRoomsOfTheDemo(t *testing.T) {
	store := filled(t, time.Now())
	script, err := loadScript()
	if err != nil {
		t.Fatal(err)
	}
	releases := script.rooms[slices.IndexFunc(script.rooms, func(r room) bool { return r.name == "releases" })].id()
	u, err := store.User(t.Context(), id("user", "mira"))
	if err != nil || len(u.Settings.Sections) != 2 || len(u.Settings.Sections[0].Rooms) != 2 {
		t.Errorf("sections %+v, %v", u.Settings.Sections, err)
	}
	if about, err := store.RoomAbout(t.Context(), releases); err != nil || about.Description == "" || about.Welcome == "" {
		t.Errorf("%+v, %v", about, err)
	}
	p, err := store.Page(t.Context(), chat.PageQuery{Room: releases, Bound: chat.Bound{Limit: chat.MaxPage, Bytes: 1 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	asks := slices.DeleteFunc(p.Messages, func(m chat.Message) bool { return !m.Confirm })
	if len(asks) != 1 {
		t.Fatalf("%d messages ask to be confirmed", len(asks))
	}
	if by, err := store.Confirmations(t.Context(), releases, asks[0].Seq); err != nil || len(by) != 11 {
		t.Errorf("confirmed by %+v, %v", by, err)
	}
}

// TestPastOfTheDemo: the page Health has values of an hour, a day and two weeks, but for the minutes in which the server was away; as many
// messages as there are; and probes of each day.
func TestPastOfTheDemo(t *testing.T) {
	s, err := loadScript()
	if err != nil {
		t.Fatal(err)
	}
	dir, now := t.TempDir(), time.Now()
	made, err := fill(t.Context(), s, dir, now, quiet)
	if err != nil {
		t.Fatal(err)
	}
	h, err := server.OpenHistory(dir, func() time.Time { return now }, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for _, back := range []time.Duration{time.Hour, 24 * time.Hour, 14 * 24 * time.Hour} {
		names := []string{
			"requests", "latency_p99", "delivery_p99", "people_online", "disk_free", "memory", "cpu", "probe_up", "probe_p99",
			"first_render_p95", "room_switch_p95", "echo_p95",
		}
		a, err := h.Query(history.Query{Names: names, From: now.Add(-back), To: now.Add(-time.Minute)})
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range a.Series {
			unknown := 0
			for _, v := range one.Values {
				if math.IsNaN(v) || v <= 0 {
					unknown++
				}
			}
			if unknown > 0 || len(one.Values) < 300 {
				t.Errorf("%d of %d values of %s in the last %v are missing", unknown, len(one.Values), one.Name, back)
			}
		}
	}
	down := calendar{now}.time(moment{3, 5*time.Hour + 30*time.Minute})
	a, err := h.Query(history.Query{Names: []string{"ready"}, From: down, To: down.Add(awayFor), Step: time.Minute})
	if err != nil || !math.IsNaN(a.Series[0].Values[1]) {
		t.Errorf("while the server was away: %v, %v", a.Series[0].Values, err)
	}
	p, err := h.Periods("posts", now.AddDate(0, 0, -30), 32, 1)
	if err != nil || math.Abs(p[0].Total-float64(made.messages)) > 2 {
		t.Errorf("%v messages in the history, %d in the rooms, %v", p[0].Total, made.messages, err)
	}
	r, err := probe.Open(filepath.Join(dir, server.UptimeFile), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	report := r.Report()
	if first := report.Days[0]; len(report.Days) < 15 || !report.Up || !report.Last.IsZero() || first.OK == 0 || first.OK > 8640 {
		t.Errorf("the probes say %+v", report)
	}
}
