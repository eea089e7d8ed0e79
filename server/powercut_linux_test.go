package server_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/ci"
	"github.com/canteen-chat/canteen/internal/world"
)

var cuts = flag.Int("cuts", 3, "how often TestPowerCutLosesNothing cuts the power, on each file system")

// Arguments of FS_IOC_SHUTDOWN (Linux, include/uapi/linux/fs.h and fs/xfs/libxfs/xfs_fs.h). The file system stops at once and
// writes nothing more, not even its journal. Data that was not synced is lost, as after a power cut.
const (
	shutdownRequest  = 0x8004587d // _IOR('X', 125, __u32)
	shutdownNoFlush  = 2
	powerCutDiskSize = 320 << 20 // XFS needs at least 300 MiB; the file is sparse
)

// TestPowerCutLosesNothing serves from a file system in a file. While 50 clients write, it repeatedly shuts the file system down and
// mounts it again. It fails with synchronous=NORMAL instead of FULL, which a test that only kills the server does not detect.
func TestPowerCutLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	for _, kind := range []string{"xfs", "ext4"} {
		t.Run(kind, func(t *testing.T) { cutPower(t, newDisk(t, kind)) })
	}
}

func cutPower(t *testing.T, d *disk) {
	path, dir := world.Program(t), filepath.Join(d.at, "data")
	token := world.FirstRun(t, path, dir)
	p := world.Serve(t, path, dir, world.Address(t))
	owner := client.New(p.URL, token)
	l := newLedger(t, p.URL, owner, writers)
	l.cut = true
	for round := range *cuts {
		l.down.Store(false)
		wait := l.work()
		l.underWay(time.Duration(37*(round%7)) * time.Millisecond)
		l.down.Store(true)
		d.cut(t)
		p.Kill(t)
		wait()
		d.unmount(t)
		d.mount(t)
		p = world.Serve(t, path, dir, p.Addr())
		l.check(owner, false)
	}
	l.check(owner, true)
	p.Kill(t)
	if l.changes < int64(*cuts*writers) {
		t.Errorf("%s acknowledged: too few to prove anything", l.acknowledged())
	}
	t.Logf("%d power cuts: %s acknowledged; rev %d after %d changes", *cuts, l.acknowledged(), l.head, l.changes)
}

// disk is a file system in a file.
type disk struct{ image, at string }

// newDisk creates a file system and mounts it. If that is not possible, it skips the test and says what it needs.
func newDisk(t *testing.T, kind string) *disk {
	t.Helper()
	if os.Geteuid() != 0 {
		ci.NotRun(t, "simulated power cuts need root, to mount a file system")
	}
	mkfs, err := exec.LookPath("mkfs." + kind)
	if err != nil {
		ci.NotRun(t, "simulated power cuts need mkfs.%s (Debian: xfsprogs, e2fsprogs)", kind)
	}
	dir := t.TempDir()
	d := &disk{filepath.Join(dir, "image"), filepath.Join(dir, "mount")}
	if err := errors.Join(os.WriteFile(d.image, nil, 0o600), os.Truncate(d.image, powerCutDiskSize), os.Mkdir(d.at, 0o700)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(mkfs, "-q", d.image).CombinedOutput(); err != nil {
		t.Fatalf("mkfs.%s: %v\n%s", kind, err, out)
	}
	if out, err := exec.Command("mount", "-o", "loop", d.image, d.at).CombinedOutput(); err != nil {
		t.Skipf("NOT RUN: simulated power cuts need loop mounts of %s, which this machine refuses: %v %s", kind, err, out)
	}
	t.Cleanup(func() { _ = unix.Unmount(d.at, unix.MNT_DETACH) }) // if the test has stopped early; this also frees the loop device
	return d
}

func (d *disk) mount(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("mount", "-o", "loop", d.image, d.at).CombinedOutput(); err != nil {
		t.Fatalf("mount after the cut: %v\n%s", err, out)
	}
}

func (d *disk) unmount(t *testing.T) {
	t.Helper()
	if err := unix.Unmount(d.at, 0); err != nil {
		t.Fatalf("unmount: %v", err)
	}
}

func (d *disk) cut(t *testing.T) {
	t.Helper()
	f, err := os.Open(d.at)
	if err == nil {
		err = errors.Join(unix.IoctlSetPointerInt(int(f.Fd()), shutdownRequest, shutdownNoFlush), f.Close())
	}
	if err != nil {
		t.Fatalf("cut: %v", err)
	}
}
