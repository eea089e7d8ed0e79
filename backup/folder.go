package backup

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// folder is a directory that copies are written to. All its changes of the file system go through these methods, so that tests can fail, or
// cut the power, at each step.
type folder struct {
	*os.Root
	// step is called before each step with its name and that of the file. If it fails, the step is not done. nil: nothing is called.
	step func(step, name string) error
}

// openFolder opens a directory.
func openFolder(dir string) (folder, error) {
	root, err := os.OpenRoot(dir)
	return folder{Root: root}, err
}

func (f folder) begins(step, name string) error {
	if f.step == nil {
		return nil
	}
	return f.step(step, name)
}

// create creates a file that only its owner can read. There must be none of that name.
func (f folder) create(name string) (*os.File, error) {
	if err := f.begins("create", name); err != nil {
		return nil, err
	}
	return f.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
}

// mkdir creates a directory that only its owner can use.
func (f folder) mkdir(name string) error {
	if err := f.begins("mkdir", name); err != nil {
		return err
	}
	return f.Mkdir(name, privateDir)
}

func (f folder) rename(from, to string) error {
	if err := f.begins("rename", to); err != nil {
		return err
	}
	return f.Rename(from, to)
}

func (f folder) remove(name string) error {
	if err := f.begins("remove", name); err != nil {
		return err
	}
	return f.Remove(name)
}

// removeAll removes a file, or a directory with what is in it. What is not there is no error.
func (f folder) removeAll(name string) error {
	if err := f.begins("remove all", name); err != nil {
		return err
	}
	return f.RemoveAll(name)
}

// sync waits until what was written to an open file is on the disk.
func (f folder) sync(file *os.File, name string) error {
	if err := f.begins("sync", name); err != nil {
		return err
	}
	return file.Sync()
}

// syncDir waits until the names in a directory are on the disk.
func (f folder) syncDir(name string) error {
	dir, err := f.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.sync(dir, name), dir.Close())
}

// syncAll waits until everything on the file system of the directory is on the disk.
func (f folder) syncAll() error {
	if err := f.begins("sync all", "."); err != nil {
		return err
	}
	dir, err := f.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(dir.Fd())), dir.Close()) // #nosec G115 -- descriptors are small
}
