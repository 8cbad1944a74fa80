package workload

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// groupDrainTime bounds the time in which groups read what is left for them, once
// the cluster has settled.
const groupDrainTime = time.Minute

// newConsumed is streams that groups consume.
func newConsumed(written stream, by consumption, spec scenarios.Workload) *consumed {
	c := &consumed{stream: written, consumers: by.Consumers}
	for i := range by.Groups {
		c.groups = append(c.groups, &consumerGroup{name: "group-" + strconv.Itoa(i), of: written, clients: spec.Clients, made: make([]int, spec.Keys)})
	}
	return c
}

// consumed is streams with consumer groups. What becomes of the entries is judged
// as without; what the groups got of them, beside it.
type consumed struct {
	stream
	groups    []*consumerGroup
	consumers int // of a group
}

var (
	_ kind            = (*consumed)(nil)
	_ writer          = (*consumed)(nil)
	_ drive.Receiving = (*consumed)(nil)
)

// Drive implements kind.
func (c *consumed) Drive(ctx, sending context.Context, load *drive.Load, s *drive.Session, client *drive.Client) {
	load.Send(ctx, sending, s, client, c)
}

// groupClient is what the consumers of groups go through.
type groupClient interface {
	drive.ClusterClient
	drive.GroupReading
}

// StartReceivers makes the groups and has their consumers consume.
func (c *consumed) StartReceivers(ctx context.Context, load *drive.Load) (leave func(), err error) {
	opened, err := load.Library.Open(drive.ClientOptions{Target: load.Target, Scenario: load.Spec.Client, Concurrent: len(c.groups) * c.consumers})
	if err != nil {
		return nil, err
	}
	rdb, ok := opened.(groupClient)
	if !ok {
		_ = opened.Close()
		return nil, errors.New("this client library reads no streams as a group; leave out groups, or take another library")
	}
	if err := c.create(ctx, rdb, load.Keys); err != nil {
		_ = rdb.Close()
		return nil, err
	}
	reading, abort := context.WithCancel(context.WithoutCancel(ctx))
	stop := make(chan struct{})
	var consumers sync.WaitGroup
	c.each(rdb, load, func(one *consumer) { consumers.Go(func() { one.consume(reading, stop) }) })
	return func() {
		close(stop)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			consumers.Wait()
		}()
		select {
		case <-ended:
		case <-time.After(drive.DrainTime): // an answer that does not come is waited for longer than that
		case <-ctx.Done():
		}
		abort()
		_ = rdb.Close()
		<-ended
	}, nil
}

// create makes all groups on all streams, which it makes, too.
func (c *consumed) create(ctx context.Context, rdb drive.GroupReading, keys []string) error {
	for _, g := range c.groups {
		for _, key := range keys {
			if err := createGroup(ctx, rdb, key, g.name); err != nil && ctx.Err() == nil {
				return fmt.Errorf("making the consumer group %s of %s: %w", g.name, key, err)
			}
		}
	}
	return nil
}

// createGroup makes a group that begins with the first entry. One that is there
// already is as good: an earlier attempt may have made it.
func createGroup(ctx context.Context, rdb drive.GroupReading, key, group string) error {
	cmd := drive.NewCommand("xgroup", "create", key, group, "0", "mkstream")
	cmd.KeyAt = 2
	rdb.Do(ctx, cmd)
	err := cmd.Err
	if err != nil && strings.HasPrefix(err.Error(), "BUSYGROUP") {
		return nil
	}
	return err
}

// each calls f with every consumer of every group.
func (c *consumed) each(rdb drive.GroupReading, load *drive.Load, f func(*consumer)) {
	for _, g := range c.groups {
		for i := range c.consumers {
			f(&consumer{
				client: rdb, group: g, number: i, name: "consumer-" + strconv.Itoa(i), keys: load.Keys, now: load.Rec.Now,
				doubt: make([]bool, len(load.Keys)),
			})
		}
	}
}

// verify implements kind: the groups read what is left for them, and then the
// streams are read back.
func (c *consumed) verify(ctx context.Context, w *Workload) error {
	rdb := newReadBack(w.Target)
	defer rdb.Close()
	defer context.AfterFunc(ctx, func() { _ = rdb.Close() })()
	draining, cancel := context.WithTimeout(ctx, groupDrainTime)
	defer cancel()
	var consumers sync.WaitGroup
	c.each(rdb, w.Load, func(one *consumer) {
		consumers.Go(func() {
			if err := one.drain(draining); err != nil {
				one.group.incomplete(fmt.Errorf("%s did not get to the end of all streams: %w", one.name, err))
			}
		})
	})
	consumers.Wait()
	for _, g := range c.groups {
		g.got.Errors = g.errors.List()
		var err error
		if g.got.Pending, err = g.pending(ctx, rdb, w.Keys); err != nil {
			g.got.Unasked = fmt.Sprintf("asking what is pending: %v", err)
		}
	}
	return values{c}.verify(ctx, w)
}

// pending is how many entries a group has delivered that nobody acked, by
// XPENDING; nil if a stream's are not known.
func (g *consumerGroup) pending(ctx context.Context, rdb drive.GroupReading, keys []string) (*int64, error) {
	var sum int64
	for _, key := range keys {
		cmd := drive.NewCommand("xpending", key, g.name)
		if rdb.Do(ctx, cmd); cmd.Err != nil {
			return nil, cmd.Err
		}
		summary, _ := cmd.Reply.([]any)
		if len(summary) == 0 {
			return nil, fmt.Errorf("XPENDING answered %v", cmd.Reply)
		}
		pending, _ := summary[0].(int64)
		sum += pending
	}
	return &sum, nil
}

// source reads entries with their ids.
func (c *consumed) source() drive.Source { return entryRange{c.stream.source().(streamRange)} }

func (c *consumed) checker(clients []history.History, shardOf []int) check.Checker {
	groups := make([]*check.Group, len(c.groups))
	for i, g := range c.groups {
		groups[i] = check.NewGroup(g.name, &g.got, clients)
	}
	return check.NewGroups(c.stream.checker(clients, shardOf), groups, clients, c.Spread, c.Sizes)
}

// writeSection implements sectioned: what each group got.
func (c *consumed) writeSection(w io.Writer, _ []history.History) error {
	for _, g := range c.groups {
		if err := g.got.Encode(w); err != nil {
			return err
		}
	}
	return nil
}

// readSection implements sectioned.
func (c *consumed) readSection(r *bufio.Reader, clients []history.History) error {
	for _, g := range c.groups {
		got, err := history.DecodeGroup(r, clients, len(g.made), c.consumers)
		if err != nil {
			return fmt.Errorf("what %s got: %w", g.name, err)
		}
		g.got = *got
	}
	return nil
}

// entryRange reads streams as streamRange does. Before each value stands its id.
type entryRange struct{ streamRange }

func (s entryRange) Answer(reply any, at drive.Cursor) ([]string, drive.Cursor, error) {
	values, next, err := s.streamRange.Answer(reply, at)
	if err != nil {
		return nil, drive.Cursor{}, err
	}
	for i, e := range reply.([]any) {
		_, id, err := readEntry(e)
		if err != nil {
			return nil, drive.Cursor{}, err
		}
		values[i] = id + " " + values[i]
	}
	return values, next, nil
}
