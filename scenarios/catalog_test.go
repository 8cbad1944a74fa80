package scenarios

import "fmt"

// fakeCatalog has faults that exercise the decoder, and a workload of each sort.
func fakeCatalog() Catalog {
	return Catalog{
		Faults: map[string]func() FaultSpec{
			"kill":      func() FaultSpec { return &killSpec{Signal: "KILL"} },
			"pause":     func() FaultSpec { return &killSpec{} },
			"partition": func() FaultSpec { return &partitionSpec{} },
			"delay":     func() FaultSpec { return &delaySpec{Loss: 0.5} },
		},
		Workloads: map[string]WorkloadKind{
			"set":      {Pipelines, CountsLoss, DatesLoss, Spreads},
			"register": {Reads, Expires, Pipelines, CountsLoss, DatesLoss},
			"list":     {Spreads, Pipelines, CountsLoss, DatesLoss, CountsDuplicates, ChecksOrder},
			"counter":  {Reads, Pipelines, CountsLoss, CountsDuplicates},
			"noise":    {},
			"mixed":    {},
			"pubsub":   {CountsMissed},
			"stream":   {HasGroups},

			"lock":         {Spreads, Waits, JudgesLocks, FewKeys},
			"linearizable": {Spreads, Waits, ChecksLinearizability, FewKeys},
		},
		Causes: map[string][]string{
			"outage_causes": {"master_down", "full_coverage", "unknown"},
			"missed_causes": {"no_majority", "no_replica", "unknown"},
			"loss_causes":   {"died", "unknown"},
		},
	}
}

type selector struct {
	Role  string   `yaml:"role,omitempty"`
	Shard *int     `yaml:"shard"`
	Nodes []string `yaml:"nodes"`
}

func (s selector) check(c Cluster) error {
	if s.Shard != nil && (*s.Shard < 0 || *s.Shard >= c.Masters) {
		return &FieldError{Field: "shard", Msg: fmt.Sprintf("there is no shard %d; the cluster has 0 to %d", *s.Shard, c.Masters-1)}
	}
	if s.Role == "replica" && c.Replicas == 0 {
		return &FieldError{Field: "role", Msg: "the cluster has no replicas"}
	}
	return nil
}

func (s selector) SparesMasters() bool { return s.Role == "replica" }

type killSpec struct {
	selector `yaml:",inline"`
	Signal   string `yaml:"signal,omitempty"`
}

func (k *killSpec) Check(c Cluster) error { return k.check(c) }

type partitionSpec struct {
	Groups  [][]string        `yaml:"groups"`
	Shards  []int             `yaml:"shards"`
	From    target            `yaml:"from"`
	Options map[string]string `yaml:"options"`
}

type target struct {
	Port uint16 `yaml:"port,omitempty"`
}

func (p *partitionSpec) Check(Cluster) error {
	switch {
	case len(p.Groups) == 1:
		return &FieldError{Msg: "one group is no partition"}
	case len(p.Groups) > 2:
		return &FieldError{Field: "groups", Msg: "more than two groups"}
	case len(p.Groups)+len(p.Shards) == 0:
		return &FieldError{Field: "groups", Msg: "missing; name two groups of nodes"}
	case p.From.Port == 1:
		return &FieldError{Field: "from.port", Msg: "not that one"}
	}
	return nil
}

type delaySpec struct {
	Latency  Duration
	Jitter   *Duration `yaml:"jitter"`
	Loss     float64   `yaml:"loss"`
	Bytes    *int64    `yaml:"bytes"`
	Buffer   Size      `yaml:"buffer,omitempty"`
	Both     bool      `yaml:"both"`
	internal int
	Skipped  chan int `yaml:"-"`
}

func (d *delaySpec) Check(Cluster) error {
	d.internal = 0
	if d.Latency == 0 {
		return fmt.Errorf("no latency")
	}
	return nil
}
