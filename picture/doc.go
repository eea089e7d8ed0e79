// Package picture looks into the bodies of files: it says what a file is, removes metadata, and draws thumbnails and custom emoji.
//
// Guarantees: the type comes from the bytes, never from a name or a claim alone. Nothing is decoded before its size is known from its
// header, at most MaxDecoded bytes of pixels are decoded at a time, and a Decoder runs one decode at a time. A body of any size is read as
// a stream, in a few kilobytes of memory; only decoding needs more. Hostile bytes lead to an error, never to a panic.
//
// It depends on nothing of the product.
package picture

import "errors"

// Kind is how clients show a file.
type Kind string

// The kinds. Other is shown as a card with name and size.
const (
	Image Kind = "image"
	Video Kind = "video"
	Audio Kind = "audio"
	Other Kind = "file"
)

// Limits of what is shown as a picture. A file beyond them stays a file.
const (
	MaxSide    = 16_384      // pixels
	MaxDecoded = 100_000_000 // bytes of memory while decoding
	MaxFrames  = 500         // of an animation
	MaxScans   = 100         // of a photograph: a few bytes can make the decoder pass over all pixels once more
	MaxEmoji   = 512 << 10   // bytes of an uploaded custom emoji
	EmojiSide  = 128         // pixels of the longer side of a custom emoji
)

// Reasons why a file is not shown as a picture, or is no custom emoji.
var (
	ErrTooLarge      = errors.New("the picture has too many pixels")
	ErrTooManyFrames = errors.New("the picture has too many frames")
	ErrTooManyScans  = errors.New("the picture is drawn in too many passes")
	ErrBroken        = errors.New("the file is damaged")
	ErrAnimated      = errors.New("animated WebP pictures are not supported")
	ErrNotPicture    = errors.New("the file is not a PNG, JPEG, WebP or GIF picture")
)

// ErrBusy means that too many pictures wait to be decoded. Later the same picture may be decoded.
var ErrBusy = errors.New("too many pictures wait to be decoded")
