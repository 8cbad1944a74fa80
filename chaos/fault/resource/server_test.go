package resource

import (
	"context"
	"fmt"
	"reflect"
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

// What is done to the process of a server is done to the one that takes its place, and undone of no other.
func TestServer(t *testing.T) {
	var did []string
	do := func(pid int) (undo, error) {
		did = append(did, fmt.Sprintf("%d", pid))
		return func(lives bool) error {
			did = append(did, fmt.Sprintf("undo %d %t", pid, lives))
			return nil
		}, nil
	}
	node, s := &processes{}, &server{}
	if err := s.inject(t.Context(), node, "n", do); err == nil || err.Error() != "n has no server that runs" {
		t.Errorf("without a server: %v", err)
	}
	node.pid = 1
	for _, step := range []func() error{
		func() error { return s.inject(t.Context(), node, "n", do) },
		func() error { return s.change(1, do) },
		func() error { return s.change(2, do) },
		func() error { node.pid = 2; return s.heal(t.Context(), node, "n") },
		func() error { return s.heal(t.Context(), node, "n") },
		func() error { return s.change(3, do) },
		func() error { node.pid = 0; return s.heal(t.Context(), node, "n") },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"1", "undo 1 false", "2", "undo 2 true", "3", "undo 3 false"}; !reflect.DeepEqual(did, want) {
		t.Errorf("it did %q, want %q", did, want)
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
