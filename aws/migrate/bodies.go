package migrate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/picture"
)

const bodiesAtOnce = 1000 // keys in one list

// bodies copies the bodies of files that the target lacks. Those that have the same size there are not copied again, so that a move goes on
// after a failure. Uploads that are not finished are not copied: clients begin them anew. It comes before the messages, so that none shows
// a file that is not there yet.
func (m *mover) bodies(ctx context.Context) error {
	n, bytes, said := 0, int64(0), m.Clock.Time()
	for after := ""; ; {
		page, err := m.From.List(ctx, after, bodiesAtOnce)
		if err != nil {
			return fmt.Errorf("list the files: %w", err)
		}
		if len(page) == 0 {
			m.printf("Copied %d files and thumbnails, %d MB.", n, bytes/1_000_000)
			return nil
		}
		for _, stored := range page {
			after = stored.Key
			if isUpload(stored.Key) {
				continue
			}
			size, err := copyBody(ctx, m.From, m.To, stored.Key)
			if err != nil {
				return fmt.Errorf("copy the file %s: %w (run the same command again)", stored.Key, err)
			}
			n, bytes = n+1, bytes+size
			if now := m.Clock.Time(); now.Sub(said) >= reportEvery {
				said = now
				m.printf("  %d files and thumbnails", n)
			}
		}
	}
}

// isUpload says whether what a home lists is left of an upload. Bodies of files have no suffix, or the size of a thumbnail.
func isUpload(key string) bool {
	_, ok := files.IDOf(key)
	_, suffix, _ := strings.Cut(key, ".")
	return !files.IsKey(key) || ok && strings.Trim(suffix, "0123456789") != ""
}

// copyBody copies one body unless it is there. One that was deleted meanwhile counts nothing.
func copyBody(ctx context.Context, from, to files.Bodies, key string) (size int64, err error) {
	body, err := from.Open(ctx, key)
	if chat.ErrorCode(err) == chat.NotFound {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	there, err := to.Open(ctx, key)
	if err == nil {
		same := there.Size() == body.Size()
		if err := there.Close(); err != nil || same {
			return body.Size(), err
		}
	} else if chat.ErrorCode(err) != chat.NotFound {
		return 0, err
	}
	head := make([]byte, min(picture.HeadSize, body.Size()))
	if _, err := io.ReadFull(body, head); err != nil {
		return 0, err
	}
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	return body.Size(), to.Put(ctx, key, picture.Sniff(head, "").Type, body, body.Size())
}
