package scenarios

import (
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
	"github.com/redis-chaos/redis-chaos/scenarios/paths"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
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
		ValueSize: units.FixedSize(DefaultValueSize),

		Distribution: DistributionUniform,
	}
}

// Parse reads a scenario and validates all of it. file is its name in
// messages; sets are PATH=VALUE changes that apply before anything is read.
// An error is an [*document.Invalid] that holds every problem found; what can be run all the same
// is among the scenario's Warnings.
func Parse(file string, data []byte, catalog Catalog, sets []string) (*Scenario, error) {
	ps := &document.Problems{File: file}
	root := document.ReadTree(ps, data)
	if root == nil {
		return nil, ps.Err()
	}
	for i, set := range sets {
		paths.Override(ps, root, set, i+1)
	}
	s := defaultScenario()
	d := &decoder{codec.NewDecoder(ps), catalog}
	expected := &expect.Reader{Decoder: d.Decoder, Causes: catalog.Causes}
	codec.Reads(d.Decoder, d.decodeWorkload)
	codec.Reads(d.Decoder, d.decodeFault)
	codec.Reads(d.Decoder, expected.Read)
	codec.Reads(d.Decoder, expected.ReadSet)
	codec.Reads(d.Decoder, d.decodeConfig)
	codec.Reads(d.Decoder, d.decodeRate)
	d.Decode(root, &s)
	d.validate(root, &s)
	if err := ps.Err(); err != nil {
		return nil, err
	}
	d.warn(root, &s)
	document.SortProblems(ps.Warnings)
	s.Warnings, s.Measurable = ps.Warnings, d.measurable(&s)
	return &s, nil
}

// decodeFault reads a fault: its times, and exactly one key that names its
// kind and holds the settings of that kind.
func (d *decoder) decodeFault(n *document.Node, f *Fault) {
	if n.Kind == document.Null {
		d.Blame(n, "no fault; write at: and a kind of fault")
	}
	if !d.Want(n, document.Mapping, "a mapping") {
		return
	}
	kinds := slices.Sorted(maps.Keys(d.catalog.Faults))
	for _, entry := range n.Fields {
		switch entry.Name {
		case "at":
			d.Decode(entry.Value, &f.At)
		case "for":
			d.Decode(entry.Value, &f.For)
			if f.For == 0 {
				d.Blame(entry.Value, "the fault must last; leave the key out for one that lasts until the end of the run")
			}
		default:
			newSpec := d.catalog.Faults[entry.Name]
			if newSpec == nil {
				d.Mark(n)
				d.At(entry.Pos, "%s", unknownFault(entry.Name, kinds))
				continue
			}
			if f.Kind != "" {
				d.Mark(n)
				d.At(entry.Pos, "%s is a %q already; write the %q as a fault of its own", n.Name, f.Kind, entry.Name)
				continue
			}
			f.Kind, f.Spec = entry.Name, newSpec()
			d.Decode(entry.Value, f.Spec)
		}
	}
	if f.Kind == "" {
		d.Blame(n, "no kind of fault; write one of %s", strings.Join(kinds, ", "))
	}
	if n.Field("at") == nil {
		d.At(n.Pos, "%s: missing \"at\", the moment of the fault; write at: 5s", n.Name)
	}
}

func unknownFault(name string, kinds []string) string {
	if near := suggest.Closest(name, []string{"at", "for"}); near != "" && suggest.Closest(name, kinds) == "" {
		return suggest.Unknown("key", name, []string{near})
	}
	return suggest.Unknown("kind of fault", name, kinds)
}
