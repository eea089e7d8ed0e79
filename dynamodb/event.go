package dynamodb

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/event"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// eventLife is how long an event item is kept. The stream delivers it at once, and keeps its record for a day.
const eventLife = 24 * time.Hour

// eventItem holds all events of a command but those about messages.
type eventItem struct {
	Rev     int64  `dynamodbav:"rev"`     // of the room before the command
	Version int64  `dynamodbav:"version"` // of the room after the command; of the directory for events without a room
	Events  string `dynamodbav:"said"`    // JSON of []event.Stored
	TTL     int64  `dynamodbav:"ttl"`
}

// addEvent adds an event to the transaction; events keep their order. version is the room's if the event goes to the members
// of a room. putEvents fills in the version of the directory.
func (t *tx) addEvent(e chat.Event, version int64) error {
	stored, err := event.New(e, version)
	t.events = append(t.events, stored)
	return err
}

// putEvents adds an item with the collected events to the transaction. It lies in the partition of the room that the command
// changes, so that the stream keeps the order with the room's messages; events without a room share one partition.
func (t *tx) putEvents() error {
	if len(t.events) == 0 {
		return nil
	}
	for i := range t.events {
		if now := t.Pending(workspaceKey()); now != nil && t.events[i].Sees != "" {
			t.events[i].Version = now.Integer("directory")
		}
	}
	b, err := json.Marshal(t.events)
	if err != nil {
		return fmt.Errorf("encode events: %w", err)
	}
	e := eventItem{Rev: t.eventPos.rev, Version: t.eventPos.version, Events: string(b), TTL: table.Seconds(t.s.clock().Add(eventLife))}
	part := messagePK(t.eventPos.room)
	return t.Put(table.NewKey(messages, part, "E#"+table.Ordinal(e.Rev)+"#"+table.Ordinal(e.Version)+"#"+chat.NewID()), e)
}

// eventPosition orders the events of a command among the stream's records.
type eventPosition struct {
	room         string // "" for events without a room
	rev, version int64
}
