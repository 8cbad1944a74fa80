package disk

import (
	"math/rand/v2"
	"path"
	"reflect"
	"slices"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"
)

func (fs *fileSystem) set(name string, f Fault) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if old := fs.faults[name]; old != nil {
		if reflect.DeepEqual(old.Fault, f) {
			return
		}
		close(old.lifted)
	}
	set := &inForce{InForce: InForce{Fault: f}, lifted: make(chan struct{})}
	var seed uint64
	switch {
	case f.Fail != nil:
		seed = f.Fail.Seed
		set.left = f.Fail.Next
	case f.Slow != nil:
		seed = f.Slow.Seed
	}
	set.random = rand.New(rand.NewPCG(seed, 0))
	if f.Full != nil {
		set.capacity = fs.used + f.Full.Bytes
	}
	fs.faults[name] = set
}

func (fs *fileSystem) lift(name string) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f := fs.faults[name]; f != nil {
		close(f.lifted)
		delete(fs.faults, name)
	}
}

func requestOf(op Op, changes bool, cancel <-chan struct{}, header *fuse.InHeader, names ...string) request {
	r := request{op: op, changes: changes, thread: header.Caller.Pid, cancel: cancel}
	if len(names) == 0 {
		r.on = []object{{header.NodeId, ""}}
	}
	for _, name := range names {
		r.on = append(r.on, object{header.NodeId, name})
	}
	return r
}

// begin has the faults do to an operation what they do, and waits while the disk is frozen.
// It holds mu then, unless there is an error: the operation is not to be done.
func (fs *fileSystem) begin(r request) syscall.Errno {
	fs.mu.Lock()
	count := fs.counts[r.op]
	count.Calls++
	if len(fs.faults) == 0 && fs.frozen == nil {
		return 0
	}
	names := fs.namesOf(r.on)
	for _, f := range fs.inOrder() {
		if slow := f.Fault.Slow; slow != nil && slow.matches(r.op, names) {
			if !fs.hold(r, f, count) {
				fs.mu.Unlock()
				return syscall.EINTR
			}
		}
	}
	if !fs.awaitThaw(r) {
		fs.mu.Unlock()
		return syscall.EINTR
	}
	for _, f := range fs.inOrder() {
		var errno syscall.Errno
		switch fail := f.Fault.Fail; {
		case f.Fault.ReadOnly && r.changes:
			errno = syscall.EROFS
		case fail != nil && fail.matches(r.op, names) && f.fails():
			errno = syscall.EIO
		default:
			continue
		}
		f.Failed++
		count.Failed++
		fs.mu.Unlock()
		return errno
	}
	return 0
}

// fails says whether Fail fails the operation that comes next.
func (f *inForce) fails() bool {
	fail := f.Fault.Fail
	if fail.Next > 0 && f.left == 0 {
		return false
	}
	if fail.Probability > 0 && f.random.Float64() >= fail.Probability {
		return false
	}
	f.left--
	return true
}

// hold has Slow hold an operation, and lets go of mu meanwhile.
func (fs *fileSystem) hold(r request, f *inForce, count *Count) bool {
	slow := f.Fault.Slow
	delay := slow.Delay
	if slow.Jitter > 0 {
		delay += time.Duration((2*f.random.Float64() - 1) * float64(slow.Jitter))
	}
	if delay <= 0 {
		return true
	}
	fs.mu.Unlock()
	begun := time.Now()
	timer := time.NewTimer(delay)
	defer timer.Stop()
	ok := fs.wait(r, f.lifted, timer.C)
	held := time.Since(begun)
	fs.mu.Lock()
	f.Slowed++
	f.Held += held
	count.Slowed++
	count.Held += held
	count.Longest = max(count.Longest, held)
	return ok
}

// awaitThaw waits while the disk is frozen, and lets go of mu meanwhile.
func (fs *fileSystem) awaitThaw(r request) bool {
	for fs.frozen != nil {
		frozen := fs.frozen
		fs.mu.Unlock()
		ok := fs.wait(r, frozen, nil)
		fs.mu.Lock()
		if !ok {
			return false
		}
	}
	return true
}

// room is how many bytes may be added to files, and the fault that says so; nil if none does.
func (fs *fileSystem) room() (int64, *inForce) {
	var least int64
	var by *inForce
	for _, f := range fs.inOrder() {
		if f.Fault.Full == nil {
			continue
		}
		if room := max(f.capacity-fs.used, 0); by == nil || room < least {
			least, by = room, f
		}
	}
	return least, by
}

// namesOf are the paths of what a request is about.
func (fs *fileSystem) namesOf(on []object) []string {
	var names []string
	for _, o := range on {
		n := fs.nodes[o.id]
		switch {
		case n == nil:
		case o.name == "":
			names = append(names, n.path())
		default:
			names = append(names, joinName(&place{n, o.name}))
		}
	}
	return names
}

// matches says whether the operation is picked, by any of the names of what it is done to.
func (m Match) matches(op Op, names []string) bool {
	if !slices.Contains(m.Ops, op) {
		return false
	}
	if len(m.Names) == 0 {
		return true
	}
	for _, pattern := range m.Names {
		for _, name := range names {
			if ok, _ := path.Match(pattern, name); ok {
				return true
			}
		}
	}
	return false
}
