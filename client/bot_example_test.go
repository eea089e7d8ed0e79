package client_test

import (
	"cmp"
	"context"
	"encoding/json"
	"log"
	"os"
	"strings"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// A bot that answers in the thread when somebody says its handle.
func ExampleClient_Listen() {
	ctx, bot := context.Background(), client.New(os.Getenv("CANTEEN_URL"), os.Getenv("CANTEEN_TOKEN"))
	newest := map[string]int64{} // by room: a message is heard again when it is edited or answered
	err := bot.Listen(ctx, func(e client.Event) error {
		var said wire.MessageEvent
		if e.Type != "message" || json.Unmarshal(e.JSON, &said) != nil || said.Message == nil || said.Message.Seq <= newest[said.Room] {
			return nil
		}
		newest[said.Room] = said.Message.Seq
		if strings.Contains(said.Message.Text, "@builds") {
			root := cmp.Or(said.Message.Thread, said.Message.Seq)
			answer := wire.PostMessage{ClientID: client.NewClientID(), Text: "Build **412** is green 🎉", Thread: &root}
			if err := client.Retry(ctx, func(ctx context.Context) error {
				_, err := bot.Post(ctx, said.Room, answer)
				return err
			}); err != nil {
				log.Print(err) // it may not post here, or the message is gone: the bot goes on
			}
		}
		return nil
	})
	log.Fatal(err)
}
