package model_test

import (
	"testing"

	"github.com/canteen-chat/canteen"
	"github.com/canteen-chat/canteen/storetest"
	"github.com/canteen-chat/canteen/storetest/model"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(_ *testing.T, feed canteen.Feed) storetest.Opened {
		return storetest.Opened{Store: model.New(feed), Close: func() {}}
	})
}
