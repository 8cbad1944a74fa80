package traffic

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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
		if p.by == Qdisc {
			if queued := can.Of(KindLatency, r.Match.Direction); !classful(i, rules) && queued.Mechanism == Queue {
				p.by = Queue
			} else if !classful(i, rules) {
				return nil, fmt.Errorf("rule %s: its bandwidth limit cannot be, as others are for the same packets and there are no netfilter queues: %s",
					r.ID, queued.Why)
			} else {
				p.class = classOf(p.digest, taken)
			}
		}
		all = append(all, p)
	}
	return all, nil
}

// classful is whether a rule's limit can be a class of HTB: each packet is of one class, and those of
// the loopback interface have none.
func classful(i int, rules []Rule) bool {
	for _, p := range rules[i].Match.Peers {
		if p.Addr().IsLoopback() || p.Bits() == 0 {
			return false
		}
	}
	for j, other := range rules {
		if j != i && other.Effect.Bandwidth != nil && overlap(other.Match, rules[i].Match) {
			return false
		}
	}
	return true
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
