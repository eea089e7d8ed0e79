package model

import (
	"bytes"
	"context"
	"sync"

	"github.com/canteen-chat/canteen/chat"
)

// Pictures implements chat.EmojiPictures in memory. It takes everything for a picture that does not begin with "no picture", and changes
// nothing of it.
type Pictures struct {
	mu sync.Mutex
	of map[string][]byte
}

// Make implements chat.EmojiPictures.
func (p *Pictures) Make(_ context.Context, picture []byte) ([]byte, error) {
	if bytes.HasPrefix(picture, []byte("no picture")) {
		return nil, chat.InvalidField("file", "This is no picture.")
	}
	return bytes.Clone(picture), nil
}

// Put implements chat.EmojiPictures.
func (p *Pictures) Put(_ context.Context, id string, made []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[string][]byte{}
	}
	p.of[id] = bytes.Clone(made)
	return nil
}

// Open implements chat.EmojiPictures.
func (p *Pictures) Open(_ context.Context, id string) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if made, ok := p.of[id]; ok {
		return bytes.Clone(made), nil
	}
	return nil, chat.ErrNotFound()
}

// Delete implements chat.EmojiPictures.
func (p *Pictures) Delete(_ context.Context, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.of, id)
	return nil
}

// Len is how many pictures there are.
func (p *Pictures) Len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.of)
}
