package rest

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

func (h *Handler) botRoutes(api huma.API) {
	add(h, api, h.route("listBots GET /bots 403", "Bots that somebody made",
		"Your own, the deactivated included and marked. Owners and admins of the workspace see all, or with owner those of one person; "+
			"403 for others who name somebody else. Needs a session; 403 with a token.",
		chat.CmdBots), h.bots)
	add(h, api, h.route("makeBot POST /bots 201 409", "Make a bot",
		"You own it. It is a guest, in no room and without a token. It can be added to rooms that you are in, and leaves them with you; it "+
			"ends when you are deactivated. Not for guests. 409 when the handle is taken, at 10 active bots, and at 30 bots that you ever "+
			"made. Needs a session; 403 with a token.",
		chat.CmdAddBot), h.addBot)
	add(h, api, h.route("updateBot PATCH /bots/{bot} 409", "Change, deactivate or bring back a bot",
		"For its owner, and owners and admins of the workspace; 404 for others. Deactivation ends its tokens for good. 409 when the "+
			"handle is taken, and naming deactivated when its owner is deactivated, or has 10 active bots. What is absent stays. Needs a "+
			"session; 403 with a token.",
		chat.CmdUpdateBot), h.updateBot)
	add(h, api, h.route("listBotRooms GET /bots/{bot}/rooms 403", "The rooms of a bot",
		"Their ids, without direct conversations. For its owner; 404 for others, admins included. Needs a session; 403 with a token.",
		chat.CmdBotRooms), h.botRooms)
	add(h, api, h.route("listBotTokens GET /bots/{bot}/tokens 403", "The tokens of a bot",
		"Without their secrets. For its owner; 404 for others, admins included. Needs a session; 403 with a token.",
		chat.CmdBotTokens), h.botTokens)
	add(h, api, h.route("makeBotToken POST /bots/{bot}/tokens 201 409", "Make a token of a bot",
		"For its owner; 404 for others, admins included. Like making one of your own: its secret is shown once, it asks for your password "+
			"in the same way, and needs a session. A bot has the scopes read and write only. 409 when the bot is deactivated.",
		chat.CmdAddBotToken), h.addBotToken)
	add(h, api, h.route("revokeBotToken DELETE /bots/{bot}/tokens/{id} 204", "Revoke a token of a bot",
		"For its owner; 404 for others. Its sockets close with 4001 within a second. Needs a session; 403 with a token.",
		chat.CmdEndBotToken), h.endBotToken)
}

type botsIn struct {
	Owner string `query:"owner" format:"id" doc:"User id of their owner; absent: all that you may see"`
}

type botIn struct {
	Bot string `path:"bot" format:"id" doc:"User id of the bot"`
}

type botTokenIn struct {
	Bot string `path:"bot" format:"id" doc:"User id of the bot"`
	ID  string `path:"id" format:"id" doc:"Id of the token"`
}

type botBody[T any] struct {
	Bot  string `path:"bot" format:"id" doc:"User id of the bot"`
	Body T
}

func newBot(u chat.User) wire.User { return wire.NewUser(u, false) }

func (h *Handler) bots(ctx context.Context, a chat.Actor, in *botsIn) (*bodyOut[wire.Bots], error) {
	bs, err := h.canteen.Bots(ctx, a, in.Owner)
	return ok(wire.Bots{Bots: each(bs, newBot)}), err
}

func (h *Handler) addBot(ctx context.Context, a chat.Actor, in *bodyIn[wire.NewBotBody]) (*bodyOut[wire.User], error) {
	b, err := h.canteen.AddBot(ctx, a, in.Body.Input())
	return ok(newBot(b)), err
}

func (h *Handler) updateBot(ctx context.Context, a chat.Actor, in *botBody[wire.UpdateBotBody]) (*bodyOut[wire.User], error) {
	b, err := h.canteen.UpdateBot(ctx, a, in.Bot, in.Body.Input())
	return ok(newBot(b)), err
}

func (h *Handler) botRooms(ctx context.Context, a chat.Actor, in *botIn) (*bodyOut[wire.BotRooms], error) {
	ids, err := h.canteen.BotRooms(ctx, a, in.Bot)
	return ok(wire.BotRooms{Rooms: ids}), err
}

func (h *Handler) botTokens(ctx context.Context, a chat.Actor, in *botIn) (*bodyOut[wire.Tokens], error) {
	ts, err := h.canteen.BotTokens(ctx, a, in.Bot)
	return ok(wire.Tokens{Tokens: each(ts, wire.NewToken)}), err
}

func (h *Handler) addBotToken(ctx context.Context, a chat.Actor, in *botBody[wire.NewTokenBody]) (*bodyOut[wire.MadeToken], error) {
	t, secret, err := h.canteen.AddBotToken(ctx, a, in.Bot, in.Body.Input())
	return ok(wire.MadeToken{Token: wire.NewToken(t), Secret: secret}), err
}

func (h *Handler) endBotToken(ctx context.Context, a chat.Actor, in *botTokenIn) (*none, error) {
	return nil, h.canteen.EndBotToken(ctx, a, in.Bot, in.ID)
}
