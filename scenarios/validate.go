package scenarios

import (
	"cmp"
	"errors"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The limits of a scenario.
const (
	minMasters, maxMasters   = 3, 30
	minReplicas, maxReplicas = 0, 5
	minClients, maxClients   = 1, 10_000
	minKeys, maxKeys         = 1, 10_000_000
	maxRate                  = 1_000_000
	minPipeline, maxPipeline = 1, 1000

	// minValueSize leaves room for the id that tells one write from another.
	minValueSize = Size(8)
	// maxValueSize is what Redis itself stops at.
	maxValueSize = Size(512 << 20)

	minDuration = Duration(time.Second)
	maxDuration = Duration(24 * time.Hour)

	minProbes, maxProbes     = Duration(time.Millisecond), Duration(time.Second)
	minTopology, maxTopology = Duration(10 * time.Millisecond), Duration(10 * time.Second)
)

// imageForm is what the reference of an image is made of. Whether it is one is for an
// engine to say.
var imageForm = regexp.MustCompile(`^[A-Za-z0-9\[][A-Za-z0-9._/:@\[\]-]{0,500}$`)

// validate judges what was decoded. Values that could not be decoded have a
// problem already, and get no second one.
func (d *decoder) validate(root *node, s *Scenario) {
	d.checkName(root, s.Name)
	if root.field("duration") == nil {
		d.at(root.pos, "missing \"duration\", how long the workloads run; write duration: 40s")
	}
	checkRange(d, root.field("duration"), s.Duration, minDuration, maxDuration, "")
	checkRange(d, root.field("recovery_timeout"), s.RecoveryTimeout, minDuration, maxDuration, "")

	checkRange(d, root.field("observe").field("probes"), s.Observe.Probes, minProbes, maxProbes, "")
	checkRange(d, root.field("observe").field("topology"), s.Observe.Topology, minTopology, maxTopology, "")

	cluster := root.field("cluster")
	checkRange(d, cluster.field("masters"), s.Cluster.Masters, minMasters, maxMasters, "")
	checkRange(d, cluster.field("replicas"), s.Cluster.Replicas, minReplicas, maxReplicas, "")
	if image := cluster.field("image"); image != nil && !imageForm.MatchString(s.Cluster.Image) {
		d.blame(image, "%q is not an image; write it like %s", s.Cluster.Image, DefaultImage)
	}
	announces := []string{AnnounceAddress, AnnounceHostname}
	if announce := cluster.field("announce"); announce != nil && !slices.Contains(announces, s.Cluster.Announce) {
		d.blame(announce, "%s", unknown("announcement", s.Cluster.Announce, announces))
	}
	for i, server := range s.Cluster.DNS {
		item := cluster.field("dns").item(i)
		if cluster.field("dns").kind != listNode {
			item = cluster.field("dns")
		}
		switch addr, err := netip.ParseAddr(server); {
		case err != nil:
			d.blame(item, "%q is not the address of a name server; write it like 192.0.2.1", server)
		case addr.Zone() != "":
			d.blame(item, "%q has a zone, which names an interface of one machine, and the nodes have their own; write %s", server, addr.WithZone(""))
		}
	}
	d.checkWorkloads(root.field("workloads"), s.Workloads)
	for i, w := range s.Workloads {
		d.checkTimes(root, root.field("workloads").item(i), w, s.Duration)
		d.checkWait(root, root.field("workloads").item(i), w, s.Cluster.Replicas)
		d.checkWaitAOF(root, root.field("workloads").item(i), w, s.Cluster.Replicas)
		d.checkSpec(root, root.field("workloads").item(i), w, s.Cluster)
	}
	d.checkBulk(root, s)
	d.checkDirectives(cluster.field("config"), s.Cluster.ExtraDirectives)
	d.checkCommands(cluster.field("config"), s)
	d.checkModules(cluster.field("config"), s.Cluster.Image)
	for i := range s.Faults {
		d.checkFault(root, i, s)
	}
	d.checkExpect(root, s)
	d.checkExpectSet(root, s)
}

// checkRange blames a value that is present and out of its limits.
func checkRange[T cmp.Ordered](d *decoder, n *node, got, low, high T, why string) {
	if n == nil || got >= low && got <= high {
		return
	}
	d.blame(n, "%s", outOfRange(got, low, high, why))
}

// checkName wants the name of a scenario or workload.
func (d *decoder) checkName(n *node, name string) {
	named := n.field("name")
	if named == nil {
		prefix := ""
		if n.name != "" {
			prefix = n.name + ": "
		}
		d.at(n.pos, "%smissing \"name\"", prefix)
		return
	}
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`).MatchString(name) {
		d.blame(named, "%q is not a name; write up to 63 lower-case letters, digits and dashes, such as master-kill", name)
	}
}

func (d *decoder) checkWorkloads(list *node, workloads []Workload) {
	types := slices.Sorted(maps.Keys(d.catalog.Workloads))
	for i, w := range workloads {
		n := list.item(i)
		if n.kind != mappingNode {
			if d.sound(n) {
				d.blame(n, "no workload; write at least its name")
			}
			continue
		}
		d.checkName(n, w.Name)
		for _, other := range workloads[:i] {
			if w.Name != "" && w.Name == other.Name {
				d.blame(n.field("name"), "a second workload named %q; names must be unique", w.Name)
			}
		}
		if kind := n.field("type"); kind != nil && !slices.Contains(types, w.Type) {
			d.blame(kind, "%s", unknown("type of workload", w.Type, types))
		}
		d.checkLoad(n, w)
		d.checkDurability(n, w)
		d.checkClient(n.field("client"), w.Client)
	}
}

func (d *decoder) checkLoad(n *node, w Workload) {
	checkRange(d, n.field("clients"), w.Clients, minClients, maxClients, "")
	checkRange(d, n.field("keys"), w.Keys, minKeys, maxKeys, "")
	for _, size := range []Size{w.ValueSize.Least, w.ValueSize.Most} {
		checkRange(d, n.field("value_size"), size, minValueSize, maxValueSize, "the id that tells one write from another must fit")
	}
	d.checkRate(n.field("rate"), w.Rate)
	d.checkPipeline(n, w)
	if spread := n.field("distribution"); spread != nil {
		switch all := Distributions(); {
		case !slices.Contains(all, w.Distribution):
			d.blame(spread, "%s", unknown("distribution", w.Distribution, all))
		case w.Distribution != DistributionUniform && w.Distribution != DistributionTagged && d.sound(n.field("type")) && !w.Can(Spreads):
			d.blame(spread, "the keys of a %s each belong to one client, which takes turns at them; leave the key out, or write type: %s",
				w.Type, d.typesThat(Spreads))
		}
	}
}

// checkPipeline wants writes that can travel together.
func (d *decoder) checkPipeline(n *node, w Workload) {
	pipeline, shared, library := n.field("pipeline"), n.field("client").field("autopipeline"), n.field("client").field("library_autopipeline")
	checkRange(d, pipeline, w.Pipeline, minPipeline, maxPipeline, "")
	if library != nil && w.Client.LibraryAutopipeline && (w.Client.Autopipeline || w.Pipeline > 1) {
		d.blame(library, "go-redis makes its pipelines of single commands; leave out this key, or pipeline and autopipeline")
	}
	for _, at := range []*node{pipeline, shared, library} {
		switch {
		case at == nil || at == pipeline && w.Pipeline == 1 || at == shared && !w.Client.Autopipeline || at == library && !w.Client.LibraryAutopipeline || !d.sound(n.field("type")):
		case !w.Can(Pipelines):
			d.blame(at, "a %s sends one command at a time; leave the key out, or write type: %s", w.Type, d.typesThat(Pipelines))
		case n.field("wait") != nil:
			d.blame(at, "WAIT goes with each write, one at a time; leave out this key, or wait")
		case n.field("waitaof") != nil:
			d.blame(at, "WAITAOF goes with each write, one at a time; leave out this key, or waitaof")
		case w.Transaction:
			d.blame(at, "each write goes in a transaction of its own, one at a time; leave out this key, or transaction")
		case n.field("read_ratio") != nil:
			d.blame(at, "each read is judged by the writes that have ended before it, one at a time; leave out this key, or read_ratio")
		}
	}
}

// checkTimes wants a workload to write for some time within the run.
func (d *decoder) checkTimes(root, n *node, w Workload, run Duration) {
	start, stop, duration := n.field("start"), n.field("stop"), root.field("duration")
	if start == nil && stop == nil || duration == nil || !d.sound(duration) || !d.sound(start) || !d.sound(stop) {
		return
	}
	switch {
	case start != nil && w.Start >= run:
		d.at(culprit(start, duration), "%s starts at %v, but the run lasts only %v (duration); start it earlier or run longer", n.name, w.Start, run)
	case stop != nil && w.Stop > run:
		d.at(culprit(stop, duration), "%s stops at %v, after the end of the run at %v (duration); leave the key out, or run longer", n.name, w.Stop, run)
	case stop != nil && w.Stop <= w.Start:
		d.blame(stop, "%v is not after the start at %v; stop it later", w.Stop, w.Start)
	}
}

// defaultReadTimeout is go-redis's.
const defaultReadTimeout = Duration(5 * time.Second)

// checkWait wants a WAIT that can be answered, and before the client gives up.
func (d *decoder) checkWait(root, n *node, w Workload, replicas int) {
	wait := n.field("wait")
	if wait == nil || w.Wait == nil || !d.sound(wait) || !d.wantFields(wait, "replicas", "timeout") {
		return
	}
	asked, has := wait.field("replicas"), root.field("cluster").field("replicas")
	switch {
	case w.Wait.Replicas < 1:
		d.blame(asked, "%d is out of range; write at least 1, or leave wait out", w.Wait.Replicas)
	case w.Wait.Replicas > replicas && d.sound(has):
		at := asked.pos
		if has != nil {
			at = culprit(asked, has)
		}
		d.at(at, "%s waits for %d replicas of each write, but a master has only %d (cluster.replicas); wait for fewer or deploy more", n.name, w.Wait.Replicas, replicas)
	}
	d.checkPatience(n, wait.field("timeout"), w.Wait.Timeout, w.Client)
}

// checkBulk wants values that the servers take. They would hang up on a larger
// one, often before the client has read why.
func (d *decoder) checkBulk(root *node, s *Scenario) {
	n := root.field("cluster").field("config").field("proto-max-bulk-len")
	limit, err := ParseMemory(s.Cluster.Config.Value("proto-max-bulk-len"))
	if n == nil || err != nil {
		return // without one, it is maxValueSize; and a server says what is wrong with it
	}
	for i, w := range s.Workloads {
		if of := root.field("workloads").item(i); w.ValueSize.Most > limit && d.sound(of) {
			d.at(culprit(cmp.Or(of.field("value_size"), n), n), "%s has a value_size of %s, and the servers take at most %s (proto-max-bulk-len)", of.name, w.ValueSize, limit)
		}
	}
}

func (d *decoder) checkClient(n *node, c ClientOptions) {
	atLeast := func(name string, got *int, low int) {
		if field := n.field(name); field != nil && got != nil && *got < low {
			d.blame(field, "%d is out of range; write at least %d", *got, low)
		}
	}
	if preset := n.field("preset"); preset != nil && !slices.Contains(Presets(), c.Preset) {
		d.blame(preset, "%s", unknown("preset", c.Preset, Presets()))
	}
	atLeast("pool_size", c.PoolSize, 1)
	atLeast("min_idle_conns", c.MinIdleConns, 0)
	atLeast("max_redirects", c.MaxRedirects, 0)
}

func (d *decoder) checkFault(root *node, i int, s *Scenario) {
	n, f := root.field("faults").item(i), s.Faults[i]
	duration, at, length := root.field("duration"), n.field("at"), n.field("for")
	if duration != nil && d.sound(duration) && at != nil && d.sound(at) {
		switch {
		case f.At >= s.Duration:
			d.at(culprit(at, duration), "%s is at %v, but the run lasts only %v (duration); start it earlier or run longer", n.name, f.At, s.Duration)
		case length != nil && d.sound(length) && f.For > s.Duration-f.At:
			d.at(culprit(length, at, duration), "%s is at %v for %v, and so outlives the run of %v (duration); write at most for: %v, or run longer",
				n.name, f.At, f.For, s.Duration, s.Duration-f.At)
		}
	}
	if _, momentary := f.Spec.(Momentary); momentary && length != nil {
		d.blame(length, "a %s is over once it is done, and nothing undoes it; leave the key out", f.Kind)
	}
	if _, timed := f.Spec.(Timed); timed && length == nil {
		d.at(n.pos, "%s: missing \"for\": a %s is told when it begins how long it lasts, and nothing ends it sooner; write for: 2s", n.name, f.Kind)
	}
	spec := n.field(f.Kind)
	if f.Spec == nil || !d.sound(spec) || !d.sound(root.field("cluster")) {
		return
	}
	if err := f.Spec.Check(s.Cluster); err != nil {
		d.blameSpec(spec, err)
	}
}

// culprit is the position to blame for values that do not go together: that of
// the first one that came from --set, since the file was in order without it,
// or else that of the first one.
func culprit(nodes ...*node) position {
	for _, n := range nodes {
		if n.pos.set != "" {
			return n.pos
		}
	}
	return nodes[0].pos
}

// blameSpec puts the error of a Check at the field that it names.
func (d *decoder) blameSpec(spec *node, err error) {
	var fieldErr *FieldError
	if errors.As(err, &fieldErr) && fieldErr.Field != "" {
		field := spec
		for name := range strings.SplitSeq(fieldErr.Field, ".") {
			field = field.field(name)
		}
		if field != nil {
			d.blame(field, "%s", fieldErr.Msg)
			return
		}
	}
	d.blame(spec, "%v", err)
}
