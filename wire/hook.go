package wire

import "github.com/canteen-chat/canteen/chat"

// Hook is an incoming webhook of a room.
type Hook struct {
	ID         string `json:"id" format:"id" doc:"Also that of its bot, the author of what it posts"`
	Name       string `json:"name" format:"name"`
	By         string `json:"by" format:"id" doc:"Who made it"`
	Calls      bool   `json:"calls" doc:"Its @here and @room notify people"`
	CreatedAt  Time   `json:"created_at" format:"date-time"`
	LastUsedAt *Time  `json:"last_used_at,omitempty" format:"date-time" doc:"To about 5 minutes; absent: never"`
}

// NewHook maps a hook.
func NewHook(h chat.Hook) Hook {
	return Hook{
		ID: h.ID, Name: h.Bot.Name, By: h.By, Calls: h.Calls, CreatedAt: Time{h.CreatedAt}, LastUsedAt: optionalTime(h.UsedAt),
	}
}

// Hooks is the answer of GET /rooms/{room}/hooks.
type Hooks struct {
	Hooks []Hook `json:"hooks" nullable:"false"`
}

// NewHookBody is the body of POST /rooms/{room}/hooks.
type NewHookBody struct {
	Name  string `json:"name" format:"name" example:"Grafana"`
	Calls bool   `json:"calls,omitempty" doc:"Let its @here and @room notify people; no unless said"`
}

// MadeHook is the answer of POST /rooms/{room}/hooks. No other answer shows the address.
type MadeHook struct {
	Hook Hook   `json:"hook"`
	URL  string `json:"url" format:"uri" doc:"Whoever knows it can post into the room"`
}
