package server

import (
	"log/slog"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/origin"
	"github.com/canteen-chat/canteen/outbound"
	"github.com/canteen-chat/canteen/pagecache"
	"github.com/canteen-chat/canteen/picture"
	"github.com/canteen-chat/canteen/unfurl"
)

// unfurler asks web pages for previews of links, but never this server itself. It is nil if previews are off.
func (c Config) unfurler(decoder *picture.Decoder) (unfurl.Pages, error) {
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
	return unfurl.New(outbound.New(o), decoder), err
}

// previews are the previews of links of a data directory, nil if they are off.
func (o openOptions) previews(store pagecache.Store, pictures files.Pages, clock chat.Clock, log *slog.Logger) chat.Previews {
	if o.unfurler == nil {
		return nil
	}
	return unfurl.NewCache(unfurl.CacheOptions{Pages: o.unfurler, Store: store, Pictures: pictures, Clock: clock, Log: log})
}
