package traffic

import (
	"fmt"
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
	// segmentation offload, each may be up to 64 KiB.
	Packets uint64 `json:"packets"`
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
