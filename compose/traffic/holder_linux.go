package traffic

import (
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose/traffic/nfqueue"
)

// maxHeld is how many packets of a direction can wait; those beyond are lost.
const maxHeld = 1 << 16

// holder holds packets of one direction back, and lets them go as the rules say. It waits for packets
// and for the next moment in one system call, so that no packet waits for a goroutine to be woken.
type holder struct {
	direction Direction
	queue     *nfqueue.Queue
	raw       *rawSockets // nil if none can be opened
	wake      int         // an eventfd
	stopping  atomic.Bool
	done      chan struct{}
	err       error // once done is closed
	begun     time.Time
	held      heldPackets
	sequence  uint64

	mu    sync.Mutex // of what follows
	fates *fates
}

// startHolder is in the namespace of the current thread.
func startHolder(d Direction, number uint16, rules []placed) (*holder, error) {
	queue, err := nfqueue.Open(number, maxHeld)
	if err != nil {
		return nil, err
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		queue.Close()
		return nil, fmt.Errorf("opening an eventfd: %w", err)
	}
	h := &holder{direction: d, queue: queue, wake: wake, done: make(chan struct{}), begun: time.Now(), fates: newFates(rules, nil, 0)}
	h.raw, _ = openRaw() // what needs it is refused before
	go h.hold()
	return h, nil
}

// replace has other rules decide over packets that come from now on. lost is how many the kernel has lost by now.
func (h *holder) replace(rules []placed, lost uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fates = newFates(rules, h.fates, lost)
}

// rules are those that decide.
func (h *holder) rules() (all []placed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.fates.rules {
		all = append(all, r.placed)
	}
	return all
}

// stop lets all packets go, and gives the queue up. Rules must not name it any more.
func (h *holder) stop() error {
	h.stopping.Store(true)
	h.signal()
	<-h.done
	unix.Close(h.wake)
	if h.raw != nil {
		h.raw.close()
	}
	return errors.Join(h.err, h.queue.Close())
}

func (h *holder) signal() {
	_, _ = unix.Write(h.wake, binary.NativeEndian.AppendUint64(nil, 1)) // full, it wakes as well
}

func (h *holder) hold() {
	defer close(h.done)
	// The thread ends with this goroutine, as it is not unlocked: its timers have no slack.
	runtime.LockOSThread()
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	for !h.stopping.Load() {
		if err := h.turn(); err != nil {
			h.err = fmt.Errorf("holding packets %s back: %w", h.direction, err)
			break
		}
	}
	h.letGo()
}

// counted is what the rules have done, by their digests.
func (h *holder) counted(lost uint64) map[string]Done {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fates.counted(lost)
}

// turn takes what is there, lets go what is due, and waits for either.
func (h *holder) turn() error {
	if err := h.work(); err != nil {
		return err
	}
	var timeout *unix.Timespec
	if len(h.held) > 0 {
		t := unix.NsecToTimespec(int64(max(0, h.held[0].due-time.Since(h.begun))))
		timeout = &t
	}
	poll := []unix.PollFd{{Fd: int32(h.queue.FD()), Events: unix.POLLIN}, {Fd: int32(h.wake), Events: unix.POLLIN}}
	if _, err := unix.Ppoll(poll, timeout, nil); err != nil && !errors.Is(err, unix.EINTR) {
		return fmt.Errorf("waiting for packets: %w", err)
	}
	if poll[1].Revents != 0 {
		var count [8]byte
		_, _ = unix.Read(h.wake, count[:])
	}
	return nil
}

// work takes what is there, and lets go what is due.
func (h *holder) work() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	const atOnce = 64
	for range atOnce {
		var p nfqueue.Packet
		if err := h.queue.Receive(&p); errors.Is(err, unix.EAGAIN) {
			break
		} else if err != nil {
			return err
		}
		h.take(p)
	}
	for len(h.held) > 0 {
		late := time.Since(h.begun) - h.held[0].due
		if late < 0 {
			break
		}
		p := heap.Pop(&h.held).(heldPacket)
		let(p.holds, p.size, late)
		h.emit(p)
	}
	if err := h.queue.Flush(); err != nil && !errors.Is(err, unix.ENOBUFS) {
		return err
	}
	return nil
}

// take decides over a packet.
func (h *holder) take(q nfqueue.Packet) {
	p, ok := parsePacket(q.Data, h.direction)
	if !ok {
		h.queue.Accept(q.ID)
		return
	}
	p.loopback = q.InDevice == loopbackIndex || q.OutDevice == loopbackIndex
	now := time.Since(h.begun)
	emissions := h.fates.of(p, len(q.Data), now)
	if len(emissions) == 0 {
		h.queue.Drop(q.ID)
		return
	}
	for i, e := range emissions {
		one := heldPacket{due: now + e.after, id: q.ID, copied: i > 0, size: len(q.Data), holds: e.holds}
		if one.copied || e.corrupt {
			one.data = append([]byte(nil), q.Data...)
		}
		if e.corrupt {
			corrupt(one.data, p)
		}
		if e.after == 0 {
			let(one.holds, one.size, 0)
			h.emit(one)
			continue
		}
		h.sequence++
		one.sequence = h.sequence
		heap.Push(&h.held, one)
	}
}

func (h *holder) emit(p heldPacket) {
	switch {
	case p.copied && h.raw != nil:
		_ = h.raw.send(p.data) // as one that is lost on its way
	case p.copied:
	case p.data != nil:
		h.queue.AcceptAs(p.id, p.data)
	default:
		h.queue.Accept(p.id)
	}
}

// letGo has every packet pass, those first that were due first.
func (h *holder) letGo() {
	for len(h.held) > 0 {
		h.emit(heap.Pop(&h.held).(heldPacket))
	}
	for {
		var p nfqueue.Packet
		if err := h.queue.Receive(&p); err != nil {
			break
		}
		h.queue.Accept(p.ID)
	}
	if err := h.queue.Flush(); err != nil && h.err == nil {
		h.err = err
	}
}

// heldPacket waits until it is due, as time since the holder began.
type heldPacket struct {
	due      time.Duration
	sequence uint64 // of those that are due at once, the first one goes first
	id       uint32
	data     []byte // nil if it is as it was
	copied   bool
	size     int
	holds    []hold
}

type heldPackets []heldPacket

func (h heldPackets) Len() int      { return len(h) }
func (h heldPackets) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h heldPackets) Less(i, j int) bool {
	if h[i].due != h[j].due {
		return h[i].due < h[j].due
	}
	return h[i].sequence < h[j].sequence
}
func (h *heldPackets) Push(p any) { *h = append(*h, p.(heldPacket)) }
func (h *heldPackets) Pop() any {
	old := *h
	p := old[len(old)-1]
	old[len(old)-1] = heldPacket{}
	*h = old[:len(old)-1]
	return p
}
