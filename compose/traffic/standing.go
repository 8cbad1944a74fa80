package traffic

import (
	"fmt"
	"time"
)

// Standing is what of this program's there is in the kernel, whichever process made it.
type Standing struct {
	Rules []StandingRule `json:"rules,omitempty"`
	// Rest is what belongs to no rule: qdiscs and devices that were left.
	Rest []string `json:"rest,omitempty"`
}

// StandingRule is a rule as the kernel has it.
type StandingRule struct {
	ID        string    `json:"id"`
	Mechanism Mechanism `json:"mechanism"`
	Digest    string    `json:"digest"` // of all that the rule said
	// Lacks is what keeps it from having its effect: "" if nothing does.
	Lacks string `json:"lacks,omitempty"`
	// Packets is how many it matched since it stands, as the kernel hands them on: with
	// segmentation offload, each may be up to 64 KiB. Those that come while other rules change may be missing.
	Packets uint64 `json:"packets"`
	// Done is what became of these; nil where nothing counts that, which Uncounted is the reason of.
	Done      *Done  `json:"done,omitempty"`
	Uncounted string `json:"uncounted,omitempty"` // why Done, or its Held, is nil
}

// Done is what a rule has done to packets since it stands.
type Done struct {
	// Of is how many it decided over. Queue has packets one by one that Packets counts together.
	Of uint64 `json:"of"`
	// Packets is how many it lost, rejected, sent twice or changed; of a latency and of reordering, those that were held
	// back and have been let go; of a bandwidth, those that were let through.
	Packets uint64 `json:"packets"`
	Bytes   uint64 `json:"bytes"`          // of these
	Full    uint64 `json:"full,omitempty"` // of a bandwidth: packets that were lost, as its buffer was full
	// Missed is how many packets of Queue the kernel lost meanwhile, as this process did not take them in time. Those
	// of all rules of a direction count.
	Missed uint64 `json:"missed,omitempty"`
	// Held is for how long packets were held back, from when they were taken from the kernel's queue; nil of an effect that
	// holds none back, or where nobody measures it.
	Held *Held `json:"held,omitempty"`
}

// Held is for how long packets were held back: all of them together, the one that was the shortest and the longest.
type Held struct {
	Sum   time.Duration `json:"sum_ns"`
	Least time.Duration `json:"least_ns"`
	Most  time.Duration `json:"most_ns"`
}

// Rule is the one with an id.
func (s Standing) Rule(id string) (StandingRule, bool) {
	for _, r := range s.Rules {
		if r.ID == id {
			return r, true
		}
	}
	return StandingRule{}, false
}

// Verify says how what stands differs from these rules; nil if it is exactly they, and all of them
// have their effect.
func (s Standing) Verify(rules []Rule) error {
	for _, r := range rules {
		is, ok := s.Rule(r.ID)
		if !ok {
			return fmt.Errorf("rule %s does not stand", r.ID)
		}
		want, err := digest(r)
		if err != nil {
			return err
		}
		if is.Digest != want {
			return fmt.Errorf("rule %s stands, but as another one than it is to be", r.ID)
		}
		if is.Lacks != "" {
			return fmt.Errorf("rule %s has no effect: %s", r.ID, is.Lacks)
		}
	}
	wanted := map[string]bool{}
	for _, r := range rules {
		wanted[r.ID] = true
	}
	for _, r := range s.Rules {
		if !wanted[r.ID] {
			return fmt.Errorf("rule %s stands, and is not to", r.ID)
		}
	}
	if len(s.Rest) > 0 {
		return fmt.Errorf("%s was left", s.Rest[0])
	}
	return nil
}
