package chat

import (
	"context"
	"strings"
	"sync"

	"github.com/canteen-chat/canteen/card"
)

// Sides of the server's copies of pictures of cards, in pixels at most.
const (
	CardPictureSide = 800
	CardThumbSide   = 160
)

// carried are the cards of a post or an edit on their way.
type carried struct {
	given    bool
	cards    []card.Card
	copies   []File // the server's copies of their pictures
	copied   bool   // the pictures were asked for
	fallback bool   // the text of the message only repeats them
}

// carry checks cards. Where there is no text, they give one.
func carry(given []card.Card, body *string) (carried, error) {
	fit, cut := card.Fit(given)
	if cut || len(fit) < len(given) {
		return carried{}, InvalidField("cards", "A message can have at most %d cards of %d kB in all, none of them empty, with at most %d "+
			"fields and %d buttons each and %d pictures in all. Texts have bounds, too.", card.Max, card.MaxBytes/1000, card.MaxFields,
			card.MaxButtons, card.MaxPictures)
	}
	k := carried{given: given != nil, cards: fit, fallback: len(fit) > 0 && strings.TrimSpace(*body) == ""}
	if k.fallback {
		*body = card.Fallback(fit)
	}
	return k, nil
}

// may is who may post cards: bots, and the bots of hooks. Of what a person says nobody should think that a system said it.
func (k carried) may(a Actor) error {
	if k.given && !a.User.Bot {
		return Errorf(Forbidden, "Only bots and incoming webhooks may post cards.")
	}
	return nil
}

// same says whether an edit leaves the cards of a message as they are.
func (k carried) same(m Message) bool { return !k.given || card.Same(k.cards, m.Cards) }

// parts are what a message keeps of them.
func (k carried) parts() (cards []card.Card, copies []File, fallback bool) {
	return k.cards, k.copies, k.fallback
}

// copyPictures makes the pictures of cards files of the actor's, which count as their uploads and like previews of links. A picture that
// cannot be copied stays a link. The hosts are asked once, however often the command is tried.
func (c *Canteen) copyPictures(ctx context.Context, at *attempt, k *carried) error {
	pictures := card.Pictures(k.cards)
	if len(pictures) == 0 || k.copied || c.full != nil && c.full() {
		return nil
	}
	if wanted, err := c.previewing(ctx); err != nil || !wanted {
		return err
	}
	k.copied = true
	wait, err := c.limiter.Take(ctx, c.rates.preview.Of(len(pictures)), at.key())
	if err != nil || wait > 0 {
		return err
	}
	found, errs := make([]File, len(pictures)), make([]error, len(pictures))
	var all sync.WaitGroup
	for i, p := range pictures {
		side := CardPictureSide
		if p.Thumb {
			side = CardThumbSide
		}
		all.Go(func() { found[i], errs[i] = c.previews.FetchPicture(ctx, p.URL, NewID(), side) })
	}
	all.Wait()
	for i, f := range found {
		if ErrorCode(errs[i]) == NotFound {
			continue
		}
		if err = errs[i]; err == nil {
			err = c.uploading(ctx, at.Actor, f.Size)
		}
		if ErrorCode(err) == RateLimited {
			continue
		}
		if err == nil {
			err = c.addPicture(ctx, at, f)
		}
		if err != nil {
			return err
		}
		pictures[i].Show(f.ID, f.Width, f.Height, f.Color)
		k.copies = append(k.copies, f)
	}
	return nil
}
