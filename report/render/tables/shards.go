package tables

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// changes lists the causes that were found, with what would change each.
func changes(r *report.Result) page.Section {
	s := page.Section{Title: "What would change it", Columns: page.Columns("what", "cause", "what would change it")}
	add := func(what string, f report.Finding) {
		row := []string{what, "`" + string(f.Cause) + "`", f.Change}
		if f.Change != "" && f.Cause != report.OutageMasterDown && !slices.ContainsFunc(s.Rows, func(other []string) bool { return slices.Equal(other, row) }) {
			s.Rows = append(s.Rows, row)
		}
	}
	for _, f := range r.Failovers {
		for _, p := range f.Phases {
			for _, finding := range p.Findings {
				add("the "+p.Name+" took longer than predicted", finding)
			}
		}
	}
	for _, m := range r.Missed {
		for _, finding := range m.Findings {
			add("a master was not replaced", finding)
		}
	}
	for _, o := range r.Outages {
		add("a shard took no writes", o.Finding)
		for _, p := range o.Causes {
			add("a shard took no writes", p.Finding)
		}
	}
	for _, shard := range r.Shards {
		for _, finding := range shard.Findings {
			add("applications had no write acked", finding)
		}
	}
	for _, w := range r.Workloads {
		for _, l := range slices.Concat(w.Writes.Losses, w.Writes.Removed) {
			add("acked writes are gone", l.Finding)
		}
	}
	return s
}

func availability(r *report.Result) page.Section {
	s := page.Section{Title: "Shards", Columns: page.Columns("shard", "slots", ">took no writes for", ">had no master for", ">longest without an acked workload write", "")}
	for _, shard := range r.Shards {
		hit := "hit by a fault"
		if shard.Collateral {
			hit = "no fault hit it"
		}
		s.Rows = append(s.Rows, []string{fmt.Sprint(shard.Shard), shard.Slots, figureText(shard, "unavailable_ms", shard.Unavailable), figureText(shard, "no_master_ms", shard.NoMaster), figureText(shard, "client_gap_ms", shard.ClientGap), hit})
	}
	return s
}

// mostOutages is how many outages a page lists.
const mostOutages = 40

// outages lists the outages of all shards.
func outages(r *report.Result) page.Section {
	s := page.Section{
		Title:   "Outages",
		Intro:   "Every gap of over 100 ms in which no node accepted the probes of a shard. The answers are those of its masters, the longest first.",
		Columns: page.Columns(">shard", ">from", ">took", "answers", "why"),
	}
	shown := slices.Clone(r.Outages)
	if len(shown) > mostOutages {
		slices.SortStableFunc(shown, func(a, b report.Outage) int { return cmp.Compare(b.Length(), a.Length()) })
		s.Outro = fmt.Sprintf("The longest %d of %d; result.json has all.", mostOutages, len(shown))
		shown = shown[:mostOutages]
	}
	for _, o := range shown {
		var answers []string
		for _, answer := range o.LongestAnswers() {
			answers = append(answers, fmt.Sprintf("%s %s", prose.AnswerName(answer), words.Duration(o.Answers[answer])))
		}
		s.Rows = append(s.Rows, []string{fmt.Sprint(o.Shard), words.Duration(o.From), "**" + words.Duration(o.Length()) + "**", strings.Join(answers, ", "), prose.OutageText(o)})
	}
	return s
}

// figureText is a figure for a table, or between what it is.
func figureText(s report.Shard, name string, ms *record.Millis) string {
	if bounds, ok := s.Bounds[name]; ok {
		return words.Range(&bounds)
	}
	return words.Optional(ms)
}
