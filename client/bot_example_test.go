package client_test

import (
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
	err := bot.Listen(ctx, func(e client.Event) error {
		var said wire.MessageEvent
		if err := json.Unmarshal(e.JSON, &said); err != nil || said.Message == nil || !strings.Contains(said.Message.Text, "@builds") {
			return err
		}
		root := said.Message.Thread
		if root == 0 {
			root = said.Message.Seq
		}
		answer := wire.PostMessage{ClientID: client.NewClientID(), Text: "Build **412** is green 🎉", Thread: &root}
		return client.Retry(ctx, func(ctx context.Context) error {
			_, err := bot.Post(ctx, said.Room, answer)
			return err
		})
	})
	log.Fatal(err)
}
