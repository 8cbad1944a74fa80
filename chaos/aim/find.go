package aim

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/redis-chaos/redis-chaos/chaos/observe"
)

// Find implements Finder. A role is that of a live member of a shard: nodes that are marked as failed
// match only where no other does, unless they are named, and a former master without slots has none.
func (s Selector) Find(t observe.Topology, d Draw) (Targets, error) {
	if err := s.checkPremise(t); err != nil {
		return Targets{}, err
	}
	return s.find(t, d.Seed, d.Random())
}

// find is Find by a source of random numbers.
func (s Selector) find(t observe.Topology, seed int64, random *rand.Rand) (Targets, error) {
	matching, err := s.matching(t, seed)
	if err != nil {
		return Targets{}, err
	}
	for _, e := range s.Except {
		out, err := e.find(t, seed, random)
		if _, nobody := err.(*nobodyError); err != nil && !nobody {
			return Targets{}, err
		}
		matching = slices.DeleteFunc(matching, func(n string) bool { return slices.Contains(out.Nodes, n) })
	}
	if len(matching) == 0 {
		return Targets{}, &nobodyError{s}
	}
	slices.Sort(matching)
	picked := matching
	if s.isRandom() {
		random.Shuffle(len(matching), func(i, j int) { matching[i], matching[j] = matching[j], matching[i] })
		picked = matching[:s.howMany(len(matching))]
		slices.Sort(picked)
	}
	why := s.String()
	if s.isRandom() {
		why = fmt.Sprintf("%s: %d of %d", why, len(picked), len(matching))
	}
	return Targets{Nodes: picked, Why: why}, nil
}

// nobodyError is that no node matches a selector.
type nobodyError struct{ of Selector }

func (e *nobodyError) Error() string {
	return fmt.Sprintf("no node to pick: by now there is none of %s", e.of.which())
}

// matching lists the nodes that match, but for exceptions.
func (s Selector) matching(t observe.Topology, seed int64) ([]string, error) {
	if len(s.Node) > 0 && s.Role == "" {
		return slices.Clone(s.Node), nil
	}
	f, err := s.filterOn(t, seed)
	if err != nil {
		return nil, err
	}
	var matching, failed []string
	for _, m := range t {
		switch {
		case !f.matches(m):
		case m.Failed:
			failed = append(failed, m.Node)
		default:
			matching = append(matching, m.Node)
		}
	}
	if len(matching) == 0 {
		matching = failed
	}
	return matching, nil
}

// howMany of those that match are picked.
func (s Selector) howMany(matching int) int {
	switch {
	case s.Count != nil:
		return min(*s.Count, matching)
	case s.Percent != nil:
		return max(1, int(float64(*s.Percent)*float64(matching)/100))
	}
	return 1
}

// checkPremise is a *PremiseError unless the named nodes have the role that they are expected to have.
func (s Selector) checkPremise(t observe.Topology) error {
	if s.ExpectRole == "" {
		return nil
	}
	for _, name := range s.Node {
		i := slices.IndexFunc(t, func(m observe.Member) bool { return m.Node == name })
		switch {
		case i < 0:
			return &PremiseError{fmt.Sprintf("%s is in no node's view of the cluster, where a %s was expected", name, s.ExpectRole)}
		case t[i].Master && t[i].Shard < 0 && s.ExpectRole == Master:
			return &PremiseError{name + " is a master without slots, where one with slots was expected"}
		case t[i].Master != (s.ExpectRole == Master):
			return &PremiseError{fmt.Sprintf("%s is a %s by now, where a %s was expected", name, roleOf(t[i]), s.ExpectRole)}
		}
	}
	return nil
}

func roleOf(m observe.Member) string {
	if m.Master {
		return Master
	}
	return Replica
}
