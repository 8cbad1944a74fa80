package workload

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

const (
	// readCount is how many entries a consumer asks for at once.
	readCount = 100
	// readBlock is for how long it waits for an entry at one stream.
	readBlock = 20 * time.Millisecond
	// readRest is what it rests after an error.
	readRest = 20 * time.Millisecond

	fromPending = "0" // entries that were delivered to this consumer, and not acked
	fromNew     = ">" // entries that were delivered to nobody
)

// consumer is one consumer of a group. It belongs to the goroutine that runs it.
type consumer struct {
	client drive.GroupReading
	group  *consumerGroup
	number int
	name   string
	keys   []string
	now    func() record.Millis
	// doubt: an answer was missed, so that entries of the stream may be pending for
	// this consumer without its knowing; by key.
	doubt []bool
}

// consume reads all streams in turn, and acks what it reads, until it is stopped
// or ctx ends. If it is not behind, it waits at one stream a turn for more to come:
// to ask without a pause would take the processor from the cluster.
func (c *consumer) consume(ctx context.Context, stop <-chan struct{}) {
	for turn, behind := 0, true; ; turn++ {
		waits := !behind
		behind = false
		for i := range c.keys {
			key := (c.number + i) % len(c.keys)
			select {
			case <-stop:
				return
			case <-ctx.Done():
				return
			default:
			}
			block := time.Duration(-1)
			if waits && i == turn%len(c.keys) {
				block = readBlock
			}
			n, err := c.take(ctx, key, block)
			if behind = behind || n >= readCount; err != nil {
				alarm.Sleep(ctx, readRest)
			}
		}
	}
}

// drain reads what is left for the consumer: what is pending for it, and what is
// new. The error is why it could not, when ctx ended.
func (c *consumer) drain(ctx context.Context) error {
	for key := range c.keys {
		c.doubt[key] = true
	}
	for {
		got := 0
		var failed error
		for i := range c.keys {
			n, err := c.take(ctx, (c.number+i)%len(c.keys), -1)
			if got += n; err != nil {
				failed = err
			}
		}
		switch {
		case got == 0 && failed == nil:
			return nil
		case failed != nil && !alarm.Sleep(ctx, readRest):
			return failed
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// take reads entries of a stream, those in doubt first, and acks them.
func (c *consumer) take(ctx context.Context, key int, block time.Duration) (n int, err error) {
	if c.doubt[key] {
		for more := -1; more != 0; n += more {
			if more, err = c.read(ctx, key, fromPending, -1); err != nil {
				return n, err
			}
		}
		c.doubt[key] = false
	}
	more, err := c.read(ctx, key, fromNew, block)
	return n + more, err
}

// read reads some entries of a stream and acks them.
func (c *consumer) read(ctx context.Context, key int, from string, block time.Duration) (n int, err error) {
	timesMade := c.group.timesMade(key)
	got, err := c.client.ReadGroup(ctx, drive.GroupRead{
		Group: c.group.name, Consumer: c.name, Stream: c.keys[key], From: from, Count: readCount, Block: block,
	})
	if err != nil {
		return 0, c.failed(ctx, key, timesMade, err)
	}
	if len(got) == 0 {
		return 0, nil
	}
	acks := drive.NewCommand("xack", c.keys[key], c.group.name)
	for _, m := range got {
		acks.Args = append(acks.Args, m.ID)
	}
	c.group.delivered(c.number, key, got, c.now)
	if c.client.Do(ctx, acks); acks.Err != nil {
		return len(got), c.failed(ctx, key, timesMade, acks.Err)
	}
	c.group.acked(c.number)
	return len(got), nil
}

// failed makes a group that is not there again, and notes any other error. From
// then on, entries of the stream may be pending for this consumer.
func (c *consumer) failed(ctx context.Context, key, timesMade int, err error) error {
	c.doubt[key] = true
	if ctx.Err() != nil {
		return err
	}
	c.group.failed(err, c.now())
	if strings.HasPrefix(err.Error(), "NOGROUP") && createGroup(ctx, c.client, c.keys[key], c.group.name) == nil {
		c.group.remade(key, timesMade, c.now)
	}
	return err
}

// consumerGroup is a group, and what its consumers met.
type consumerGroup struct {
	name    string
	of      stream
	clients int // that write

	mu     sync.Mutex // guards what follows; the clock is read under it, so that what got is told is in order
	got    history.Group
	errors failure.Tally
	// made counts how often the group was made, by key: who finds it missing makes it
	// again, unless another consumer has done so meanwhile.
	made []int
}

// delivered notes what a consumer got.
func (g *consumerGroup) delivered(consumer, key int, got []drive.GroupEntry, now func() record.Millis) {
	e := history.GroupEvent{Kind: history.Delivered, Consumer: consumer, Key: key}
	for _, m := range got {
		if entry, ok := g.entry(key, m); ok {
			e.Entries = append(e.Entries, entry)
		} else {
			e.Foreign++
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	e.At = now()
	g.got.Enter(e)
}

// acked notes that the XACK of what a consumer got last was answered.
func (g *consumerGroup) acked(consumer int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.got.Enter(history.GroupEvent{Kind: history.AckedAll, Consumer: consumer})
}

// timesMade is how often the group was made on a stream.
func (g *consumerGroup) timesMade(key int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.made[key]
}

// remade notes that the group was found missing on a stream, when it had been made
// so many times, and has been made again.
func (g *consumerGroup) remade(key, timesMade int, now func() record.Millis) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.made[key] != timesMade {
		return // another consumer was faster
	}
	g.made[key]++
	g.got.Enter(history.GroupEvent{Kind: history.Remade, Key: key, At: now()})
}

// incomplete notes why not all was read, the first reason.
func (g *consumerGroup) incomplete(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.got.Problem == "" {
		g.got.Problem = err.Error()
	}
}

// failed notes an error of a consumer's.
func (g *consumerGroup) failed(err error, ms record.Millis) {
	g.mu.Lock()
	defer g.mu.Unlock()
	o := history.Indeterminate
	if failure.IsReply(err) {
		o = history.Failed
	}
	g.errors.Add(o, err, ms)
}

// entry is the write that an entry of a stream stands for; false if none.
func (g *consumerGroup) entry(key int, m drive.GroupEntry) (history.StreamEntry, bool) {
	msec, seq, err := history.ParseEntryID(m.ID)
	if err != nil || len(m.Fields) != 1 {
		return history.StreamEntry{}, false
	}
	for field, value := range m.Fields {
		text, _ := value.(string)
		if w, ok := check.Identify(g.of.Spread, g.of.Sizes, key, pairValue(field, text)); ok && int(w.Client) < g.clients {
			return history.StreamEntry{WriteID: w, ID: history.PackEntryID(msec, seq)}, true
		}
	}
	return history.StreamEntry{}, false
}
