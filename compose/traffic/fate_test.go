package traffic

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"
)

// TestDraws: latencies are of the distribution that is asked for, and correlation does not change it. Pareto's
// deviation is not looked at, as that of a sample takes too long to become the distribution's.
func TestDraws(t *testing.T) {
	t.Parallel()
	const count, delay, jitter = 200_000, 100 * time.Millisecond, 10 * time.Millisecond
	for _, test := range []struct {
		of                       Distribution
		least, quartile, greater float64 // in jitters, from the mean
	}{
		{Uniform, -1, -0.5, 0.5},
		{Normal, -10, -0.674, 0.674},
		{Pareto, -1 / math.Sqrt(3), (math.Pow(0.75, -1.0/3) - 1.5) / math.Sqrt(0.75), (math.Pow(0.25, -1.0/3) - 1.5) / math.Sqrt(0.75)},
	} {
		for _, correlation := range []float64{0, 0.7} {
			d := draws{correlation: correlation}
			x := make([]float64, count)
			var sum, squares, products float64
			for i := range x {
				x[i] = float64(d.latency(Latency{Delay: delay, Jitter: jitter, Distribution: test.of})-delay) / float64(jitter)
				sum += x[i]
				squares += x[i] * x[i]
				if i > 0 {
					products += x[i] * x[i-1]
				}
			}
			// That of normal draws is what is asked for, and that of uniform ones a little less.
			if got := products / squares; test.of != Pareto && math.Abs(got-correlation) > 0.05 {
				t.Errorf("%s: correlation %.3f, asked for %v", test.of, got, correlation)
			}
			slices.Sort(x)
			if mean := sum / count; math.Abs(mean) > 0.05 || x[0] < test.least-0.001 ||
				math.Abs(x[count/4]-test.quartile) > 0.05 || math.Abs(x[count*3/4]-test.greater) > 0.05 {
				t.Errorf("%s, correlation %v: mean %.3f, least %.3f (want %.3f), quartiles %.3f and %.3f (want %.3f and %.3f)",
					test.of, correlation, mean, x[0], test.least, x[count/4], x[count*3/4], test.quartile, test.greater)
			}
		}
	}
}

func TestChance(t *testing.T) {
	t.Parallel()
	const count = 100_000
	for _, correlation := range []float64{0, 0.9} {
		d := draws{correlation: correlation}
		hits, runs, last := 0, 0, false
		for range count {
			hit := d.chance(0.1)
			if hit {
				hits++
				if !last {
					runs++
				}
			}
			last = hit
		}
		if share := float64(hits) / count; math.Abs(share-0.1) > 0.02 {
			t.Errorf("correlation %v: %.4f, want 0.1", correlation, share)
		}
		if length := float64(hits) / float64(runs); (length > 2) != (correlation > 0.5) {
			t.Errorf("correlation %v: runs of %.2f", correlation, length)
		}
	}
}

func TestBursts(t *testing.T) {
	t.Parallel()
	const count = 200_000
	g := GilbertElliott{ToBad: 0.01, ToGood: 0.1, LossGood: 0.005, LossBad: 0.8}
	r := fateRule{placed: placed{Rule: Rule{Effect: Effect{Loss: &Loss{Bursts: &g}}}}}
	lost := 0
	for range count {
		if r.loses() {
			lost++
		}
	}
	if share := float64(lost) / count; math.Abs(share-g.Share()) > 0.1*g.Share() {
		t.Errorf("%.4f, want %.4f", share, g.Share())
	}
}

// TestFateOf: effects of several rules on one packet.
func TestFateOf(t *testing.T) {
	t.Parallel()
	rule := func(id string, e Effect) placed { return placed{Rule: Rule{ID: id, Effect: e}, digest: id} }
	slow := rule("slow", Effect{Latency: &Latency{Delay: time.Second}})
	slower := rule("slower", Effect{Latency: &Latency{Delay: 2 * time.Second}})
	twice := rule("twice", Effect{Duplication: &Duplication{Probability: 1}})
	wrong := rule("wrong", Effect{Corruption: &Corruption{Probability: 1}})
	held := rule("held", Effect{Reordering: &Reordering{Probability: 1, Hold: time.Minute}})
	lost := rule("lost", Effect{Loss: &Loss{Probability: 1, Correlation: 0.1}})
	narrow := rule("narrow", Effect{Bandwidth: &Bandwidth{BytesPerSecond: 1000, Buffer: 2500}})
	other := slow
	other.Match.Protocol = TCP
	for name, test := range map[string]struct {
		rules []placed
		want  []emission
	}{
		"none":                 {nil, []emission{{}}},
		"one for others":       {[]placed{other}, []emission{{}}},
		"latencies are added":  {[]placed{slow, slower}, []emission{{after: 3 * time.Second}}},
		"both are held back":   {[]placed{twice, slow}, []emission{{after: time.Second}, {after: time.Second}}},
		"both are changed":     {[]placed{wrong, twice}, []emission{{corrupt: true}, {corrupt: true}}},
		"held and slow":        {[]placed{held, slow}, []emission{{after: time.Minute + time.Second}}},
		"lost is not twice":    {[]placed{twice, lost}, nil},
		"narrow, then slow":    {[]placed{slow, narrow}, []emission{{after: 2 * time.Second}}},
		"copies are as narrow": {[]placed{narrow, twice}, []emission{{after: time.Second}, {after: 2 * time.Second}}},
	} {
		got := newFates(test.rules, nil, 0).of(packet{protocol: protocolUDP}, 1000, time.Hour)
		same := func(a, b emission) bool { return a.after == b.after && a.corrupt == b.corrupt }
		if !slices.EqualFunc(got, test.want, same) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	// The buffer fills, stays so for rules that stay, and empties with time.
	f := newFates([]placed{narrow}, nil, 0)
	for i, want := range []int{1, 1, 0} {
		if got := f.of(packet{}, 1000, time.Hour); len(got) != want {
			t.Errorf("packet %d: %v", i, got)
		}
	}
	f = newFates([]placed{slow, narrow}, f, 0)
	if got := f.of(packet{}, 1000, time.Hour); len(got) != 0 {
		t.Errorf("the buffer was emptied by another rule: %v", got)
	}
	if got := f.of(packet{}, 1000, time.Hour+time.Second); len(got) != 1 || got[0].after != 3*time.Second {
		t.Errorf("after a second: %v", got)
	}
}

// TestCounted: each rule counts what it does, and for how long it alone held packets back.
func TestCounted(t *testing.T) {
	t.Parallel()
	rules := map[string]Effect{
		"slow":   {Latency: &Latency{Delay: time.Second}},
		"slower": {Latency: &Latency{Delay: 3 * time.Second}},
		"twice":  {Duplication: &Duplication{Probability: 1}},
		"wrong":  {Corruption: &Corruption{Probability: 1}},
		"never":  {Reordering: &Reordering{Hold: time.Minute}},
		"narrow": {Bandwidth: &Bandwidth{BytesPerSecond: 1000, Buffer: 2500}},
	}
	var all []placed
	for id, e := range rules {
		all = append(all, placed{Rule: Rule{ID: id, Effect: e}, digest: id})
	}
	f := newFates(all, nil, 5)
	for range 2 {
		for _, e := range f.of(packet{}, 1000, time.Hour) {
			let(e.holds, 1000, time.Millisecond)
		}
	}
	f = newFates(all, f, 6)
	for id, want := range map[string]Done{
		// Of four packets, as each came twice, the buffer had room for two.
		"slow":   {Of: 2, Packets: 2, Bytes: 2000, Held: &Held{2*time.Second + 2*time.Millisecond, time.Second + time.Millisecond, time.Second + time.Millisecond}},
		"slower": {Of: 2, Packets: 2, Bytes: 2000, Held: &Held{6*time.Second + 2*time.Millisecond, 3*time.Second + time.Millisecond, 3*time.Second + time.Millisecond}},
		"twice":  {Of: 2, Packets: 2, Bytes: 2000},
		"wrong":  {Of: 2, Packets: 2, Bytes: 2000},
		"never":  {Of: 2, Held: &Held{}},
		"narrow": {Of: 4, Packets: 2, Bytes: 2000, Full: 2, Held: &Held{3*time.Second + 2*time.Millisecond, time.Second + time.Millisecond, 2*time.Second + time.Millisecond}},
	} {
		if got := f.counted(5)[id]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v %+v, want %+v %+v", id, got, got.Held, want, want.Held)
		}
	}
}

// TestMissed: what the kernel lost before a rule came is none of it.
func TestMissed(t *testing.T) {
	t.Parallel()
	early, late := placed{digest: "early"}, placed{digest: "late"}
	f := newFates([]placed{early, late}, newFates([]placed{early}, nil, 5), 7)
	if got := f.counted(9); got["early"].Missed != 4 || got["late"].Missed != 2 {
		t.Errorf("%+v", got)
	}
	if got := f.counted(1); got["late"].Missed != 0 { // the queue was opened anew
		t.Errorf("%+v", got)
	}
}

// FuzzPacket: whatever is on the wire, reading it and changing it ends.
func FuzzPacket(f *testing.F) {
	v4 := append([]byte{0x45, 0, 0, 44, 0, 0, 0x40, 0, 64, protocolTCP, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}, make([]byte, 24)...)
	v6 := append([]byte{0x60, 0, 0, 0, 0, 16, hopByHop, 64}, make([]byte, 60)...)
	f.Add(v4)
	f.Add(v6)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, d := range []Direction{In, Out} {
			p, ok := parsePacket(b, d)
			if !ok {
				continue
			}
			changed := slices.Clone(b)
			corrupt(changed, p)
			differ := 0
			for i := range b {
				if b[i] != changed[i] {
					differ++
				}
			}
			if differ != 1 {
				t.Errorf("%d bytes were changed", differ)
			}
		}
	})
}

func TestParsePacket(t *testing.T) {
	t.Parallel()
	v4 := []byte{0x46, 0, 0, 32, 0, 0, 0x40, 0, 64, protocolUDP, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 0, 0, 0, 0, 7, 0, 9, 0, 8, 0, 0}
	p, ok := parsePacket(v4, Out)
	if !ok || p.peer.String() != "10.0.0.2" || !p.hasPorts || p.local != 7 || p.remote != 9 || p.transport != 24 {
		t.Errorf("with options: %+v", p)
	}
	v4[7] = 1 // a later fragment
	if p, _ = parsePacket(v4, Out); p.hasPorts {
		t.Errorf("a fragment: %+v", p)
	}
	v6 := make([]byte, 40, 60)
	v6[0], v6[6], v6[8], v6[24] = 0x60, destination, 0xfd, 0xfc
	v6 = append(v6, protocolTCP, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 9)
	p, ok = parsePacket(v6, In)
	if !ok || p.peer.String() != "fd00::" || !p.hasPorts || p.local != 9 || p.remote != 7 || p.transport != 48 {
		t.Errorf("with an extension: %+v", p)
	}
	if _, ok := parsePacket([]byte{0x45, 0}, In); ok {
		t.Error("two bytes are a packet")
	}
}
