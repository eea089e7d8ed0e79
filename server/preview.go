package server

import (
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/origin"
	"github.com/canteen-chat/canteen/outbound"
	"github.com/canteen-chat/canteen/unfurl"
)

// unfurler asks web pages for previews of links, but never this server itself. It is nil if previews are off.
func (c Config) unfurler() (chat.Unfurler, error) {
	if !c.Previews {
		return nil, nil
	}
	o := outbound.Options{Check: c.Reach}
	var own origin.Origin
	var err error
	switch {
	case c.URL != "":
		own, err = origin.Parse(c.URL)
	case c.Domain != "":
		own, err = origin.OfDomain(c.Domain)
	}
	o.Own = own.Host
	return unfurl.New(outbound.New(o)), err
}
