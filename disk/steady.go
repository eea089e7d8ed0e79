package disk

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// flushEvery is how many bytes of a body may wait in memory for the disk.
const flushEvery = 1 << 20

// steady writes a body to a file, and waits for the disk after each MiB. Otherwise the bytes pile up in memory until a sync writes them
// all at once, and the sync of a post that comes then waits for all of them: half a second for ten bodies of 100 MB.
type steady struct {
	f           *os.File
	at, flushed int64 // where the next bytes go, and up to where they are on the disk
}

// Write implements io.Writer.
func (s *steady) Write(b []byte) (int, error) {
	n, err := s.f.WriteAt(b, s.at)
	s.at += int64(n)
	if err == nil && s.at-s.flushed >= flushEvery {
		err = s.flush()
	}
	return n, err
}

// flush waits until the disk has the bytes that were written. It does not make them durable, as a sync does, so it costs no write to the
// journal of the file system. A file system that cannot do that leaves the work to the sync.
func (s *steady) flush() error {
	if s.at == s.flushed { // to the system a range of 0 bytes is all of the file
		return nil
	}
	const wait = unix.SYNC_FILE_RANGE_WAIT_BEFORE | unix.SYNC_FILE_RANGE_WRITE | unix.SYNC_FILE_RANGE_WAIT_AFTER
	err := unix.SyncFileRange(int(s.f.Fd()), s.flushed, s.at-s.flushed, wait) // #nosec G115 -- descriptors are small
	if err == nil || errors.Is(err, unix.ESPIPE) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) {
		s.flushed = s.at
		return nil
	}
	return err
}
