//go:build soak

package soak

import (
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// sample is what this program holds between two rounds.
type sample struct {
	goroutines, descriptors int
	heap                    uint64 // bytes that are in use after a collection
}

// take takes a sample. The goroutines of the round before may still be ending.
func take(t *testing.T) sample {
	t.Helper()
	debug.FreeOSMemory()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("needs /proc: ", err)
	}
	return sample{runtime.NumGoroutine(), len(open), memory.HeapAlloc}
}

// middle is the sample whose every figure is the median of theirs.
func middle(of []sample) (m sample) {
	var g, d []int
	var h []uint64
	for _, s := range of {
		g, d, h = append(g, s.goroutines), append(d, s.descriptors), append(h, s.heap)
	}
	slices.Sort(g)
	slices.Sort(d)
	slices.Sort(h)
	return sample{g[len(g)/2], d[len(d)/2], h[len(h)/2]}
}

// However many rounds are made, the program holds no more after one than after another: goroutines, descriptors, memory.
// SOAK_FOR says for how long.
func TestASoakDoesNotGrow(t *testing.T) {
	lasts, err := time.ParseDuration(os.Getenv("SOAK_FOR"))
	if err != nil {
		t.Fatalf("SOAK_FOR: %v", err)
	}
	s, _, err := parse.Load(t.Context(), "random-faults", experiment.Catalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var samples []sample
	var causes []string
	began := time.Now()
	o := Options{
		Options: experiment.Options{Out: t.TempDir(), Runtime: experiment.RuntimeLocal, Warn: func(text string) { t.Log(text) }},
		For:     lasts, Seed: 1,
	}
	o.Progress = func(text string) {
		samples = append(samples, take(t))
		last := samples[len(samples)-1]
		t.Logf("%5.0f s: %3d goroutines, %3d descriptors, %5.1f MiB; %s", time.Since(began).Seconds(), last.goroutines, last.descriptors, float64(last.heap)/(1<<20), text)
		if strings.Contains(text, "FAIL") {
			causes = append(causes, text)
		}
	}
	outcome, err := Run(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	r := outcome.Soak
	t.Logf("%d rounds (%d not carried out), %d faults, %d failovers, %d outages (%d of unknown cause), %d of %d acked writes lost", r.Rounds, r.NotRun, r.Faults, r.Failovers, r.Outages, r.Unexplained, r.Lost, r.Acked)
	if r.Found != nil {
		t.Errorf("a round did not hold: %q", causes)
	}
	quarter := len(samples) / 4
	if quarter < 2 {
		t.Fatalf("%d rounds are too few to tell", len(samples))
	}
	first, last := middle(samples[:quarter]), middle(samples[len(samples)-quarter:])
	t.Logf("the first quarter of the rounds and the last: %d and %d goroutines, %d and %d descriptors, %.1f and %.1f MiB", first.goroutines, last.goroutines, first.descriptors, last.descriptors, float64(first.heap)/(1<<20), float64(last.heap)/(1<<20))
	if last.goroutines > first.goroutines+2 || last.descriptors > first.descriptors+2 || float64(last.heap) > 1.2*float64(first.heap)+(1<<20) {
		t.Errorf("it grows: %+v, and then %+v", first, last)
	}
}
