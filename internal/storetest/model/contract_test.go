package model_test

import (
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest"
	"github.com/canteen-chat/canteen/internal/storetest/model"
)

func TestContract(t *testing.T) { storetest.Run(t, open) }

func TestArchive(t *testing.T) { storetest.Moves(t, open) }

func open(_ *testing.T, feed chat.Feed) storetest.Opened {
	return storetest.Opened{Store: model.New(feed), Close: func() {}}
}
