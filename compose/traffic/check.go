package traffic

import (
	"errors"
	"fmt"
	"regexp"
	"time"
)

var ids = regexp.MustCompile(`^[A-Za-z0-9._:/-]{1,64}$`)

// Check says what is wrong with rules that are to stand together.
func Check(rules []Rule) error {
	seen := map[string]bool{}
	for _, r := range rules {
		if !ids.MatchString(r.ID) {
			return fmt.Errorf("rule id %q: it must be 1 to 64 letters, digits and any of . _ : / -", r.ID)
		}
		if seen[r.ID] {
			return fmt.Errorf("two rules have the id %q", r.ID)
		}
		seen[r.ID] = true
		if err := r.Match.check(); err != nil {
			return fmt.Errorf("rule %s: match: %w", r.ID, err)
		}
		if err := r.Effect.check(); err != nil {
			return fmt.Errorf("rule %s: effect: %w", r.ID, err)
		}
	}
	return nil
}

func (m Match) check() error {
	if m.Direction != In && m.Direction != Out {
		return fmt.Errorf("direction %q: want %q or %q", m.Direction, In, Out)
	}
	return m.checkEnds()
}

// checkEnds is of all but the direction, which connections do not have.
func (m Match) checkEnds() error {
	for _, p := range m.Peers {
		if !p.IsValid() {
			return errors.New("a peer is neither an address nor a prefix")
		}
	}
	if m.Protocol != "" && m.Protocol != TCP && m.Protocol != UDP {
		return fmt.Errorf("protocol %q: want %q, %q or none", m.Protocol, TCP, UDP)
	}
	for _, ports := range [][]Ports{m.LocalPorts, m.RemotePorts} {
		for _, p := range ports {
			if p.First == 0 || p.Last < p.First {
				return fmt.Errorf("ports %d to %d: want 1 to 65535, the lower one first", p.First, p.Last)
			}
		}
	}
	if n := len(m.clauses()); n > maxClauses {
		return fmt.Errorf("%d combinations of peers and ports: up to %d are possible", n, maxClauses)
	}
	return nil
}

func (e Effect) check() error {
	set := 0
	for _, is := range []bool{e.Drop != nil, e.Reject != nil, e.Loss != nil, e.Latency != nil,
		e.Duplication != nil, e.Corruption != nil, e.Reordering != nil, e.Bandwidth != nil} {
		if is {
			set++
		}
	}
	if set != 1 {
		return fmt.Errorf("%d are set, of which there must be exactly one", set)
	}
	switch {
	case e.Reject != nil:
		if e.Reject.With != ResetTCP && e.Reject.With != ICMP {
			return fmt.Errorf("reject with %q: want %q or %q", e.Reject.With, ResetTCP, ICMP)
		}
	case e.Loss != nil:
		return e.Loss.check()
	case e.Latency != nil:
		return e.Latency.check()
	case e.Duplication != nil:
		return checkChance(e.Duplication.Probability, e.Duplication.Correlation)
	case e.Corruption != nil:
		return checkChance(e.Corruption.Probability, e.Corruption.Correlation)
	case e.Reordering != nil:
		if err := checkTime("hold", e.Reordering.Hold); err != nil {
			return err
		}
		return checkChance(e.Reordering.Probability, e.Reordering.Correlation)
	case e.Bandwidth != nil:
		return e.Bandwidth.check()
	}
	return nil
}

func (l Loss) check() error {
	g := l.Bursts
	if g == nil {
		return checkChance(l.Probability, l.Correlation)
	}
	if l.Probability != 0 || l.Correlation != 0 {
		return errors.New("loss in bursts has no probability and no correlation beside them")
	}
	for _, p := range []float64{g.ToBad, g.ToGood, g.LossGood, g.LossBad} {
		if !(p >= 0 && p <= 1) {
			return fmt.Errorf("probability %v: want 0 to 1", p)
		}
	}
	if g.ToBad == 0 || g.ToGood == 0 {
		return errors.New("loss in bursts: to_bad and to_good must be above 0")
	}
	return nil
}

func (l Latency) check() error {
	if err := checkTime("delay", l.Delay); err != nil {
		return err
	}
	if err := checkTime("jitter", l.Jitter); err != nil {
		return err
	}
	switch l.Distribution {
	case "", Constant:
		if l.Jitter != 0 || l.Correlation != 0 {
			return errors.New("a constant latency has neither jitter nor correlation")
		}
	case Uniform, Normal, Pareto:
	default:
		return fmt.Errorf("distribution %q: want %q, %q, %q or %q", l.Distribution, Constant, Uniform, Normal, Pareto)
	}
	return checkChance(0, l.Correlation)
}

// longest is what a latency can be: a packet that is held back takes memory of the kernel's.
const longest = 10 * time.Minute

func checkTime(name string, d time.Duration) error {
	if d < 0 || d > longest {
		return fmt.Errorf("%s %v: want 0 to %v", name, d, longest)
	}
	return nil
}

func checkChance(probability, correlation float64) error {
	if !(probability >= 0 && probability <= 1) {
		return fmt.Errorf("probability %v: want 0 to 1", probability)
	}
	if !(correlation >= 0 && correlation < 1) {
		return fmt.Errorf("correlation %v: want 0 to less than 1", correlation)
	}
	return nil
}

func (b Bandwidth) check() error {
	if b.BytesPerSecond < 100 || b.BytesPerSecond > 4e9 {
		return fmt.Errorf("%d bytes a second: want 100 to 4000000000", b.BytesPerSecond)
	}
	if b.Buffer != 0 && (b.Buffer < largestPacket || b.Buffer > 1<<30) {
		return fmt.Errorf("a buffer of %d bytes: want %d (the largest packet) to %d", b.Buffer, largestPacket, 1<<30)
	}
	return nil
}
