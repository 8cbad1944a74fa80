package reasons

import (
	"cmp"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// answers is an unbroken row of like answers of a node to its probes.
type answers struct {
	span
	node   string
	shard  int
	answer string
}

// rows are all answers to probes, in order of time; the parts of long rows are joined.
func (r *Run) rows() []answers {
	var rows []answers
	last := map[string]int{} // by node
	for _, e := range r.events {
		d, ok := e.Data.(*record.Probe)
		if !ok {
			continue
		}
		if i, ok := last[d.Node]; ok && d.Continues && rows[i].answer == d.Answer && rows[i].shard == d.Shard {
			rows[i].to = d.Until
			continue
		}
		last[d.Node] = len(rows)
		rows = append(rows, answers{span{e.At, d.Until}, d.Node, d.Shard, d.Answer})
	}
	return rows
}

// gaps are the times of 100 ms and more in which no node acked the probes of a shard,
// from the first answer of its first master, or the first that did not come, to the last
// of all.
func (r *Run) gaps(shard int) (gaps []span) {
	rows := r.rows()
	reigns := r.reigns(shard)
	first := slices.IndexFunc(rows, func(a answers) bool { return a.shard == shard && len(reigns) > 0 && a.node == reigns[0].master })
	if first < 0 {
		return nil
	}
	until, end := rows[first].from, slices.MaxFunc(rows, func(a, b answers) int { return cmp.Compare(a.to, b.to) }).to
	see := func(next record.Millis) {
		if next-until >= noticeable {
			gaps = append(gaps, span{until, next})
		}
	}
	for _, row := range rows {
		if row.shard == shard && row.answer == record.ProbeAck {
			see(row.from)
			until = max(until, row.to)
		}
	}
	see(end)
	return gaps
}

// observed is the parts of a gap that count: if it had begun when the load ended, what came
// before reading back, and was seen by a program that was running.
func (r *Run) observed(gap span) []span {
	loadEnd := record.InMillis(r.Scenario.Duration.D())
	for _, e := range r.events {
		switch d := e.Data.(type) {
		case *record.WorkloadDone:
			loadEnd = max(loadEnd, d.End)
		case *record.Settled:
			gap.to = min(gap.to, e.At)
		}
	}
	if gap.from >= loadEnd {
		return nil
	}
	parts := []span{gap}
	for _, e := range r.events {
		d, ok := e.Data.(*record.Starved)
		last := &parts[len(parts)-1]
		if ok && d.For >= leastHole && e.At > last.from && e.At-d.For < last.to {
			rest := span{e.At, last.to}
			last.to = max(e.At-d.For, last.from)
			parts = append(parts, rest)
		}
	}
	return parts
}

// leastHole is how long this program must not have been run for a gap not to be told as an
// outage, in ms.
const leastHole = 500

// isSilent tells whether an answer to a probe is none, by what became of it.
func isSilent(answer string) bool {
	return slices.Contains([]string{"refused", "reset", "unreachable", "timeout"}, answer)
}
