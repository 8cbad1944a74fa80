package parse

import (
	"errors"
	"fmt"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// fakeCatalog has faults that exercise the decoder, and a workload of each sort.
func fakeCatalog() scenarios.Catalog {
	return scenarios.Catalog{
		Faults: map[string]func() scenarios.FaultSpec{
			"kill":      func() scenarios.FaultSpec { return &killSpec{Signal: "KILL"} },
			"pause":     func() scenarios.FaultSpec { return &killSpec{} },
			"partition": func() scenarios.FaultSpec { return &partitionSpec{} },
			"delay":     func() scenarios.FaultSpec { return &delaySpec{Loss: 0.5} },
		},
		Workloads: map[string]func() scenarios.WorkloadSpec{
			"set": func() scenarios.WorkloadSpec {
				return setSpec{trait.Pipelines, trait.CountsLoss, trait.DatesLoss, trait.Spreads}
			},
			"register": func() scenarios.WorkloadSpec { return &registerSpec{} },
			"list": func() scenarios.WorkloadSpec {
				return traits{trait.Spreads, trait.Pipelines, trait.CountsLoss, trait.DatesLoss, trait.CountsDuplicates, trait.ChecksOrder}
			},
			"counter": func() scenarios.WorkloadSpec {
				return traits{trait.Reads, trait.Pipelines, trait.CountsLoss, trait.CountsDuplicates}
			},
			"noise": func() scenarios.WorkloadSpec { return traits{} },
			"jar":   func() scenarios.WorkloadSpec { return &jarSpec{Jar: jar{Lids: 1}} },
		},
		Libraries: map[string][]string{"go-redis": nil, "plain": {"pipeline", "client.pool_size"}},
		Causes: map[string][]string{
			"outage_causes": {"master_down", "full_coverage", "unknown"},
			"missed_causes": {"no_majority", "no_replica", "unknown"},
			"loss_causes":   {"died", "unknown"},
		},
	}
}

// traits are those of a type without settings.
type traits []trait.Trait

func (t traits) Traits() []trait.Trait { return t }

// setSpec has no settings, and sends a command.
type setSpec []trait.Trait

func (s setSpec) Traits() []trait.Trait { return s }
func (setSpec) Commands() []string      { return []string{"SADD", "SSCAN"} }

// registerSpec has settings that stand among those of all workloads.
type registerSpec struct {
	TTL   units.Duration `yaml:"ttl,omitempty" elsewhere:"of a {type} that is gone it cannot be told what it held"`
	Ratio float64        `yaml:"read_ratio,omitempty" elsewhere:"a {type} does not read"`
}

func (*registerSpec) Traits() []trait.Trait {
	return []trait.Trait{trait.Reads, trait.Pipelines, trait.CountsLoss, trait.DatesLoss}
}
func (r *registerSpec) Lasts() units.Duration               { return r.TTL }
func (r *registerSpec) Reads() (ratio float64, from string) { return r.Ratio, "master" }

// jarSpec has settings of its own in a mapping, and others behind a pointer.
type jarSpec struct {
	Jar   jar    `yaml:"jar" elsewhere:"a {type} is no jar"`
	Shelf *shelf `yaml:"shelf" elsewhere:"a {type} stands on no shelf"`
}

type jar struct {
	Lids int `yaml:"lids"`
}

type shelf struct {
	Boards int `yaml:"boards"`
}

func (s *shelf) SetDefaults() { s.Boards = 1 }

func (j *jarSpec) Traits() []trait.Trait {
	if j.Shelf != nil {
		return []trait.Trait{trait.HasGroups}
	}
	return nil
}

func (*jarSpec) DefaultKeys() int { return 7 }
func (*jarSpec) Conditions() map[trait.Trait]string {
	return map[trait.Trait]string{trait.HasGroups: "shelf: {}"}
}
func (j *jarSpec) Unrouted() string {
	if j.Shelf == nil {
		return "goes anywhere; give it a shelf"
	}
	return ""
}

func (j *jarSpec) Check(c scenarios.WorkloadContext) error {
	var board, lid error
	if j.Shelf != nil && j.Shelf.Boards > c.Cluster.Replicas && c.Given("shelf.boards") {
		board = &scenarios.FieldError{Field: "shelf.boards", With: "cluster.replicas", Msg: "has more boards than there are replicas"}
	}
	if !c.Given("jar.lids") && c.Workload.Keys == 5 {
		lid = &scenarios.FieldError{Field: "keys", Msg: "five of what has no lid"}
	}
	return errors.Join(scenarios.InRange("jar.lids", j.Jar.Lids, 0, 2, "one more than one"), lid, board)
}

type selector struct {
	Role  string   `yaml:"role,omitempty"`
	Shard *int     `yaml:"shard"`
	Nodes []string `yaml:"nodes"`
}

func (s selector) check(c scenarios.Cluster) error {
	if s.Shard != nil && (*s.Shard < 0 || *s.Shard >= c.Masters) {
		return &scenarios.FieldError{Field: "shard", Msg: fmt.Sprintf("there is no shard %d; the cluster has 0 to %d", *s.Shard, c.Masters-1)}
	}
	if s.Role == "replica" && c.Replicas == 0 {
		return &scenarios.FieldError{Field: "role", Msg: "the cluster has no replicas"}
	}
	return nil
}

func (s selector) SparesMasters() bool { return s.Role == "replica" }

type killSpec struct {
	selector `yaml:",inline"`
	Signal   string `yaml:"signal,omitempty"`
}

func (k *killSpec) Check(c scenarios.Cluster) error { return k.check(c) }

type partitionSpec struct {
	Groups  [][]string        `yaml:"groups"`
	Shards  []int             `yaml:"shards"`
	From    target            `yaml:"from"`
	Options map[string]string `yaml:"options"`
}

type target struct {
	Port uint16 `yaml:"port,omitempty"`
}

func (p *partitionSpec) Check(scenarios.Cluster) error {
	switch {
	case len(p.Groups) == 1:
		return &scenarios.FieldError{Msg: "one group is no partition"}
	case len(p.Groups) > 2:
		return &scenarios.FieldError{Field: "groups", Msg: "more than two groups"}
	case len(p.Groups)+len(p.Shards) == 0:
		return &scenarios.FieldError{Field: "groups", Msg: "missing; name two groups of nodes"}
	case p.From.Port == 1:
		return &scenarios.FieldError{Field: "from.port", Msg: "not that one"}
	}
	return nil
}

type delaySpec struct {
	Latency  units.Duration
	Jitter   *units.Duration `yaml:"jitter"`
	Loss     float64         `yaml:"loss"`
	Bytes    *int64          `yaml:"bytes"`
	Buffer   units.Size      `yaml:"buffer,omitempty"`
	Both     bool            `yaml:"both"`
	internal int
	Skipped  chan int `yaml:"-"`
}

func (d *delaySpec) Check(scenarios.Cluster) error {
	d.internal = 0
	if d.Latency == 0 {
		return fmt.Errorf("no latency")
	}
	return nil
}
