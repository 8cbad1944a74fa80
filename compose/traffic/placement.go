package traffic

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// placed is a rule with the mechanism that it has.
type placed struct {
	Rule
	by     Mechanism
	digest string
	class  uint16 // of Qdisc
}

// place finds the mechanism of each rule.
func place(rules []Rule, can Capabilities) ([]placed, error) {
	if err := Check(rules); err != nil {
		return nil, err
	}
	taken := map[uint16]bool{}
	var all []placed
	for i, r := range rules {
		c := can.Of(r.Effect.Kind(), r.Match.Direction)
		if c.Mechanism == "" {
			return nil, fmt.Errorf("rule %s: %s of packets %s is not possible here: %s", r.ID, c.Kind, c.Direction, c.Why)
		}
		p := placed{Rule: r, by: c.Mechanism}
		var err error
		if p.digest, err = digest(r); err != nil {
			return nil, err
		}
		if p.by.classful() && !canHaveClass(i, rules) {
			// A kind that nothing but queues can bring about says whether there are any.
			if queued := can.Of(KindBursts, r.Match.Direction); queued.Mechanism == "" {
				return nil, fmt.Errorf("rule %s: %s cannot have a class for its packets, and there are no netfilter queues: %s", r.ID, p.by, queued.Why)
			}
			p.by = Queue
		}
		if p.by.classful() {
			p.class = classOf(p.digest, taken)
		}
		all = append(all, p)
	}
	return all, nil
}

// canHaveClass is whether the packets of a rule can have a class of their own: each packet is of one class, those
// of the loopback interface are of none, and netem(8) does not know all latencies. Of a limit and a
// latency for the same packets, the limit has the class.
func canHaveClass(i int, rules []Rule) bool {
	r := rules[i]
	if l := r.Effect.Latency; l != nil && !l.byNetem() {
		return false
	}
	for _, p := range r.Match.Peers {
		if p.Addr().IsLoopback() || p.Bits() == 0 {
			return false
		}
	}
	for j, other := range rules {
		rival := other.Effect.Bandwidth != nil || r.Effect.Latency != nil && other.Effect.Latency != nil
		if j != i && rival && overlap(other.Match, r.Match) {
			return false
		}
	}
	return true
}

// byNetem: normal and Pareto's take tables that netem(8) is given, its correlation is of another kind, and it
// counts units of 64 ns in 32 bits.
func (l Latency) byNetem() bool {
	return (l.Distribution == "" || l.Distribution == Constant || l.Distribution == Uniform) && l.Correlation == 0 &&
		l.Delay+l.Jitter <= 4*time.Minute
}

// classOf is the same for the same rule, so that a rule that stays keeps its class and what waits in it.
func classOf(digest string, taken map[uint16]bool) uint16 {
	var class uint16
	fmt.Sscanf(digest, "%4x", &class)
	for class == 0 || class == 0xffff || taken[class] {
		class++
	}
	taken[class] = true
	return class
}

func digest(r Rule) (string, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("rule %s: %w", r.ID, err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8]), nil
}
