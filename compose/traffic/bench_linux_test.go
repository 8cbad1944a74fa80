package traffic

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkApply is from the request until the effect is there, which is before Apply returns: ns/op is of
// applying and removing, and ms-to-effect the median of applying alone.
func BenchmarkApply(b *testing.B) {
	w := newWorld(b)
	effects := map[string]Effect{
		"drop":      {Drop: &Drop{}},
		"latency":   {Latency: &Latency{Delay: 10 * time.Millisecond}},
		"bandwidth": {Bandwidth: &Bandwidth{BytesPerSecond: 1 << 20}},
	}
	run := func(name string, e engine) {
		for kind, effect := range effects {
			b.Run(name+"/"+kind, func(b *testing.B) {
				var rules []Rule
				for _, d := range []Direction{In, Out} {
					rules = append(rules, Rule{ID: string(d), Match: Match{Direction: d, Peers: []netip.Prefix{Peer(far)}}, Effect: effect})
				}
				var took []time.Duration
				for b.Loop() {
					began := time.Now()
					must(b, e.Apply(b.Context(), rules))
					took = append(took, time.Since(began))
					must(b, e.Clear(b.Context()))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2])/1e6, "ms-to-effect")
			})
		}
	}
	table := w.table(b)
	run("table", table)
	p := w.near.serve(b, Clears)
	run("served", p)
	p.end(b)
}

// BenchmarkQueue is what the processor does for 10,000 packets a second that are held back, in a process of its
// own: the share of one processor that this takes, and how late packets are beside what was asked for.
func BenchmarkQueue(b *testing.B) {
	w := newWorld(b)
	const rate, delay = 10000, 10 * time.Millisecond
	p := w.near.serve(b, Clears)
	must(b, p.Apply(b.Context(), []Rule{{ID: "slow", Match: Match{Direction: In, Protocol: UDP}, Effect: Effect{Latency: &Latency{Delay: delay}}}}))
	f := flow{from: w.far, to: w.near, dest: near, count: rate, every: time.Second / rate, wait: 200 * time.Millisecond}
	var late []time.Duration
	packets := 0
	before := processorTime(b, p.command.Process.Pid)
	for b.Loop() {
		for _, a := range f.measure(b) {
			late = append(late, a.latency-delay)
			packets++
		}
	}
	used := processorTime(b, p.command.Process.Pid) - before
	p.end(b)
	slices.Sort(late)
	b.ReportMetric(100*used.Seconds()/(float64(packets)/rate), "%cpu-at-10k/s")
	b.ReportMetric(float64(late[len(late)/2].Microseconds()), "µs-late-p50")
	b.ReportMetric(float64(late[len(late)*99/100].Microseconds()), "µs-late-p99")
	b.ReportMetric(100*(1-float64(packets)/float64(b.N*rate)), "%lost")
}

// processorTime is of a process, in its own code and the kernel's for it.
func processorTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	clock := int32(^pid<<3 | 2) // CPUCLOCK_SCHED of a process, of include/linux/posix-timers.h
	var t unix.Timespec
	must(b, unix.ClockGettime(clock, &t))
	return time.Duration(t.Nano())
}
