package chat

import (
	"context"
)

// Limits of previews, in code points.
const (
	PreviewTitleLength       = 200
	PreviewDescriptionLength = 300
)

// Unfurled is what a page says about itself, as plain text of one line. Picture holds the bytes of a picture as its host sent them.
type Unfurled struct {
	Title, Description string
	Picture            []byte
}

// Unfurler asks pages what they say about themselves. It reaches nothing but public addresses.
type Unfurler interface {
	// Unfurl asks the page at a URL. NotFound if it does not answer, answers something else, or says nothing. It takes a few seconds at most.
	Unfurl(ctx context.Context, url string) (Unfurled, error)
}
