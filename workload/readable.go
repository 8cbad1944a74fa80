package workload

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
)

// readable is a writer whose keys can be read while they are written to, and tell
// what was acked before.
type readable interface {
	writer
	drive.ReadJudge
}

var (
	_ readable = register{}
	_ readable = counter{}
)

// Freshness implements drive.ReadJudge.
func (r register) Freshness(int) drive.Freshness {
	return check.NewRegisterFreshness(r.Owned, r.Sizes, r.Expiry)
}

// Freshness implements drive.ReadJudge.
func (c counter) Freshness(keys int) drive.Freshness {
	return check.NewCounterFreshness(c.Spread, keys)
}

// Freshness implements drive.ReadJudge.
func (k values) Freshness(keys int) drive.Freshness {
	if r, ok := k.writer.(readable); ok {
		return r.Freshness(keys)
	}
	return nil
}

// reads are the settings of workloads that can also read.
type reads struct {
	// Ratio is the share of reads among all operations, the rest of which are writes; 0: it
	// only writes. From is where they go, the master if that is empty.
	Ratio float64 `yaml:"read_ratio,omitempty" elsewhere:"what a {type} holds cannot be judged while it is written to"`
	From  string  `yaml:"read_from" elsewhere:"nothing is read of a {type}, as what it holds cannot be judged while it is written to"`
}

// Reads implements scenarios.Reading.
func (r reads) Reads() (ratio float64, from string) {
	return r.Ratio, cmp.Or(r.From, drive.ReadFromMaster)
}

// commands are what reading takes beside GET.
func (r reads) commands() []string {
	if _, from := r.Reads(); from != drive.ReadFromMaster {
		return []string{"READONLY"}
	}
	return nil
}

// check wants reads of some nodes that there are.
func (r reads) check(c scenarios.WorkloadContext) error {
	if c.Given("read_ratio") && !(r.Ratio > 0 && r.Ratio < 1) {
		return &scenarios.FieldError{Field: "read_ratio", Msg: fmt.Sprintf("%v is out of range; write more than 0 and less than 1, such as 0.8 for four reads to each write, or leave the key out", r.Ratio)}
	}
	known := []string{drive.ReadFromMaster, drive.ReadFromReplica, drive.ReadFromAny}
	switch {
	case !c.Given("read_from"):
	case !slices.Contains(known, r.From):
		return &scenarios.FieldError{Field: "read_from", Msg: suggest.Unknown("place to read from", r.From, known)}
	case !c.Given("read_ratio"):
		return &scenarios.FieldError{Field: "read_from", Msg: "nothing is read; write read_ratio: 0.8, too, or leave the key out"}
	case r.From != drive.ReadFromMaster && c.Cluster.Replicas == 0:
		return &scenarios.FieldError{Field: "read_from", With: "cluster.replicas", Msg: "reads from replicas, and there are none (cluster.replicas); read from the master or deploy some"}
	}
	return nil
}
