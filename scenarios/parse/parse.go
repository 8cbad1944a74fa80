// Package parse reads scenarios: what they say, what is wrong with that and where, and what may not
// mean what their authors have in mind.
package parse

import (
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
	"github.com/redis-chaos/redis-chaos/scenarios/paths"
)

// Scenario reads a scenario and validates all of it. file is its name in
// messages; sets are PATH=VALUE changes that apply before anything is read.
// An error is an [*document.Invalid] that holds every problem found; what can be run all the same
// is among the scenario's Warnings.
//
// What its faults name of a machine need not be there: that is for [Load], by which what is to be run is read.
func Scenario(file string, data []byte, catalog scenarios.Catalog, sets []string) (*scenarios.Scenario, error) {
	return read(file, data, catalog, sets, nil)
}

// read is Scenario; with place, which finds what the settings of a fault name of this machine, the files that the
// cluster names have to be there, too.
func read(file string, data []byte, catalog scenarios.Catalog, sets []string, place func(scenarios.FaultSpec) error) (*scenarios.Scenario, error) {
	ps := &document.Problems{File: file}
	root := document.ReadTree(ps, data)
	if root == nil {
		return nil, ps.Err()
	}
	for i, set := range sets {
		paths.Override(ps, root, set, i+1)
	}
	s := defaultScenario()
	d := &decoder{Decoder: codec.NewDecoder(ps), catalog: catalog, place: place}
	expected := &expect.Reader{Decoder: d.Decoder, Causes: catalog.Causes}
	codec.Reads(d.Decoder, d.decodeWorkload)
	codec.Reads(d.Decoder, d.decodeFault)
	codec.Reads(d.Decoder, d.decodeAfter)
	codec.Reads(d.Decoder, d.decodeRolling)
	codec.Reads(d.Decoder, d.decodeRandomFault)
	codec.Reads(d.Decoder, expected.Read)
	codec.Reads(d.Decoder, expected.ReadSet)
	codec.Reads(d.Decoder, d.decodeConfig)
	codec.Reads(d.Decoder, d.decodeZones)
	codec.Reads(d.Decoder, d.decodeRate)
	codec.Reads(d.Decoder, d.decodeSecret)
	codec.Reads(d.Decoder, d.decodeTLS)
	d.mergeConfigFile(root.Field("cluster"))
	d.Decode(root, &s)
	d.bring(root.Field("cluster"), &s.Cluster)
	d.placeAccess(root.Field("cluster"), &s.Cluster)
	d.validate(root, &s)
	if place != nil {
		d.checkFiles(root.Field("cluster"), s.Cluster)
	}
	if err := ps.Err(); err != nil {
		return nil, err
	}
	s.Cluster.ConfigFile.Overridden, s.Cluster.ConfigFile.Modules = d.file.overridden, d.file.modules
	d.warn(root, &s)
	document.SortProblems(ps.Warnings)
	s.Warnings, s.Measurable = ps.Warnings, d.measurable(&s)
	s.Suits = func(c scenarios.Cluster) error {
		on, d := s, &decoder{Decoder: codec.NewDecoder(&document.Problems{File: file}), catalog: catalog, file: d.file}
		on.Cluster = c
		d.validate(root, &on)
		return d.Err()
	}
	return &s, nil
}

func defaultScenario() scenarios.Scenario {
	return scenarios.Scenario{
		Cluster: scenarios.Cluster{
			Masters:  scenarios.DefaultMasters,
			Replicas: scenarios.DefaultReplicas,
			Image:    scenarios.DefaultImage,
			Announce: scenarios.AnnounceAddress,
		},
		RecoveryTimeout: scenarios.DefaultRecoveryTimeout,
		Observe:         scenarios.Observe{Probes: scenarios.DefaultProbes, Topology: scenarios.DefaultTopology},
	}
}

// validate judges what was decoded. Values that could not be decoded have a
// problem already, and get no second one.
func (d *decoder) validate(root *document.Node, s *scenarios.Scenario) {
	d.checkName(root, s.Name)
	if root.Field("duration") == nil {
		d.At(root.Pos, "missing \"duration\", how long the workloads run; write duration: 40s")
	}
	checkRange(d, root.Field("duration"), s.Duration, minDuration, maxDuration, "")
	checkRange(d, root.Field("recovery_timeout"), s.RecoveryTimeout, minDuration, maxDuration, "")

	checkRange(d, root.Field("observe").Field("probes"), s.Observe.Probes, minProbes, maxProbes, "")
	checkRange(d, root.Field("observe").Field("topology"), s.Observe.Topology, minTopology, maxTopology, "")

	cluster := root.Field("cluster")
	d.checkCluster(cluster, s.Cluster)
	d.checkWorkloads(root.Field("workloads"), s.Workloads)
	for i, w := range s.Workloads {
		d.checkTimes(root, root.Field("workloads").Item(i), w, s.Duration)
		d.checkWait(root, root.Field("workloads").Item(i), w, s.Cluster)
		d.checkWaitAOF(root, root.Field("workloads").Item(i), w, s.Cluster)
		d.checkSpec(root, root.Field("workloads").Item(i), w, s.Cluster)
	}
	d.checkBulk(root, s)
	d.checkDirectives(cluster.Field("config"), s.Cluster.ExtraDirectives)
	d.checkCommands(cluster.Field("config"), s)
	d.checkModules(cluster.Field("config"), s.Cluster.Image)
	for i := range s.Faults {
		d.checkFault(root, i, s)
	}
	d.checkTimeline(root, s)
	d.checkSteady(root, s)
	d.checkRandom(root, s)
	d.checkContradictions(root, s)
	d.checkExpect(root, s)
	d.checkExpectSet(root, s)
}
