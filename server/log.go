package server

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/canteen-chat/canteen/chat"
)

// SetLogLevel implements Admin. The running server logs what it is told from then on, until it is stopped.
func (l local) SetLogLevel(ctx context.Context, level string) (string, error) {
	if l.level == nil {
		return "", chat.Errorf(chat.Unavailable, "No server uses this data directory. For the next start: canteen serve --log-level %s.",
			level)
	}
	to, err := ParseLogLevel(level)
	if err != nil {
		return "", chat.InvalidField("level", "%v", err)
	}
	was := l.level.Level()
	l.level.Set(to)
	slog.New(l.log.Handler()).Log(ctx, max(to, slog.LevelInfo), "log level changed", "from", levelName(was), "to", levelName(to))
	return levelName(was), nil
}

// ParseLogLevel reads the name of a level: debug, info, warn or error.
func ParseLogLevel(name string) (level slog.Level, err error) {
	if err := level.UnmarshalText([]byte(name)); err != nil || levelName(level) != name {
		return 0, fmt.Errorf("%q is no level of the log: debug, info, warn or error", name)
	}
	return level, nil
}

func levelName(l slog.Level) string { return strings.ToLower(l.String()) }
