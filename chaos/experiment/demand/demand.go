// Package demand estimates what a run of a scenario takes of the machine, and knows what
// the machine has to give.
package demand

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// What things take, in bytes, as measured with Redis 7.0 on the local runtime.
const (
	tool           = 25 << 20  // this program without a workload
	server         = 14 << 20  // a server without data
	clientHere     = 64 << 10  // a client: buffers, and what it notes
	clientThere    = 20 << 10  // the same, in a server
	perNodeSecond  = 1 << 10   // of the record, which is also on disk
	database       = 400 << 10 // an empty database of Redis 7.4 and later: a table for each slot
	usualDatabases = 16        // that a server has anyway
	element        = 80        // of a server's data, beside the value
	logged         = 64        // of the append-only file, beside the value
	noted          = 4         // of a write's history

	// A value under way is built in a buffer that grows, and read back.
	underWayHere = 2.5
	// In the servers it is in the buffers of queries, of the append-only file, and of
	// replication: once on the master, and once for each replica.
	underWayThere = 1.5
)

// Demand is what a run takes at least, in bytes. Closed loops write as fast as the cluster
// takes it: what of their writes stays is counted once for each client.
type Demand struct {
	// UnderWay is the values that are being sent, with their copies here and in the servers.
	UnderWay float64
	// Data is what the servers hold, on masters and replicas.
	Data float64
	// Record is what this program notes.
	Record float64
	// Idle is what all takes without a workload.
	Idle float64
	// here is this program's part of all of that.
	here float64
	// Disk is append-only files and the record.
	Disk float64
	// Nodes is how many servers there are, each a process or a container.
	Nodes int
	// Open names the workloads of closed loops of which every write stays.
	Open []string
	// most is the workload with the most under way or as data.
	most string
}

// Memory is all that is held in memory.
func (d Demand) Memory() float64 { return d.UnderWay + d.Data + d.Record + d.Idle }

// Of estimates what a scenario takes.
func Of(s *scenarios.Scenario) Demand {
	copies := float64(1 + s.Cluster.Replicas)
	d := Demand{Nodes: s.Cluster.Masters * (1 + s.Cluster.Replicas)}
	watched := perNodeSecond * float64(d.Nodes) * seconds(s.Duration)
	d.Idle = tool + (server+reserved(s.Cluster.Config))*float64(d.Nodes)
	d.Record, d.here, d.Disk = watched, tool+watched, watched
	var most, log float64
	for _, w := range s.Workloads {
		l := loadOf(w, s.Duration)
		underWay := l.underWay * (underWayHere + underWayThere*copies)
		data := l.kept * (l.size + element) * copies
		clients := float64(w.Clients)
		d.UnderWay += underWay
		d.Data += data
		d.Record += l.notes + clients*(clientHere+clientThere)
		d.here += l.underWay*underWayHere + l.notes + clients*clientHere
		log += l.writes * (l.size + logged) * copies
		if l.grows && len(w.Rate) == 0 {
			d.Open = append(d.Open, w.Name)
		}
		if underWay+data > most {
			most, d.most = underWay+data, describe(w)
		}
	}
	d.Data = min(d.Data, maxMemory(s.Cluster.Config, d.Nodes))
	if s.Cluster.Config.Value("appendonly") == "no" {
		log = d.Data
	}
	// A file is written anew once it has doubled, and is there twice meanwhile.
	const rewrittenFrom = 64 << 20
	d.Disk += min(log, 3*max(d.Data, rewrittenFrom*float64(d.Nodes)))
	return d
}

// reserved is what a configuration has a server take before there is any data, or soon.
func reserved(config scenarios.Config) float64 {
	var bytes float64
	if backlog, err := units.ParseMemory(config.Value("repl-backlog-size")); err == nil {
		bytes += float64(backlog)
	}
	if databases, err := strconv.ParseFloat(config.Value("databases"), 64); err == nil {
		bytes += database * max(0, databases-usualDatabases)
	}
	return bytes
}

// maxMemory is what the servers of a cluster may hold by their configuration.
func maxMemory(config scenarios.Config, nodes int) float64 {
	limit, err := units.ParseMemory(config.Value("maxmemory"))
	if err != nil || limit == 0 {
		return math.Inf(1)
	}
	return float64(limit) * float64(nodes)
}

// load is what a workload does.
type load struct {
	writes   float64 // in all
	kept     float64 // values that are there in the end
	size     float64 // of a value, on average
	underWay float64 // bytes of values that are being sent
	notes    float64 // bytes that are noted of the writes
	grows    bool    // every write stays, in the servers or in the notes
}

func loadOf(w scenarios.Workload, run units.Duration) load {
	sent := float64(w.Clients * max(w.Pipeline, 1))
	l := load{
		writes: sent, size: float64(w.ValueSize.Least+w.ValueSize.Most) / 2,
		underWay: sent * float64(w.ValueSize.Most),
	}
	if len(w.Rate) > 0 {
		stop := run
		if w.Stop > 0 {
			stop = w.Stop
		}
		l.writes = w.Rate.Due(stop-w.Start) * (1 - w.ReadRatio())
	}
	l.notes, l.kept = noted*l.writes, min(float64(w.Keys), l.writes) // one value a key
	sized, ok := w.Spec.(scenarios.Sized)
	if !ok {
		return l
	}
	f := sized.Footprint(w, l.writes)
	l.kept, l.grows = f.Kept, f.Grows
	if f.Noted > 0 {
		l.notes = f.Noted
	}
	if f.Small {
		l.size, l.underWay = 0, 0
	}
	return l
}

func seconds(d units.Duration) float64 { return d.D().Seconds() }

// describe says what a workload sends at once, and how much.
func describe(w scenarios.Workload) string {
	text := fmt.Sprintf("workload %s: %d clients", w.Name, w.Clients)
	if w.Pipeline > 1 {
		text += fmt.Sprintf(" × pipeline %d", w.Pipeline)
	}
	text += fmt.Sprintf(" × %s", w.ValueSize)
	if len(w.Rate) > 0 {
		text += fmt.Sprintf(", %s", w.Rate)
	}
	return text
}

// String tells what a run takes: "6 servers, 127 MiB of memory (…), 15 MiB on disk".
func (d Demand) String() string {
	text := fmt.Sprintf("%d servers, %s of memory (%s), %s on disk", d.Nodes, inUnits(d.Memory()), d.parts(), inUnits(d.Disk))
	if len(d.Open) > 0 {
		text += fmt.Sprintf("; on top of that, what is written by the closed loop of %s", strings.Join(d.Open, ", of "))
	}
	return text
}

// parts tells what the memory is for, the most first, without what is next to nothing.
func (d Demand) parts() string {
	type part struct {
		what  string
		bytes float64
	}
	parts := []part{
		{"servers and program without a load", d.Idle},
		{"data", d.Data},
		{"values under way", d.UnderWay},
		{"clients and notes of what they did", d.Record},
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(b.bytes, a.bytes) })
	var told []string
	for _, p := range parts {
		if p.bytes >= 1<<20 {
			told = append(told, inUnits(p.bytes)+" "+p.what)
		}
	}
	return strings.Join(told, ", ")
}

func inUnits(bytes float64) string {
	for _, unit := range []struct {
		name  string
		bytes float64
	}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}} {
		if v := bytes / unit.bytes; v >= 10 || v >= 1 && unit.name == "MiB" {
			return strconv.FormatFloat(v, 'f', 0, 64) + " " + unit.name
		} else if v >= 1 {
			return strconv.FormatFloat(v, 'f', 1, 64) + " " + unit.name
		}
	}
	return "less than 1 MiB"
}
