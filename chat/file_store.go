package chat

import (
	"context"
	"slices"
	"time"
)

// FileState is how far a file has come.
type FileState string

// States of files. A file that is open or ready for FileLife becomes dead, and so does an attached one whose message is deleted.
const (
	FileOpen     FileState = "open"     // it is being uploaded
	FileReady    FileState = "ready"    // its body is whole, and free of what must not be shown
	FileAttached FileState = "attached" // it is part of a message
	FileDead     FileState = "dead"     // nobody sees it; its bodies are to be deleted, and then its row
)

// FileRow is a file, and what only the server needs to know of it. While it is open, File has only what the client said.
type FileRow struct {
	File
	State FileState
	Owner string // who uploaded it
	Home  string // of its upload; only its home of bodies understands it
	At    time.Time
	Due   time.Time // when it is to be looked at: see DueFiles; zero for an attached one
	Room  string    // of an attached one, or of one that was
	Seq   int64     // of its message
}

// AddFile is a new upload.
type AddFile struct {
	Facts Facts
	Row   FileRow // open
}

// FinishFile makes an open file ready.
type FinishFile struct {
	Facts Facts
	File  File
	Due   time.Time
}

// FileStore keeps a row for each file. MessageStore.PostMessage attaches the files among the parts of its message in its commit: ErrStale
// unless each of them is ready and its author's; so does MessageStore.EditMessage with the pictures of new previews and cards, and makes
// those of former ones dead. MessageStore.DeleteMessage makes those of its message dead, due at once. An import of a message makes the rows of its
// files. Nothing here is announced.
type FileStore interface {
	AddFile(ctx context.Context, c AddFile) error
	// Files are the rows that there are of these ids, in their order, each once.
	Files(ctx context.Context, ids []string) ([]FileRow, error)
	// FinishFile gives the row as it is then. Nothing changes if it is ready or attached already. NotFound when it is dead or gone.
	FinishFile(ctx context.Context, c FinishFile) (FileRow, error)
	// EndFile makes an open or ready file dead, due at once. Of a dead one and of none: nothing. ErrStale when it is attached.
	EndFile(ctx context.Context, id string, at time.Time) error
	// DueFiles are files whose Due is not after now, the earliest first, at most limit.
	DueFiles(ctx context.Context, now time.Time, limit int) ([]FileRow, error)
	// RemoveFile deletes the row of a dead file. Of any other and of none: nothing.
	RemoveFile(ctx context.Context, id string) error
	// RoomFiles are the files attached in a room with a seq below before, of one kind or of all ("") but PageFile, by seq, the newest
	// first, those of a message in their order; at most limit.
	RoomFiles(ctx context.Context, room string, kind FileKind, before int64, limit int) ([]FileRow, error)
}

// attachedRow is the row of a file that is part of m.
func attachedRow(f File, m Message) FileRow {
	return FileRow{File: f, State: FileAttached, Owner: m.Author, At: m.CreatedAt, Room: m.Room, Seq: m.Seq}
}

// FileRows are the rows of the files of a message, as a store makes them from an archive.
func (m Message) FileRows() []FileRow {
	files := m.AllFiles()
	out := make([]FileRow, len(files))
	for i, f := range files {
		out[i] = attachedRow(f, m)
	}
	return out
}

// Pictures are the rows of pictures of previews and cards that a message had before it was edited and has no longer, and of those that are
// new.
func (cmd EditMessage) Pictures(before, after Message) (gone, fresh []FileRow) {
	before.Files, after.Files = nil, nil
	had, has := before.FileRows(), after.FileRows()
	return without(had, has), without(has, had)
}

// without are the rows of files that are not among others.
func without(rows, others []FileRow) []FileRow {
	return slices.DeleteFunc(slices.Clone(rows), func(r FileRow) bool {
		return slices.ContainsFunc(others, func(o FileRow) bool { return o.ID == r.ID })
	})
}
