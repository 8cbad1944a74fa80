package observe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// logFollower keeps every node's log in dir/<node>.log, as it is written, and
// records the lines that tell something.
type logFollower struct {
	cluster compose.Cluster
	rec     *record.Record
	clock   clock
	who     *identities
	dir     string
}

// run follows the logs until ctx ends, and then takes in what was logged by that
// time. A log that cannot be read or kept is a note, and no reason to end a run.
func (f *logFollower) run(ctx context.Context) {
	_ = os.MkdirAll(f.dir, 0o755) // creating the files tells if it failed
	nodes := f.cluster.Nodes()
	parser := newLogParser(f.who)
	var following sync.WaitGroup
	for _, n := range nodes {
		following.Go(func() { f.follow(ctx, parser, n.Name) })
	}
	following.Wait()
}

func (f *logFollower) follow(ctx context.Context, parser *logParser, node string) {
	file, keepErr := os.Create(filepath.Join(f.dir, node+".log"))
	err := f.cluster.Follow(ctx, node, func(line compose.LogLine) {
		if keepErr == nil {
			_, keepErr = fmt.Fprintln(file, line.Text)
		}
		if id := ownID(line.Text); id != "" {
			f.who.calledItself(node, id)
		}
		if e, at, ok := parser.parse(line); ok {
			e.Node = node
			f.rec.AddAt(f.clock.at(at), &e)
		}
	})
	if err != nil {
		f.note("The log of "+node+" is not known to its end", err)
	}
	if file != nil {
		keepErr = errors.Join(keepErr, file.Close())
	}
	if keepErr != nil {
		f.note("The log of "+node+" is not kept", keepErr)
	}
}

func (f *logFollower) note(what string, err error) {
	f.rec.Add(&record.Note{Text: fmt.Sprintf("%s: %v.", what, err)})
}
