package observe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// talkative is a runtime whose nodes log what they are given, and a last line
// when they are not followed any more.
type talkative struct {
	compose.Cluster
	nodes []compose.Node
	lines map[string]chan string
	fails map[string]error
}

func (r talkative) Nodes() []compose.Node { return r.nodes }

func (r talkative) Follow(ctx context.Context, node string, tell func(compose.LogLine)) error {
	for {
		select {
		case text := <-r.lines[node]:
			tell(compose.LogLine{Time: time.Now(), Text: text})
		case <-ctx.Done():
			tell(compose.LogLine{Time: time.Now(), Text: "the last words of " + node})
			return r.fails[node]
		}
	}
}

// What is logged is in the file and in the record at once, and to the last line
// at the end. What cannot be read or kept is a note.
func TestLogsAreFollowed(t *testing.T) {
	nodes := twoNodes()
	r := talkative{nodes: nodes, lines: map[string]chan string{}, fails: map[string]error{nodes[1].Name: errors.New("no log there")}}
	for _, n := range nodes {
		r.lines[n.Name] = make(chan string)
	}
	var out bytes.Buffer
	rec := record.New(record.NewClock(), &out)
	dir := filepath.Join(t.TempDir(), "logs")
	f := &logFollower{cluster: r, rec: rec, clock: clock{rec: rec}, who: newIdentities(r.Nodes()), dir: dir}
	ctx, cancel := context.WithCancel(t.Context())
	var following sync.WaitGroup
	following.Go(func() { f.run(ctx) })

	stamp := time.Now().UTC().Format(legacyStamp)
	r.lines["redis-master-1"] <- "garbage \x00\xff"
	r.lines["redis-master-1"] <- "1:M " + stamp + " * Marking node " + idB + " as failing (quorum reached)."
	r.lines["redis-replica-1"] <- "1:S " + stamp + " * Ready to accept connections"
	r.lines["redis-master-1"] <- "" // the lines before have been taken in by now
	r.lines["redis-replica-1"] <- ""
	if got := recordedLogs(rec); got != "redis-master-1 marked_fail redis-replica-1, redis-replica-1 ready " &&
		got != "redis-replica-1 ready , redis-master-1 marked_fail redis-replica-1" {
		t.Errorf("live, %q is recorded", got)
	}
	cancel()
	following.Wait()

	kept, err := os.ReadFile(filepath.Join(dir, "redis-master-1.log"))
	if err != nil || !strings.HasPrefix(string(kept), "garbage \x00\xff\n1:M ") || !strings.HasSuffix(string(kept), "\n\nthe last words of redis-master-1\n") {
		t.Errorf("%v, the log holds %q", err, kept)
	}
	if got := notes(rec); got != "The log of redis-replica-1 is not known to its end: no log there." {
		t.Errorf("notes: %q", got)
	}
}

// The run is worth more than its logs.
func TestLogsThatCannotBeKept(t *testing.T) {
	nodes := twoNodes()[:1]
	r := talkative{nodes: nodes, lines: map[string]chan string{nodes[0].Name: make(chan string)}}
	rec := record.New(record.NewClock(), &bytes.Buffer{})
	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	(&logFollower{cluster: r, rec: rec, clock: clock{rec: rec}, who: newIdentities(r.Nodes()), dir: file}).run(ended)
	if got := notes(rec); !strings.HasPrefix(got, "The log of redis-master-1 is not kept: open ") || !strings.HasSuffix(got, "not a directory.") {
		t.Errorf("notes: %q", got)
	}
}

func recordedLogs(rec *record.Record) string {
	var all []string
	for _, e := range rec.Events() {
		if l, ok := e.Data.(*record.Log); ok {
			all = append(all, fmt.Sprintf("%s %s %s", l.Node, l.Kind, l.Subject))
		}
	}
	return strings.Join(all, ", ")
}

func notes(rec *record.Record) string {
	var all []string
	for _, e := range rec.Events() {
		if n, ok := e.Data.(*record.Note); ok {
			all = append(all, n.Text)
		}
	}
	return strings.Join(all, ", ")
}
