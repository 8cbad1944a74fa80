package traffic

import (
	"math/rand/v2"
	"time"
)

// fates decide over packets of one direction, as the rules say whose mechanism is Queue.
type fates struct {
	rules []*fateRule
	out   []emission
}

// fateRule is a rule, and what it remembers of packets before.
type fateRule struct {
	placed
	clauses []clause
	draws   draws
	bad     bool          // of bursts
	free    time.Duration // of a bandwidth: when what was let through is through
	done    Done
	lost    uint64 // packets that the kernel had lost before it came
}

// emission is a packet let through: the first one is the packet itself, and others are copies.
type emission struct {
	after   time.Duration
	corrupt bool
	holds   []hold
}

// hold is how long a rule is to hold a packet back.
type hold struct {
	by    *fateRule
	delay time.Duration
}

// let has the rules that held a packet back count it: it was let go so much later than it was due.
func let(holds []hold, size int, late time.Duration) {
	for _, h := range holds {
		h.by.hit(size)
		h.by.done.Held.add(h.delay+late, h.by.done.Packets == 1)
	}
}

// hit counts a packet that the rule has its effect on.
func (r *fateRule) hit(size int) {
	r.done.Packets++
	r.done.Bytes += uint64(size)
}

func (h *Held) add(d time.Duration, first bool) {
	h.Sum += d
	h.Most = max(h.Most, d)
	if first || d < h.Least {
		h.Least = d
	}
}

// counted is what rules have done, by their digests. lost is how many packets the kernel has lost by now.
func (f *fates) counted(lost uint64) map[string]Done {
	all := map[string]Done{}
	for _, r := range f.rules {
		done := r.done
		if done.Held != nil {
			done.Held = new(*done.Held)
		}
		done.Missed = lost - min(lost, r.lost)
		all[r.digest] = done
	}
	return all
}

// newFates keeps of what was before what rules that stay remember.
func newFates(rules []placed, before *fates, lost uint64) *fates {
	f := &fates{}
	for _, r := range rules {
		one := &fateRule{placed: r, clauses: r.Match.clauses(), draws: draws{correlation: r.Effect.correlation()}, lost: lost}
		if r.Effect.holds() {
			one.done.Held = &Held{}
		}
		if before != nil {
			for _, old := range before.rules {
				if old.digest == r.digest {
					one = old
				}
			}
		}
		f.rules = append(f.rules, one)
	}
	return f
}

// holds is whether the effect holds packets back.
func (e Effect) holds() bool { return e.Latency != nil || e.Reordering != nil || e.Bandwidth != nil }

func (e Effect) correlation() float64 {
	switch {
	case e.Loss != nil:
		return e.Loss.Correlation
	case e.Latency != nil:
		return e.Latency.Correlation
	case e.Duplication != nil:
		return e.Duplication.Correlation
	case e.Corruption != nil:
		return e.Corruption.Correlation
	case e.Reordering != nil:
		return e.Reordering.Correlation
	}
	return 0
}

// of is what becomes of a packet of a size in bytes, now: nothing if it is lost. The result is valid
// until the next call.
func (f *fates) of(p packet, size int, now time.Duration) []emission {
	var matching [16]*fateRule
	rules := matching[:0]
	for _, r := range f.rules {
		for _, c := range r.clauses {
			if c.matches(p) {
				rules = append(rules, r)
				break
			}
		}
	}
	f.out = append(f.out[:0], emission{})
	for _, r := range rules {
		switch {
		case r.Effect.Loss != nil:
			r.done.Of++
			if r.loses() {
				r.hit(size)
				return nil
			}
		case r.Effect.Duplication != nil:
			r.done.Of++
			if r.draws.chance(r.Effect.Duplication.Probability) {
				r.hit(size)
				f.out = append(f.out, emission{})
			}
		}
	}
	kept := f.out[:0]
	for _, e := range f.out {
		if passes(&e, rules, size, now) {
			kept = append(kept, e)
		}
	}
	return kept
}

// passes is of one emission: false if a buffer is full.
func passes(e *emission, rules []*fateRule, size int, now time.Duration) bool {
	for _, r := range rules {
		if b := r.Effect.Bandwidth; b != nil {
			r.done.Of++
			through, ok := r.through(*b, size, now+e.after)
			if !ok {
				r.done.Full++
				return false
			}
			e.hold(r, through-now-e.after)
		}
	}
	for _, r := range rules {
		switch {
		case r.Effect.Latency != nil:
			r.done.Of++
			e.hold(r, r.draws.latency(*r.Effect.Latency))
		case r.Effect.Reordering != nil:
			r.done.Of++
			if r.draws.chance(r.Effect.Reordering.Probability) {
				e.hold(r, r.Effect.Reordering.Hold)
			}
		case r.Effect.Corruption != nil:
			r.done.Of++
			if r.draws.chance(r.Effect.Corruption.Probability) {
				r.hit(size)
				e.corrupt = true
			}
		}
	}
	return true
}

// hold has a rule hold it back, beyond what others do.
func (e *emission) hold(by *fateRule, delay time.Duration) {
	e.after += delay
	e.holds = append(e.holds, hold{by, delay})
}

// loses is whether the next packet is lost.
func (r *fateRule) loses() bool {
	g := r.Effect.Loss.Bursts
	if g == nil {
		return r.draws.chance(r.Effect.Loss.Probability)
	}
	loss := g.LossGood
	if r.bad {
		loss = g.LossBad
	}
	change := g.ToBad
	if r.bad {
		change = g.ToGood
	}
	if r.draws.chance(change) {
		r.bad = !r.bad
	}
	return r.draws.chance(loss)
}

// through is when a packet that comes at a time is through; false if the buffer is full.
func (r *fateRule) through(b Bandwidth, size int, at time.Duration) (time.Duration, bool) {
	start := max(at, r.free)
	waiting := float64(start-at) / float64(time.Second) * float64(b.BytesPerSecond)
	if waiting+float64(size) > float64(b.buffer()) {
		return 0, false
	}
	r.free = start + time.Duration(float64(size)/float64(b.BytesPerSecond)*float64(time.Second))
	return r.free, true
}

// corrupt changes one byte behind the IP header, and behind the one of TCP or UDP if anything is there.
// One byte that differs always changes the ones' complement sum of RFC 1071.
func corrupt(b []byte, p packet) {
	from := p.transport
	switch {
	case p.protocol == protocolTCP && p.hasPorts && len(b) > from+12:
		from += int(b[from+12]>>4) * 4
	case p.protocol == protocolUDP:
		from += 8
	}
	if from >= len(b) {
		from = min(p.transport, len(b)-1)
	}
	b[from+rand.IntN(len(b)-from)] ^= byte(1 + rand.IntN(255))
}
