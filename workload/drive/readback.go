package drive

import (
	"context"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
)

// readTries is how often a key is read before it counts as unreadable. The
// pause before the second try is readPause, and doubles before each further.
const (
	readTries = 5
	readPause = 200 * time.Millisecond
	// maxRest bounds the pause between two pipelines to a master: what takes longer waits
	// for a server that does not answer.
	maxRest = 100 * time.Millisecond
)

// Sink is told what keys hold. It may be told of several keys at a time.
type Sink interface {
	// Begin: a key is about to be read, from its beginning. It may have been read
	// before, but not to its end.
	Begin(key int)
	// See is told of a value in a key.
	See(key int, value string)
	// End: all of the key has been seen.
	End(key int)
	// Unreadable is told of a key that could not be read, or not to its end.
	Unreadable(key int, err error)
}

// ReadKeys reads keys by a source, from all masters at once, and tells a sink what is
// found. Keys that cannot be read are tried again, from their beginning.
func ReadKeys(ctx context.Context, client ReadBack, by Source, keys []string, into Sink) {
	r := &reader{client: client, source: by, keys: keys, into: into}
	r.readAll(ctx)
}

// reader reads keys and tells a sink what it finds.
type reader struct {
	client ReadBack
	source Source
	keys   []string

	mu   sync.Mutex // guards into
	into Sink
}

// keyError is why a key could not be read.
type keyError struct {
	key int
	err error
}

// readAll reads all keys, from all masters at once, and those that could not
// be read again, from their beginning.
func (r *reader) readAll(ctx context.Context) {
	todo := make([]keyError, len(r.keys))
	for i := range todo {
		todo[i].key = i
	}
	pause := readPause
	for try := 1; ; try++ {
		if todo = r.readOnce(ctx, todo); len(todo) == 0 || try == readTries {
			break
		}
		r.client.Reload(ctx)
		select {
		case <-time.After(pause):
			pause *= 2
		case <-ctx.Done():
			return
		}
	}
	for _, k := range todo {
		r.into.Unreadable(k.key, k.err)
	}
}

// readOnce tries each key once, and returns those that it could not read.
func (r *reader) readOnce(ctx context.Context, todo []keyError) []keyError {
	var bad []keyError
	byMaster := map[Node][]int{}
	for _, k := range todo {
		// The client of a node follows no redirects, and so cannot carry on
		// with a cursor on a node that did not hand it out.
		master, err := r.client.Master(ctx, r.keys[k.key])
		if err != nil {
			bad = append(bad, keyError{k.key, err})
			continue
		}
		byMaster[master] = append(byMaster[master], k.key)
	}
	var masters sync.WaitGroup
	for master, keys := range byMaster {
		masters.Go(func() {
			unread := r.readFrom(ctx, master, keys)
			r.mu.Lock()
			defer r.mu.Unlock()
			bad = append(bad, unread...)
		})
	}
	masters.Wait()
	return bad
}

// readFrom reads keys from a master, some at a time in one pipeline. An error
// reply concerns its key alone; a broken connection, all that are still to do.
func (r *reader) readFrom(ctx context.Context, master Node, keys []int) (bad []keyError) {
	type reading struct {
		key int
		at  Cursor
		cmd *Command
	}
	var open []reading
	for len(open) > 0 || len(keys) > 0 {
		for len(open) < r.source.Width() && len(keys) > 0 {
			open = append(open, reading{key: keys[0]})
			r.begin(keys[0])
			keys = keys[1:]
		}
		cmds := make([]*Command, len(open))
		for i := range open {
			cmds[i] = r.source.Ask(r.keys[open[i].key], open[i].at)
			open[i].cmd = cmds[i]
		}
		asked := time.Now()
		master.DoAll(ctx, cmds)
		rest(ctx, time.Since(asked))
		var (
			more   []reading
			broken error
		)
		for _, o := range open {
			if err := o.cmd.Err; err != nil {
				bad = append(bad, keyError{o.key, err})
				if !failure.IsReply(err) {
					broken = err
				}
				continue
			}
			values, next, err := r.source.Answer(o.cmd.Reply, o.at)
			if err != nil {
				bad = append(bad, keyError{o.key, err})
				continue
			}
			over := next == Cursor{}
			if !over {
				more = append(more, reading{key: o.key, at: next})
			}
			r.found(o.key, values, over)
		}
		open = more
		if broken != nil {
			for _, o := range open {
				bad = append(bad, keyError{o.key, broken})
			}
			for _, key := range keys {
				bad = append(bad, keyError{key, broken})
			}
			return bad
		}
	}
	return bad
}

// rest has a server serve others for as long as it was kept busy.
func rest(ctx context.Context, busy time.Duration) {
	select {
	case <-time.After(min(busy, maxRest)):
	case <-ctx.Done():
	}
}

// begin tells the sink that a key is about to be read.
func (r *reader) begin(key int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.into.Begin(key)
}

// found tells the sink what came next in a key, and whether that was all.
func (r *reader) found(key int, values []string, over bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range values {
		r.into.See(key, v)
	}
	if over {
		r.into.End(key)
	}
}

// Source is the commands that read back what a key holds, in order where the
// key has one.
type Source interface {
	// Ask is the command for what comes at a cursor, which is zero at first.
	Ask(key string, at Cursor) *Command
	// Answer is the values in the reply to the command for a cursor, and the next cursor,
	// zero at the end.
	Answer(reply any, at Cursor) (values []string, next Cursor, err error)
	// Width is how many keys to ask for in one pipeline.
	Width() int
}

// Cursor is a place within a key. What its numbers mean is the source's.
type Cursor struct{ Hi, Lo uint64 }
