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

	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
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
	minValueSize = units.Size(8)
	// maxValueSize is what Redis itself stops at.
	maxValueSize = units.Size(512 << 20)

	minDuration = units.Duration(time.Second)
	maxDuration = units.Duration(24 * time.Hour)

	minProbes, maxProbes     = units.Duration(time.Millisecond), units.Duration(time.Second)
	minTopology, maxTopology = units.Duration(10 * time.Millisecond), units.Duration(10 * time.Second)
)

// imageForm is what the reference of an image is made of. Whether it is one is for an
// engine to say.
var imageForm = regexp.MustCompile(`^[A-Za-z0-9\[][A-Za-z0-9._/:@\[\]-]{0,500}$`)

// validate judges what was decoded. Values that could not be decoded have a
// problem already, and get no second one.
func (d *decoder) validate(root *document.Node, s *Scenario) {
	d.checkName(root, s.Name)
	if root.Field("duration") == nil {
		d.At(root.Pos, "missing \"duration\", how long the workloads run; write duration: 40s")
	}
	checkRange(d, root.Field("duration"), s.Duration, minDuration, maxDuration, "")
	checkRange(d, root.Field("recovery_timeout"), s.RecoveryTimeout, minDuration, maxDuration, "")

	checkRange(d, root.Field("observe").Field("probes"), s.Observe.Probes, minProbes, maxProbes, "")
	checkRange(d, root.Field("observe").Field("topology"), s.Observe.Topology, minTopology, maxTopology, "")

	cluster := root.Field("cluster")
	checkRange(d, cluster.Field("masters"), s.Cluster.Masters, minMasters, maxMasters, "")
	checkRange(d, cluster.Field("replicas"), s.Cluster.Replicas, minReplicas, maxReplicas, "")
	if image := cluster.Field("image"); image != nil && !imageForm.MatchString(s.Cluster.Image) {
		d.Blame(image, "%q is not an image; write it like %s", s.Cluster.Image, DefaultImage)
	}
	announces := []string{AnnounceAddress, AnnounceHostname}
	if announce := cluster.Field("announce"); announce != nil && !slices.Contains(announces, s.Cluster.Announce) {
		d.Blame(announce, "%s", suggest.Unknown("announcement", s.Cluster.Announce, announces))
	}
	for i, server := range s.Cluster.DNS {
		item := cluster.Field("dns").Item(i)
		if cluster.Field("dns").Kind != document.List {
			item = cluster.Field("dns")
		}
		switch addr, err := netip.ParseAddr(server); {
		case err != nil:
			d.Blame(item, "%q is not the address of a name server; write it like 192.0.2.1", server)
		case addr.Zone() != "":
			d.Blame(item, "%q has a zone, which names an interface of one machine, and the nodes have their own; write %s", server, addr.WithZone(""))
		}
	}
	d.checkWorkloads(root.Field("workloads"), s.Workloads)
	for i, w := range s.Workloads {
		d.checkTimes(root, root.Field("workloads").Item(i), w, s.Duration)
		d.checkWait(root, root.Field("workloads").Item(i), w, s.Cluster.Replicas)
		d.checkWaitAOF(root, root.Field("workloads").Item(i), w, s.Cluster.Replicas)
		d.checkSpec(root, root.Field("workloads").Item(i), w, s.Cluster)
	}
	d.checkBulk(root, s)
	d.checkDirectives(cluster.Field("config"), s.Cluster.ExtraDirectives)
	d.checkCommands(cluster.Field("config"), s)
	d.checkModules(cluster.Field("config"), s.Cluster.Image)
	for i := range s.Faults {
		d.checkFault(root, i, s)
	}
	d.checkExpect(root, s)
	d.checkExpectSet(root, s)
}

// checkRange blames a value that is present and out of its limits.
func checkRange[T cmp.Ordered](d *decoder, n *document.Node, got, low, high T, why string) {
	if n == nil || got >= low && got <= high {
		return
	}
	d.Blame(n, "%s", outOfRange(got, low, high, why))
}

// checkName wants the name of a scenario or workload.
func (d *decoder) checkName(n *document.Node, name string) {
	named := n.Field("name")
	if named == nil {
		prefix := ""
		if n.Name != "" {
			prefix = n.Name + ": "
		}
		d.At(n.Pos, "%smissing \"name\"", prefix)
		return
	}
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`).MatchString(name) {
		d.Blame(named, "%q is not a name; write up to 63 lower-case letters, digits and dashes, such as master-kill", name)
	}
}

func (d *decoder) checkWorkloads(list *document.Node, workloads []Workload) {
	types := slices.Sorted(maps.Keys(d.catalog.Workloads))
	for i, w := range workloads {
		n := list.Item(i)
		if n.Kind != document.Mapping {
			if d.Sound(n) {
				d.Blame(n, "no workload; write at least its name")
			}
			continue
		}
		d.checkName(n, w.Name)
		for _, other := range workloads[:i] {
			if w.Name != "" && w.Name == other.Name {
				d.Blame(n.Field("name"), "a second workload named %q; names must be unique", w.Name)
			}
		}
		if kind := n.Field("type"); kind != nil && !slices.Contains(types, w.Type) {
			d.Blame(kind, "%s", suggest.Unknown("type of workload", w.Type, types))
		}
		d.checkLoad(n, w)
		d.checkDurability(n, w)
		d.checkClient(n.Field("client"), w.Client)
		d.checkLibrary(n, w)
	}
}

func (d *decoder) checkLoad(n *document.Node, w Workload) {
	checkRange(d, n.Field("clients"), w.Clients, minClients, maxClients, "")
	checkRange(d, n.Field("keys"), w.Keys, minKeys, maxKeys, "")
	for _, size := range []units.Size{w.ValueSize.Least, w.ValueSize.Most} {
		checkRange(d, n.Field("value_size"), size, minValueSize, maxValueSize, "the id that tells one write from another must fit")
	}
	d.checkRate(n.Field("rate"), w.Rate)
	d.checkPipeline(n, w)
	if spread := n.Field("distribution"); spread != nil {
		switch all := Distributions(); {
		case !slices.Contains(all, w.Distribution):
			d.Blame(spread, "%s", suggest.Unknown("distribution", w.Distribution, all))
		case w.Distribution != DistributionUniform && w.Distribution != DistributionTagged && d.Sound(n.Field("type")) && !w.Can(trait.Spreads):
			d.Blame(spread, "the keys of a %s each belong to one client, which takes turns at them; leave the key out, or write type: %s",
				w.Type, d.typesThat(trait.Spreads))
		}
	}
}

// checkPipeline wants writes that can travel together.
func (d *decoder) checkPipeline(n *document.Node, w Workload) {
	pipeline, shared, library := n.Field("pipeline"), n.Field("client").Field("autopipeline"), n.Field("client").Field("library_autopipeline")
	checkRange(d, pipeline, w.Pipeline, minPipeline, maxPipeline, "")
	if library != nil && w.Client.LibraryAutopipeline && (w.Client.Autopipeline || w.Pipeline > 1) {
		d.Blame(library, "go-redis makes its pipelines of single commands; leave out this key, or pipeline and autopipeline")
	}
	for _, at := range []*document.Node{pipeline, shared, library} {
		switch {
		case at == nil || at == pipeline && w.Pipeline == 1 || at == shared && !w.Client.Autopipeline || at == library && !w.Client.LibraryAutopipeline || !d.Sound(n.Field("type")):
		case !w.Can(trait.Pipelines):
			d.Blame(at, "a %s sends one command at a time; leave the key out, or write type: %s", w.Type, d.typesThat(trait.Pipelines))
		case n.Field("wait") != nil:
			d.Blame(at, "WAIT goes with each write, one at a time; leave out this key, or wait")
		case n.Field("waitaof") != nil:
			d.Blame(at, "WAITAOF goes with each write, one at a time; leave out this key, or waitaof")
		case w.Transaction:
			d.Blame(at, "each write goes in a transaction of its own, one at a time; leave out this key, or transaction")
		case n.Field("read_ratio") != nil:
			d.Blame(at, "each read is judged by the writes that have ended before it, one at a time; leave out this key, or read_ratio")
		}
	}
}

// checkTimes wants a workload to write for some time within the run.
func (d *decoder) checkTimes(root, n *document.Node, w Workload, run units.Duration) {
	start, stop, duration := n.Field("start"), n.Field("stop"), root.Field("duration")
	if start == nil && stop == nil || duration == nil || !d.Sound(duration) || !d.Sound(start) || !d.Sound(stop) {
		return
	}
	switch {
	case start != nil && w.Start >= run:
		d.At(culprit(start, duration), "%s starts at %v, but the run lasts only %v (duration); start it earlier or run longer", n.Name, w.Start, run)
	case stop != nil && w.Stop > run:
		d.At(culprit(stop, duration), "%s stops at %v, after the end of the run at %v (duration); leave the key out, or run longer", n.Name, w.Stop, run)
	case stop != nil && w.Stop <= w.Start:
		d.Blame(stop, "%v is not after the start at %v; stop it later", w.Stop, w.Start)
	}
}

// defaultReadTimeout is go-redis's.
const defaultReadTimeout = units.Duration(5 * time.Second)

// checkWait wants a WAIT that can be answered, and before the client gives up.
func (d *decoder) checkWait(root, n *document.Node, w Workload, replicas int) {
	wait := n.Field("wait")
	if wait == nil || w.Wait == nil || !d.Sound(wait) || !d.wantFields(wait, "replicas", "timeout") {
		return
	}
	asked, has := wait.Field("replicas"), root.Field("cluster").Field("replicas")
	switch {
	case w.Wait.Replicas < 1:
		d.Blame(asked, "%d is out of range; write at least 1, or leave wait out", w.Wait.Replicas)
	case w.Wait.Replicas > replicas && d.Sound(has):
		at := asked.Pos
		if has != nil {
			at = culprit(asked, has)
		}
		d.At(at, "%s waits for %d replicas of each write, but a master has only %d (cluster.replicas); wait for fewer or deploy more", n.Name, w.Wait.Replicas, replicas)
	}
	d.checkPatience(n, wait.Field("timeout"), w.Wait.Timeout, w.Client)
}

// checkBulk wants values that the servers take. They would hang up on a larger
// one, often before the client has read why.
func (d *decoder) checkBulk(root *document.Node, s *Scenario) {
	n := root.Field("cluster").Field("config").Field("proto-max-bulk-len")
	limit, err := units.ParseMemory(s.Cluster.Config.Value("proto-max-bulk-len"))
	if n == nil || err != nil {
		return // without one, it is maxValueSize; and a server says what is wrong with it
	}
	for i, w := range s.Workloads {
		if of := root.Field("workloads").Item(i); w.ValueSize.Most > limit && d.Sound(of) {
			d.At(culprit(cmp.Or(of.Field("value_size"), n), n), "%s has a value_size of %s, and the servers take at most %s (proto-max-bulk-len)", of.Name, w.ValueSize, limit)
		}
	}
}

func (d *decoder) checkClient(n *document.Node, c ClientOptions) {
	atLeast := func(name string, got *int, low int) {
		if field := n.Field(name); field != nil && got != nil && *got < low {
			d.Blame(field, "%d is out of range; write at least %d", *got, low)
		}
	}
	if preset := n.Field("preset"); preset != nil && !slices.Contains(Presets(), c.Preset) {
		d.Blame(preset, "%s", suggest.Unknown("preset", c.Preset, Presets()))
	}
	atLeast("pool_size", c.PoolSize, 1)
	atLeast("min_idle_conns", c.MinIdleConns, 0)
	atLeast("max_redirects", c.MaxRedirects, 0)
}

// checkLibrary wants a client library that can do what is asked of it.
func (d *decoder) checkLibrary(n *document.Node, w Workload) {
	library := w.Client.Library
	at := n.Field("client").Field("library")
	if at == nil || !d.Sound(at) {
		return
	}
	lacks, known := d.catalog.Libraries[library]
	if !known {
		d.Blame(at, "%s", suggest.Unknown("client library", library, slices.Sorted(maps.Keys(d.catalog.Libraries))))
		return
	}
	for _, lack := range lacks {
		key, typ, ofType := strings.Cut(lack, ": ")
		cannot := n.At(key)
		switch {
		case cannot == nil:
		case !ofType:
			d.Blame(cannot, "%s cannot do this; leave the key out, or write library: %s", library, DefaultLibrary)
		case typ == w.Type:
			d.Blame(cannot, "%s cannot do what a workload of type %s does; write another type, or library: %s", library, typ, DefaultLibrary)
		}
	}
}

func (d *decoder) checkFault(root *document.Node, i int, s *Scenario) {
	n, f := root.Field("faults").Item(i), s.Faults[i]
	duration, at, length := root.Field("duration"), n.Field("at"), n.Field("for")
	if duration != nil && d.Sound(duration) && at != nil && d.Sound(at) {
		switch {
		case f.At >= s.Duration:
			d.At(culprit(at, duration), "%s is at %v, but the run lasts only %v (duration); start it earlier or run longer", n.Name, f.At, s.Duration)
		case length != nil && d.Sound(length) && f.For > s.Duration-f.At:
			d.At(culprit(length, at, duration), "%s is at %v for %v, and so outlives the run of %v (duration); write at most for: %v, or run longer",
				n.Name, f.At, f.For, s.Duration, s.Duration-f.At)
		}
	}
	if _, momentary := f.Spec.(Momentary); momentary && length != nil {
		d.Blame(length, "a %s is over once it is done, and nothing undoes it; leave the key out", f.Kind)
	}
	if _, timed := f.Spec.(Timed); timed && length == nil {
		d.At(n.Pos, "%s: missing \"for\": a %s is told when it begins how long it lasts, and nothing ends it sooner; write for: 2s", n.Name, f.Kind)
	}
	spec := n.Field(f.Kind)
	if f.Spec == nil || !d.Sound(spec) || !d.Sound(root.Field("cluster")) {
		return
	}
	if err := f.Spec.Check(s.Cluster); err != nil {
		d.blameSpec(spec, err)
	}
}

// culprit is the position to blame for values that do not go together: that of
// the first one that came from --set, since the file was in order without it,
// or else that of the first one.
func culprit(nodes ...*document.Node) document.Position {
	for _, n := range nodes {
		if n.Pos.Set != "" {
			return n.Pos
		}
	}
	return nodes[0].Pos
}

// blameSpec puts the error of a Check at the field that it names.
func (d *decoder) blameSpec(spec *document.Node, err error) {
	var fieldErr *FieldError
	if errors.As(err, &fieldErr) && fieldErr.Field != "" {
		field := spec
		for name := range strings.SplitSeq(fieldErr.Field, ".") {
			field = field.Field(name)
		}
		if field != nil {
			d.Blame(field, "%s", fieldErr.Msg)
			return
		}
	}
	d.Blame(spec, "%v", err)
}
