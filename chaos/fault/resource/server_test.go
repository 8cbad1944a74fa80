package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// processes is a node whose server is another process each time that somebody says so.
type processes struct {
	chaos.Cluster
	pid int
}

func (p *processes) PID(context.Context, string) (int, error) { return p.pid, nil }

// What is done to the process of a server is done to the one that takes its place, and to one that fails as it ends
// no more.
func TestEach(t *testing.T) {
	node := &processes{}
	if _, err := running(t.Context(), node, "n"); err == nil || err.Error() != "n has no server that runs" {
		t.Errorf("without a server: %v", err)
	}
	node.pid = 1
	ctx, end := context.WithCancel(t.Context())
	var did []string
	err := each(ctx, node, "n", func(pid int, fresh bool) error {
		did = append(did, fmt.Sprintf("%d %t", pid, fresh))
		switch len(did) {
		case 1:
			node.pid = 2
		case 2:
			node.pid = 3 // the second has ended meanwhile
			return errors.New("no such process")
		case 4:
			end()
		}
		return nil
	})
	if want := []string{"1 false", "2 true", "3 true", "3 false"}; err != nil || !slices.Equal(did, want) {
		t.Errorf("it did %q, %v; want %q", did, err, want)
	}
	if err := each(t.Context(), node, "n", func(int, bool) error { return errors.New("no right") }); err == nil {
		t.Error("what fails on a process that lives is no error")
	}
}

func TestSettings(t *testing.T) {
	target := faulttest.Target()
	for _, test := range []struct {
		fault chaos.Fault
		want  string
	}{
		{&Hog{Selector: target, Threads: 1, Nice: -20}, ""},
		{&Hog{Selector: target}, "threads: 0 is out of range; write 1 to 64"},
		{&Hog{Selector: target, Threads: 1, Nice: 20}, "nice: 20 is out of range; write -20 to 19"},
		{&Clock{Selector: target, Behind: units.Duration(time.Minute), Drift: 1}, ""},
		{&Clock{Selector: target}, "a clock is set ahead or behind; write ahead: 1h, or behind: 1m"},
		{&Clock{Selector: target, Ahead: 1, Behind: 1}, "a clock is set ahead or behind"},
		{&Clock{Selector: target, Ahead: 1}, "ahead: 1ns is out of range; write 1ms to 87600h"},
		{&Clock{Selector: target, Ahead: units.Duration(time.Minute), Drift: 200}, "drift: 200% is out of range; write 0% to 100%"},
		{&LimitMemory{Selector: target, More: 1_000_000}, ""},
		{&LimitMemory{Selector: target}, "more: 0B is out of range"},
		{&LimitFiles{Selector: target}, ""},
		{&LimitFiles{Selector: target, Left: -1}, "left: -1 is out of range; write 0 to 60000"},
	} {
		faulttest.Accepts(t, test.fault, test.want)
	}
}
