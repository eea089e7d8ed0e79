package chat_test

import (
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

func alarmRules() []rule {
	return []rule{
		{chat.CmdSilenceAlarm, "for an hour", "", "write", admins, "", func(s *stage) error {
			return s.rules.SilenceAlarm(s.ctx, s.kim, "disk-low", s.clock().Add(time.Hour), func() error { return nil })
		}},
		{chat.CmdTestAlarms, "of this server", "", "write", admins, "", func(s *stage) error {
			return s.rules.TestAlarms(s.ctx, s.kim, func() error { return nil })
		}},
	}
}

// TestSilencesEnd: an alarm can be silenced for 30 days, and not for longer. What is refused does nothing.
func TestSilencesEnd(t *testing.T) {
	s := newStage(t, "", chat.Admin, 0)
	for _, c := range []struct {
		ahead time.Duration
		done  bool
	}{{-time.Hour, true}, {chat.MaxSilence, true}, {chat.MaxSilence + time.Second, false}} {
		done := false
		err := s.rules.SilenceAlarm(s.ctx, s.kim, "disk-low", s.clock().Add(c.ahead), func() error { done = true; return nil })
		if done != c.done || (err == nil) != c.done {
			t.Errorf("%s ahead: done %v, %v", c.ahead, done, err)
		}
		if err != nil {
			is(t, "a silence that is too long", err, chat.Invalid, "until")
		}
	}
}
