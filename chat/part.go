package chat

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/poll"
)

// Parts are what a message has besides its text. A store keeps them as one value, see [Parts.Encode]: most messages have none, and nothing
// is asked of the storage by what is in them. A tombstone has none.
type Parts struct {
	Confirm  bool       `json:"confirm,omitempty"` // the members are asked to confirm that they have read the message
	Files    []File     `json:"files,omitempty"`   // in the order in which they were attached
	Preview  *Preview   `json:"preview,omitempty"`
	Origin   *Origin    `json:"origin,omitempty"` // what it forwards
	Poll     *poll.Poll `json:"poll,omitempty"`
	Feedback *Feedback  `json:"feedback,omitempty"`

	// StreamingAt is set while the message is being written: when its text was last stored.
	StreamingAt *time.Time `json:"streaming_at,omitempty"`

	Cards        []card.Card  `json:"cards,omitempty"`
	CardPictures []File       `json:"card_pictures,omitempty"` // the server's copies of pictures of cards
	Fallback     bool         `json:"fallback,omitempty"`      // the text only repeats the cards, for those who are not shown them
	Sender       *card.Sender `json:"sender,omitempty"`        // how a hook calls itself
}

// FileKind says how a file is shown.
type FileKind string

// Kinds of files, by what their bytes are, whatever their names say.
const (
	ImageFile FileKind = "image"
	VideoFile FileKind = "video"
	AudioFile FileKind = "audio"
	OtherFile FileKind = "file"

	// PageFile is the picture of a preview or a card. The server makes it, and no list of files has it.
	PageFile FileKind = "preview"
)

// File is what a message tells of a file. Its body is elsewhere.
type File struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Size     int64    `json:"size"` // bytes
	Type     string   `json:"type"` // MIME type, as the bytes say
	Kind     FileKind `json:"kind"`
	Width    int      `json:"width,omitempty"` // pixels, as it is shown; 0 where it is not known
	Height   int      `json:"height,omitempty"`
	Color    string   `json:"color,omitempty"`    // #rrggbb, to be shown until the picture is there
	Thumbs   []int    `json:"thumbs,omitempty"`   // sizes of its thumbnails: the longer side, in pixels
	Poster   bool     `json:"poster,omitempty"`   // the thumbnails are of a picture that the client drew of a video
	Duration int64    `json:"duration,omitempty"` // of sound or video, in milliseconds, as the client said; 0 where it is not known
	Waveform []byte   `json:"waveform,omitempty"` // of a voice message: 64 levels
	Kept     string   `json:"kept,omitempty"`     // why what looks like a picture is kept as a plain file, for people
	SHA256   string   `json:"sha256"`             // of the body, in hexadecimal
}

// AllFiles are the files of the message in their order, and behind them the pictures of its cards and of its preview.
func (p Parts) AllFiles() []File {
	all := append(slices.Clip(p.Files), p.CardPictures...)
	if p.Preview != nil && p.Preview.Picture != nil {
		all = append(all, *p.Preview.Picture)
	}
	return all
}

// None says whether there are no parts.
func (p Parts) None() bool { return reflect.ValueOf(p).IsZero() }

// Encode is the parts as a text that a store keeps; "" for none.
func (p Parts) Encode() string {
	if p.None() {
		return ""
	}
	b, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("chat: cannot encode the parts of a message: %v", err)) // depends only on the types, so tests would find it
	}
	return string(b)
}

// DecodeParts is the inverse of Encode. Parts of a later release are left out.
func DecodeParts(s string) (p Parts, err error) {
	if s == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(s), &p); err != nil {
		return p, fmt.Errorf("the stored parts of a message are damaged: %w", err)
	}
	return p, nil
}
