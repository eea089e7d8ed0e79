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
	Poster   bool   `json:"poster,omitempty" doc:"The thumbnails are of a picture that the client drew of a video"`
	Duration int64  `json:"duration,omitempty" minimum:"1" doc:"Of sound or video, in milliseconds, as the client said"`
	Waveform []byte `json:"waveform,omitempty" doc:"Of a voice message: its levels in order, as bytes"`
	Kept     string `json:"kept,omitempty" doc:"Why what looks like a picture is kept as a plain file"`
	SHA256   string `json:"sha256" example:"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" doc:"Of its body"`
}

// NewFile maps a file.
func NewFile(f chat.File) File {
	return File{
		ID: f.ID, Name: f.Name, Size: f.Size, Type: f.Type, Kind: string(f.Kind), Width: f.Width, Height: f.Height, Color: f.Color,
		Thumbs: f.Thumbs, Poster: f.Poster, Duration: f.Duration, Kept: f.Kept, Waveform: f.Waveform, SHA256: f.SHA256,
	}
}

func newFiles(fs []chat.File) []File {
	out := make([]File, len(fs))
	for i, f := range fs {
		out[i] = NewFile(f)
	}
	return out
}

// NewFileBody is the body of POST /files: what the client says of a file that it is about to send.
type NewFileBody struct {
	Name string `json:"name" minLength:"1" maxLength:"1000" example:"soup.jpg" doc:"Folders and what cannot be shown are left out"`
	Type string `json:"type,omitempty" maxLength:"200" example:"image/jpeg" doc:"As the client believes; what the bytes say beats it"`
	Size int64  `json:"size" minimum:"1" maximum:"9007199254740991" example:"2418112" doc:"Bytes, at most file_bytes of GET /me"`
}

// Upload is the answer of POST /files.
type Upload struct {
	File     File  `json:"file" doc:"With what the client said of it"`
	PartSize int64 `json:"part_size" minimum:"1" example:"8388608" doc:"Bytes of each part but the last"`
}

// NewParts is the body of POST /files/{id}/parts.
type NewParts struct {
	Parts []NewPart `json:"parts" nullable:"false" maxItems:"20" doc:"What is to be sent next; none to ask only what is there"`
}

// NewPart is a part that the client is about to send.
type NewPart struct {
	N      int    `json:"n" minimum:"1" maximum:"9007199254740991" example:"1"`
	SHA256 string `json:"sha256,omitempty" format:"sha256" doc:"Of this part. On AWS it is needed"`
}

// Parts is the answer of POST /files/{id}/parts.
type Parts struct {
	Parts []PartPlace `json:"parts" nullable:"false" maxItems:"20"`
	Have  []int       `json:"have" nullable:"false" doc:"The parts that are stored, in ascending order"`
}

// PartPlace says where to put a part.
type PartPlace struct {
	N       int               `json:"n" minimum:"1"`
	URL     string            `json:"url" doc:"PUT the bytes here: a path on this server, or an absolute URL, which gets no cookie and no token"`
	Headers map[string]string `json:"headers" nullable:"false" doc:"To be sent with it, exactly"`
}

// FileDone is the body of POST /files/{id}/done: what the server cannot see.
type FileDone struct {
	SHA256   string `json:"sha256,omitempty" format:"sha256" doc:"Of the whole"`
	Waveform []byte `json:"waveform,omitempty" format:"base64" doc:"Of a voice message: 64 levels, as bytes"`
	Duration int64  `json:"duration,omitempty" minimum:"0" maximum:"2147483647" doc:"Of sound or video, in milliseconds"`
	Poster   []byte `json:"poster,omitempty" format:"base64" minLength:"4" doc:"Stands for a video: at most 512 KiB of JPEG, PNG or WebP"`
}

// RoomFiles is a page of the files in a room.
type RoomFiles struct {
	Files []RoomFile `json:"files" nullable:"false" maxItems:"60" doc:"Newest message first"`
	Next  int64      `json:"next,omitempty" minimum:"1" doc:"Go on with before=next; absent at the end"`
}

// RoomFile is a file and the message that it belongs to.
type RoomFile struct {
	File      File   `json:"file"`
	Seq       int64  `json:"seq" minimum:"1"`
	Author    string `json:"author" format:"id" doc:"User id"`
	CreatedAt Time   `json:"created_at" format:"date-time" doc:"When it was uploaded"`
}

// NewRoomFiles maps a page of files.
func NewRoomFiles(rows []chat.FileRow, next int64) RoomFiles {
	w := RoomFiles{Files: make([]RoomFile, len(rows)), Next: next}
	for i, r := range rows {
		w.Files[i] = RoomFile{File: NewFile(r.File), Seq: r.Seq, Author: r.Owner, CreatedAt: Time{r.At}}
	}
	return w
}
