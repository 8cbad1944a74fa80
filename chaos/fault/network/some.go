package network

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Some is a share of the packets, picked by chance.
type Some struct {
	Packets `yaml:",inline"`
	// Share is how many of them.
	Share units.Percent `yaml:"share"`
}

// some is a share of all that go out.
func some(share units.Percent) Some { return Some{Packets: packets("out"), Share: share} }

// leastShare is the smallest share of packets that something can be done to.
const leastShare = units.Percent(0.01)

// Check implements scenarios.FaultSpec.
func (s Some) Check(c scenarios.Cluster) error {
	if err := s.Packets.Check(c); err != nil {
		return err
	}
	return scenarios.InRange("share", s.Share, leastShare, 100, "")
}

// Detail implements chaos.Detailed.
func (s Some) Detail() string { return fmt.Sprintf("%v of the packets, %s", s.Share, s.where()) }

// unique is the same share of the packets for one target.
func (s Some) unique() Some {
	s.Packets = s.Packets.unique()
	return s
}
