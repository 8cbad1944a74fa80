package batch

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment/demand"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

const (
	// usableCPU is the share of the machine's processor time that runs may take together:
	// failovers are waiting for the most part, but a server that does not get the processor
	// in time answers late.
	usableCPU = 0.85
	// MostParallel bounds how many runs are made at once, whatever the machine has.
	MostParallel = 8
	// The machine is watched baselines times without a run, for baseline each, and for window with
	// one under load.
	baselines = 4
	baseline  = 250 * time.Millisecond
	window    = 5 * time.Second
)

// gauge measures how many runs the machine has room for, by what the first one takes of its
// processors.
type gauge struct {
	cores int
	// idle is what was busy without a run, in cores; ok is false where that cannot be told.
	idle float64
	ok   bool
}

func newGauge() *gauge {
	g := &gauge{cores: runtime.GOMAXPROCS(0), idle: math.Inf(1)}
	for range baselines {
		busy, ok := busyCores(context.Background(), baseline)
		g.idle, g.ok = min(g.idle, busy), ok // what has just begun, or ended, is in some of them only
	}
	return g
}

// room watches the first run, whose load has just begun, and tells how many like it can be
// made at once, and why so many.
func (g *gauge) room(ctx context.Context, s *scenarios.Scenario) (parallel int, why string) {
	busy, ok := busyCores(ctx, min(window, s.Duration.D()/2))
	if !ok || !g.ok {
		return 1, "it is not known what a run takes of this machine"
	}
	return g.fit(busy, demand.ThisMachine().Holds(demand.Of(s)))
}

// fit is how many runs fit, by what was busy with one of them, in cores, and by memory.
func (g *gauge) fit(busy float64, byMemory int) (parallel int, why string) {
	run := max(0.05, busy-g.idle)
	byCPU := int((usableCPU*float64(g.cores) - g.idle) / run)
	parallel = max(1, min(byCPU, byMemory, MostParallel))
	why = fmt.Sprintf("one takes %.2f of %d cores", run, g.cores)
	if g.idle > 0.05*float64(g.cores) {
		why += fmt.Sprintf(", and others take %.2f", g.idle)
	}
	if byMemory < byCPU {
		why += ", and the memory holds no more"
	}
	return parallel, why
}

// busyCores is how many cores this machine has busy, on average over a time; not ok where
// that cannot be told.
func busyCores(ctx context.Context, over time.Duration) (cores float64, ok bool) {
	before, ok := demand.BusySeconds()
	began := time.Now()
	if !ok {
		return 0, false
	}
	select {
	case <-ctx.Done():
		return 0, false
	case <-time.After(over):
	}
	after, ok := demand.BusySeconds()
	return (after - before) / time.Since(began).Seconds(), ok
}
