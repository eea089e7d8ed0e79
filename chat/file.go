package chat

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen/text"
)

// NewFileInput is what a client says of a file before it sends it.
type NewFileInput struct {
	Name string
	Type string // media type, as the client believes; what the bytes say beats it
	Size int64
}

// AddFile begins an upload. begin reserves room for the body and is called once; its result is kept as FileRow.Home. If AddFile fails after
// begin, the caller gives the room back.
func (c *Canteen) AddFile(
	ctx context.Context, a Actor, in NewFileInput, begin func(id string, size int64) (string, error),
) (FileRow, error) {
	if in.Size < 1 || in.Size > c.maxFile {
		return FileRow{}, InvalidField("size", "A file can have 1 to %d bytes.", c.maxFile)
	}
	now := c.clock.Time()
	row := FileRow{
		File:  File{ID: NewID(), Name: text.FileName(in.Name), Type: in.Type, Size: in.Size, Kind: OtherFile},
		State: FileOpen, Owner: a.User.ID, At: now, Due: now.Add(FileLife),
	}
	began := false
	return perform(ctx, c, a, CmdAddFile, use[FileRow]{
		counts: func(at *attempt) error { return c.uploading(ctx, at.Actor, in.Size) },
		stores: func() int { return RowBytes },
		do: func(at *attempt) (_ FileRow, err error) {
			if !began {
				if row.Home, err = begin(row.ID, row.Size); err != nil {
					return FileRow{}, err
				}
				began = true
			}
			return row, c.files.AddFile(ctx, AddFile{Facts: at.facts(), Row: row})
		},
	})
}

// uploading counts the bytes of a file against what one may upload in a day.
func (c *Canteen) uploading(ctx context.Context, a Actor, size int64) error {
	return c.ofDay(ctx, a, c.rates.fileBytes.Of(int((size+fileUnit-1)/fileUnit)), "upload")
}

// Upload is an upload of the actor's own which is not finished: NotFound for all other files.
func (c *Canteen) Upload(ctx context.Context, a Actor, id string) (FileRow, error) {
	return perform(ctx, c, a, CmdUpload, use[FileRow]{do: func(at *attempt) (FileRow, error) { return c.ownUpload(ctx, at, id) }})
}

// PutPart says whether the actor may send a part of an upload, or the picture that stands for a video: as [Canteen.Upload].
func (c *Canteen) PutPart(ctx context.Context, a Actor, id string) (FileRow, error) {
	return perform(ctx, c, a, CmdPutPart, use[FileRow]{do: func(at *attempt) (FileRow, error) { return c.ownUpload(ctx, at, id) }})
}

func (c *Canteen) ownUpload(ctx context.Context, at *attempt, id string) (FileRow, error) {
	row, err := c.ownFile(ctx, at, id)
	if err == nil && row.State != FileOpen {
		err = ErrNotFound()
	}
	return row, err
}

// ownFile is a file that the actor uploaded: NotFound for those of others and for dead ones.
func (c *Canteen) ownFile(ctx context.Context, at *attempt, id string) (FileRow, error) {
	if err := c.checkActor(ctx, at); err != nil {
		return FileRow{}, err
	}
	row, err := c.fileRow(ctx, id)
	if err == nil && row.Owner != at.User.ID {
		err = ErrNotFound()
	}
	return row, err
}

// fileRow is a file, whoever asks: NotFound for a dead one.
func (c *Canteen) fileRow(ctx context.Context, id string) (FileRow, error) {
	if !IsID(id) {
		return FileRow{}, ErrNotFound()
	}
	rows, err := c.files.Files(ctx, []string{id})
	if err != nil {
		return FileRow{}, err
	}
	if len(rows) == 0 || rows[0].State == FileDead {
		return FileRow{}, ErrNotFound()
	}
	return rows[0], nil
}

// FinishFile makes an upload ready. finish completes the body and says what it is; it may be called again. A file that is ready already
// is returned as it is.
func (c *Canteen) FinishFile(ctx context.Context, a Actor, id string, finish func(FileRow) (File, error)) (File, error) {
	return perform(ctx, c, a, CmdFinishFile, use[File]{do: func(at *attempt) (File, error) {
		row, err := c.ownFile(ctx, at, id)
		if err == nil && row.Kind == PageFile {
			err = ErrNotFound()
		}
		if err != nil || row.State != FileOpen {
			return row.File, err
		}
		f, err := finish(row)
		if err != nil {
			return File{}, err
		}
		f.ID, f.Name = row.ID, row.Name
		row, err = c.files.FinishFile(ctx, FinishFile{Facts: at.facts(), File: f, Due: c.clock.Time().Add(FileLife)})
		return row.File, err
	}})
}

// DropFile deletes a file of the actor's own that is in no message, and cancels its upload: Conflict when it is in a message.
func (c *Canteen) DropFile(ctx context.Context, a Actor, id string) error {
	_, err := perform(ctx, c, a, CmdDropFile, use[struct{}]{do: func(at *attempt) (struct{}, error) {
		row, err := c.ownFile(ctx, at, id)
		switch {
		case err != nil:
			return struct{}{}, err
		case row.State == FileAttached:
			return struct{}{}, Errorf(Conflict, "The file is in a message. Delete the message.")
		}
		return struct{}{}, c.files.EndFile(ctx, id, c.clock.Time())
	}})
	return err
}

// File is a file that the actor may see now: their own that is in no message yet, or one in a message of a room that they see. NotFound for
// all others, and for uploads that are not finished.
func (c *Canteen) File(ctx context.Context, a Actor, id string) (File, error) {
	var row FileRow
	return perform(ctx, c, a, CmdFile, use[File]{
		see: func(at *attempt) (err error) {
			if row, err = c.fileRow(ctx, id); err != nil {
				return err
			}
			switch {
			case row.State == FileAttached:
				at.room, err = c.see(ctx, at.Actor, row.Room)
			case row.State != FileReady || row.Owner != at.User.ID:
				err = ErrNotFound()
			}
			return err
		},
		do: func(*attempt) (File, error) { return row.File, nil },
	})
}

// RoomFilesInput says which files of a room are wanted.
type RoomFilesInput struct {
	Kind   FileKind // "" for all
	Before int64    // a seq; 0 for the newest
}

// RoomFiles are files in messages of a room, the newest first: whole messages, with about DefaultFiles files. Next is the Before of the
// next page; 0 when there is none.
func (c *Canteen) RoomFiles(ctx context.Context, a Actor, room string, in RoomFilesInput) (rows []FileRow, next int64, err error) {
	if in.Before <= 0 {
		in.Before = MaxSeq
	}
	rows, err = perform(ctx, c, a, CmdRoomFiles, use[[]FileRow]{room: room, do: func(*attempt) ([]FileRow, error) {
		return c.files.RoomFiles(ctx, room, in.Kind, in.Before, DefaultFiles+1)
	}})
	if err != nil || len(rows) <= DefaultFiles {
		return rows, 0, err
	}
	last := rows[DefaultFiles].Seq // its files may not all be here
	rows = rows[:slices.IndexFunc(rows, func(r FileRow) bool { return r.Seq == last })]
	return rows, last + 1, nil
}

// attachable are the files that a post names: NotFound for an unknown one and for those of others, Conflict when one is not ready or is in
// a message already.
func (c *Canteen) attachable(ctx context.Context, at *attempt, ids []string) ([]File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := c.files.Files(ctx, ids)
	if err != nil {
		return nil, err
	}
	files := make([]File, 0, len(rows))
	for _, row := range rows {
		switch {
		case row.State == FileDead || row.Owner != at.User.ID || row.Kind == PageFile:
			return nil, errNoFile()
		case row.State == FileOpen:
			return nil, errTaken("files", "A file is not uploaded completely yet.")
		case row.State == FileAttached:
			return nil, errTaken("files", "A file is in a message already. Upload it again.")
		}
		files = append(files, row.File)
	}
	if len(files) < len(ids) {
		return nil, errNoFile()
	}
	return files, nil
}

func errNoFile() error {
	return &Error{Code: NotFound, Field: "files", Message: "A file does not exist any more. Upload it again."}
}

// fileIDs checks the ids of files in a post.
func fileIDs(ids []string) error {
	if len(ids) > MaxFiles {
		return InvalidField("files", "A message can have at most %d files.", MaxFiles)
	}
	if len(union(ids, nil)) < len(ids) || slices.ContainsFunc(ids, func(id string) bool { return !IsID(id) }) {
		return InvalidField("files", "Name each file once, by its id.")
	}
	return nil
}
