package main

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestScriptErrors: a syntax error in a script is reported with its line.
func TestScriptErrors(t *testing.T) {
	for text, want := range map[string]string{
		"! hello":          "no message precedes",
		"a: hello\n~ more": "a line must be",
		"+ 🎉 3":            "no message precedes",
		"a: hello\n+ 🎉":    "a reaction must be",
		"a: hello\n  more": "four spaces",
		"--- yesterday":    "no message precedes",
	} {
		if _, _, err := parseTalks(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	talks, today, err := parseTalks("a: one\n    two\n> b: three\n+ 🎉 2, 🍜 jonas kim\n* a.jpg b.csv\n& c.jpg Four | five | six\n" +
		"--- 12 09:30\nc: four\n! /inbox\n= five\n> d @3 10:05: later\n" +
		"=== today\nx: six\nx\n... mira has read\n---\ny: seven")
	if err != nil || len(talks) != 2 || len(today) != 2 {
		t.Fatalf("%v, %v, %v", talks, today, err)
	}
	want := []talk{
		{lines: []line{
			{who: "a", text: "one\ntwo"},
			{
				who: "b", text: "three", reply: true, files: []string{"a.jpg", "b.csv"}, preview: &preview{"c.jpg", "Four", "five | six"},
				reactions: []reaction{{"🎉", 2, nil}, {"🍜", 0, []string{"jonas", "kim"}}},
			},
		}},
		{when: &moment{12, 9*time.Hour + 30*time.Minute}, lines: []line{
			{who: "c", text: "four", edited: "five", page: "/inbox"},
			{who: "d", text: "later", reply: true, when: &moment{3, 10*time.Hour + 5*time.Minute}},
		}},
	}
	if !reflect.DeepEqual(talks, want) || !today[0].lines[0].deleted || !today[0].lines[1].read {
		t.Errorf("%+v\n%+v", talks, today)
	}
}

// nows are hours and days at which somebody may make a demo, in a zone where the clock has just changed, and in others.
func nows(t *testing.T) (out []time.Time) {
	for _, zone := range []string{"Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles", "UTC"} {
		z, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{
			"2026-11-02 00:00:01", "2026-11-02 06:30:00", "2026-11-02 08:59:00", "2026-11-03 09:01:00", "2026-11-04 13:00:00",
			"2026-11-05 17:31:00", "2026-11-06 23:59:59", "2026-11-07 12:00:00", "2026-11-08 21:00:00", "2026-04-01 10:00:00",
		} {
			now, err := time.ParseInLocation(time.DateTime, at, z)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, now)
		}
	}
	return out
}

// TestTimes: whenever the demo is made, it is three weeks long and ends now: no act lies in the future, none at a weekend before today,
// some lie on today and on each of the working days before it.
func TestTimes(t *testing.T) {
	s, err := loadScript()
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range nows(t) {
		seen := map[string]int{}
		for _, r := range s.rooms {
			var last time.Time
			for _, a := range newDirector(s, r).acts(calendar{now}) {
				if a.at.Before(last) || a.at.After(now) {
					t.Fatalf("now %v: %s: %q at %v, after %v", now, r.file, a.line.text, a.at, last)
				}
				last = a.at
				if a.what == posts && r.name == "general" {
					seen[a.at.In(now.Location()).Format(time.DateOnly)]++
				}
				if day := a.at.In(now.Location()); day.YearDay() != now.YearDay() && (day.Weekday() == 0 || day.Weekday() == 6) {
					t.Errorf("now %v: %s: %q at %v, a weekend", now, r.file, a.line.text, day)
				}
			}
		}
		if len(seen) != days+1 || seen[now.Format(time.DateOnly)] < 10 {
			t.Errorf("now %v: general has messages on %v, want %d days with today", now, seen, days+1)
		}
	}
}

// TestAmount: the conversations are long enough to scroll through.
func TestAmount(t *testing.T) {
	s, err := loadScript()
	if err != nil {
		t.Fatal(err)
	}
	all, general := 0, 0
	texts := map[string]string{}
	for _, r := range s.rooms {
		for _, a := range newDirector(s, r).acts(calendar{time.Now()}) {
			if a.what != posts {
				continue
			}
			all++
			if r.name == "general" {
				general++
			}
			if was := texts[a.line.text]; len(a.line.text) > 40 && was != "" {
				t.Errorf("%s and %s: %q is said twice", was, r.file, a.line.text)
			}
			texts[a.line.text] = r.file
		}
	}
	if all < 400 || general < 150 {
		t.Errorf("%d messages, %d of them in general, want 400 and 150", all, general)
	}
}
