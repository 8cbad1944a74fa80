package disk

import (
	"fmt"
	"time"
)

// writebackEvery is how often what has waited for long enough is looked for, as
// often as the kernel does (vm.dirty_writeback_centisecs), or oftener if it waits for less.
const writebackEvery = 5 * time.Second

func (w Writeback) check() error {
	if w.Expire < 0 || w.Commit < 0 || w.MaxDirty < 0 {
		return fmt.Errorf("writeback: expire %s, commit %s, max dirty %d: need 0 or more", w.Expire, w.Commit, w.MaxDirty)
	}
	return nil
}

// runWriteback does what Writeback says, until the disk is unmounted.
func (fs *fileSystem) runWriteback() {
	timer := time.NewTimer(writebackEvery)
	defer timer.Stop()
	for {
		fs.mu.Lock()
		timer.Reset(fs.writeback.every())
		fs.mu.Unlock()
		select {
		case <-fs.ended:
			return
		case <-fs.overdue:
		case <-timer.C:
		}
		fs.writeBackDue()
	}
}

// every is how often is looked for what is due.
func (w Writeback) every() time.Duration {
	every := writebackEvery
	for _, wait := range []time.Duration{w.Expire, w.Commit} {
		if wait > 0 {
			every = min(every, max(wait/4, time.Millisecond))
		}
	}
	return every
}

func (fs *fileSystem) writeBackDue() {
	fs.durability.Lock()
	defer fs.durability.Unlock()
	fs.mu.Lock()
	defer fs.mu.Unlock()
	w := fs.writeback
	if fs.frozen != nil || fs.readOnly() {
		return
	}
	// What cannot be written stays what it is, and an fsync will tell.
	if w.Commit > 0 && len(fs.journal) > 0 && time.Since(fs.journal[0].at) >= w.Commit {
		_ = fs.commit(len(fs.journal))
	}
	due := func(since time.Time) bool { return w.Expire > 0 && time.Since(since) >= w.Expire }
	waiting := fs.longestDirty()
	if len(waiting) > 0 && (due(waiting[0].since) || fs.tooDirty()) {
		_ = fs.writeBack(due, w.MaxDirty)
	}
}

func (fs *fileSystem) tooDirty() bool {
	return fs.writeback.MaxDirty > 0 && fs.dirtyBytes() > fs.writeback.MaxDirty
}
