package scenarios

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// What holds where a scenario says nothing.
const (
	DefaultMasters         = 3
	DefaultReplicas        = 1
	DefaultImage           = "redis:7-alpine"
	DefaultWorkloadType    = "set"
	DefaultClients         = 16
	DefaultKeys            = 1000
	DefaultValueSize       = Size(64)
	DefaultRecoveryTimeout = Duration(60 * time.Second)
	DefaultProbes          = Duration(5 * time.Millisecond)
	DefaultTopology        = Duration(50 * time.Millisecond)
)

func defaultScenario() Scenario {
	return Scenario{
		Cluster: Cluster{
			Masters:  DefaultMasters,
			Replicas: DefaultReplicas,
			Image:    DefaultImage,
			Announce: AnnounceAddress,
		},
		RecoveryTimeout: DefaultRecoveryTimeout,
		Observe:         Observe{Probes: DefaultProbes, Topology: DefaultTopology},
	}
}

func defaultWorkload() Workload {
	return Workload{
		Type:      DefaultWorkloadType,
		Clients:   DefaultClients,
		Pipeline:  1,
		Keys:      DefaultKeys,
		ValueSize: FixedSize(DefaultValueSize),

		Distribution: DistributionUniform,
	}
}

// Parse reads a scenario and validates all of it. file is its name in
// messages; sets are PATH=VALUE changes that apply before anything is read.
// An error is an [*Invalid] that holds every problem found; what can be run all the same
// is among the scenario's Warnings.
func Parse(file string, data []byte, catalog Catalog, sets []string) (*Scenario, error) {
	ps := &problems{file: file}
	root := readTree(ps, data)
	if root == nil {
		return nil, ps.err()
	}
	for i, set := range sets {
		override(ps, root, set, i+1)
	}
	s := defaultScenario()
	d := &decoder{problems: ps, catalog: catalog}
	d.decode(root, reflect.ValueOf(&s).Elem())
	d.validate(root, &s)
	if err := ps.err(); err != nil {
		return nil, err
	}
	d.warn(root, &s)
	sortProblems(ps.warnings)
	s.Warnings, s.Measurable = ps.warnings, d.measurable(&s)
	return &s, nil
}

// decodeFault reads a fault: its times, and exactly one key that names its
// kind and holds the settings of that kind.
func (d *decoder) decodeFault(n *node, f *Fault) {
	if n.kind == nullNode {
		d.blame(n, "no fault; write at: and a kind of fault")
	}
	if !d.want(n, mappingNode, "a mapping") {
		return
	}
	kinds := slices.Sorted(maps.Keys(d.catalog.Faults))
	for _, entry := range n.fields {
		switch entry.name {
		case "at":
			d.decode(entry.value, reflect.ValueOf(&f.At).Elem())
		case "for":
			d.decode(entry.value, reflect.ValueOf(&f.For).Elem())
			if f.For == 0 {
				d.blame(entry.value, "the fault must last; leave the key out for one that lasts until the end of the run")
			}
		default:
			newSpec := d.catalog.Faults[entry.name]
			if newSpec == nil {
				d.mark(n)
				d.at(entry.pos, "%s", unknownFault(entry.name, kinds))
				continue
			}
			if f.Kind != "" {
				d.mark(n)
				d.at(entry.pos, "%s is a %q already; write the %q as a fault of its own", n.name, f.Kind, entry.name)
				continue
			}
			f.Kind, f.Spec = entry.name, newSpec()
			d.decode(entry.value, reflect.ValueOf(f.Spec).Elem())
		}
	}
	if f.Kind == "" {
		d.blame(n, "no kind of fault; write one of %s", strings.Join(kinds, ", "))
	}
	if n.field("at") == nil {
		d.at(n.pos, "%s: missing \"at\", the moment of the fault; write at: 5s", n.name)
	}
}

func unknownFault(name string, kinds []string) string {
	if near := closest(name, []string{"at", "for"}); near != "" && closest(name, kinds) == "" {
		return unknown("key", name, []string{near})
	}
	return unknown("kind of fault", name, kinds)
}
