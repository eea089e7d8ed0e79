package wire

import "github.com/canteen-chat/canteen/chat"

// File is what is known of a file. Its body is at GET /files/{id}.
type File struct {
	ID       string `json:"id" format:"id"`
	Name     string `json:"name" minLength:"1" maxLength:"255" example:"soup.jpg" doc:"As it was called where it came from, without folders"`
	Size     int64  `json:"size" minimum:"0" doc:"Bytes"`
	Type     string `json:"type" example:"image/jpeg" doc:"MIME type, as its bytes say"`
	Kind     string `json:"kind" enum:"image,video,audio,file" doc:"How it is shown"`
	Width    int    `json:"width,omitempty" minimum:"1" doc:"Pixels, as it is shown"`
	Height   int    `json:"height,omitempty" minimum:"1"`
	Color    string `json:"color,omitempty" example:"#b08040" doc:"Fills its place until the picture is there"`
	Thumbs   []int  `json:"thumbs,omitempty" doc:"Sizes of its thumbnails: the longer side, in pixels"`
	Poster   string `json:"poster,omitempty" format:"id" doc:"The file with the picture that stands for a video"`
	Waveform []byte `json:"waveform,omitempty" doc:"Of a voice message: its levels in order, as bytes"`
	SHA256   string `json:"sha256" example:"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" doc:"Of its body"`
}

// NewFile maps a file.
func NewFile(f chat.File) File {
	return File{
		ID: f.ID, Name: f.Name, Size: f.Size, Type: f.Type, Kind: string(f.Kind), Width: f.Width, Height: f.Height, Color: f.Color,
		Thumbs: f.Thumbs, Poster: f.Poster, Waveform: f.Waveform, SHA256: f.SHA256,
	}
}

func newFiles(fs []chat.File) []File {
	out := make([]File, len(fs))
	for i, f := range fs {
		out[i] = NewFile(f)
	}
	return out
}
