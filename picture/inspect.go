package picture

import (
	"errors"
	"io"
)

// Info is what a file is and, for a picture, how large. Refused says why a file that looks like a picture is kept as a plain file.
type Info struct {
	Format
	Width, Height int // as people see it: the orientation applied
	Orientation   int // 1 to 8 as in Exif; 0 for what is no picture
	Frames        int
	Refused       error

	decoded int64
}

// Inspect says what a body is, from its bytes. The error is that of reading the body; what is wrong with the body stands in Info.Refused.
func Inspect(r io.ReadSeeker, claim string) (Info, error) {
	t, err := open(r)
	if err != nil {
		return Info{}, err
	}
	head, err := t.bytes(int(min(t.size, HeadSize)))
	if err != nil {
		return Info{}, err
	}
	info := Info{Format: Sniff(head, claim)}
	if info.Kind == Other {
		return info, nil
	}
	s, _, err := look(r, info.Format)
	if errors.Is(err, ErrBroken) {
		return info.refuse(err), nil
	}
	if err != nil {
		return Info{}, err
	}
	if s.sound && info.Kind == Video {
		info.Type, info.Kind = "audio/mp4", Audio
	}
	if info.Kind == Audio {
		return info, nil
	}
	info.Width, info.Height, info.Orientation, info.Frames, info.decoded = s.width, s.height, s.orientation, s.frames, s.decoded
	if s.orientation >= 5 {
		info.Width, info.Height = s.height, s.width
	}
	if info.Kind != Image {
		return info, nil
	}
	switch {
	case s.width < 1 || s.height < 1:
		return info.refuse(ErrBroken), nil
	case s.width > MaxSide || s.height > MaxSide || s.decoded > MaxDecoded:
		return info.refuse(ErrTooLarge), nil
	case s.frames > MaxFrames:
		return info.refuse(ErrTooManyFrames), nil
	case s.scans > MaxScans:
		return info.refuse(ErrTooManyScans), nil
	}
	return info, nil
}

// refuse keeps the type and makes the file a plain one.
func (i Info) refuse(why error) Info {
	return Info{Format: Format{Type: i.Type, Kind: Other}, Refused: why}
}

// look parses a body of a known format, and returns its size too. Formats without a parser have an empty survey.
func look(r io.ReadSeeker, f Format) (survey, int64, error) {
	t, err := open(r)
	if err != nil {
		return survey{}, 0, err
	}
	var s survey
	switch f.Type {
	case "image/jpeg":
		s, err = surveyJPEG(t)
	case "image/png":
		s, err = surveyPNG(t)
	case "image/webp":
		s, err = surveyWebP(t)
	case "image/gif":
		s, err = surveyGIF(t)
	case "video/mp4", "audio/mp4", "video/quicktime":
		s, err = surveyMP4(t)
	}
	return s, t.size, err
}
