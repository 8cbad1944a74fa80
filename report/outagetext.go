package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// outageSentences tell of the outages that no failover and no missed one tells of: the
// longest of each cause, and how many shards had one.
func outageSentences(r *Result) []string {
	type group struct {
		longest Outage
		shards  []string
	}
	groups := map[Why]*group{}
	for _, o := range r.Outages {
		if o.Cause == OutageMasterDown {
			continue
		}
		g := groups[o.Cause]
		if g == nil {
			g = &group{longest: o}
			groups[o.Cause] = g
		}
		if o.length() > g.longest.length() {
			g.longest = o
		}
		if name := fmt.Sprint(o.Shard); !slices.Contains(g.shards, name) {
			g.shards = append(g.shards, name)
		}
	}
	causes := slices.SortedFunc(maps.Keys(groups), func(a, b Why) int {
		return cmp.Or(cmp.Compare(groups[b].longest.length(), groups[a].longest.length()), cmp.Compare(a, b))
	})
	var sentences []string
	for _, cause := range causes {
		g := groups[cause]
		slices.Sort(g.shards)
		subject := fmt.Sprintf("Shard %s was unavailable for writes for up to %s, from %s on", g.shards[0], Duration(g.longest.length()), Duration(g.longest.FromMS))
		if len(g.shards) > 1 {
			subject = fmt.Sprintf("Shards %s were unavailable for writes for up to %s, from %s on", few(g.shards), Duration(g.longest.length()), Duration(g.longest.FromMS))
		}
		sentences = append(sentences, subject+": "+because(g.longest)+".")
	}
	return sentences
}

// because is the cause of an outage in words.
func because(o Outage) string {
	value := func(name string) string {
		for _, e := range o.Evidence {
			if e.Kind == "directive" && e.Name == name {
				return " " + e.Value
			}
		}
		return ""
	}
	of := func(kind string) (e Evidence) {
		if i := slices.IndexFunc(o.Evidence, func(e Evidence) bool { return e.Kind == kind }); i >= 0 {
			e = o.Evidence[i]
		}
		return e
	}
	switch o.Cause {
	case OutageMasterDown:
		e := of("fault")
		return fmt.Sprintf("%s was %s", e.Node, past(e.Name))
	case OutageCoverage:
		return fmt.Sprintf("%s had no master, and with cluster-require-full-coverage%s the whole cluster stops then", of("outage").Name, value("cluster-require-full-coverage"))
	case OutageNoMajority:
		return "its master did not reach a majority of masters (CLUSTERDOWN)"
	case OutageRejoining:
		return "its master was back, and waits for cluster-node-timeout, at most 5 s, before it serves again (CLUSTERDOWN)"
	case OutageMinReplicas:
		return fmt.Sprintf("min-replicas-to-write%s was not met (NOREPLICAS)", value("min-replicas-to-write"))
	case OutageOutOfMemory:
		return fmt.Sprintf("maxmemory%s was reached, and nothing could be evicted (OOM)", value("maxmemory"))
	case OutageDisk:
		return "its master could not write to its disk (MISCONF)"
	case OutageReadOnly:
		return "its master answered as a replica (READONLY)"
	case OutageLoading:
		return "its master was loading its data (LOADING)"
	case OutageNoPermission:
		return "its master did not permit the probes (" + strings.ToUpper(of("probes").Name) + ")"
	case OutageClusterDown:
		return "its master answered CLUSTERDOWN; the record does not show why"
	case OutageManual:
		return fmt.Sprintf("its master held writes back for %s, which was told to take over", of("fault").Node)
	case OutageResolver:
		return "its master announces names, and waited for a name server"
	case OutageNotResponding:
		return "its master did not respond, and no fault had hit it"
	default:
		return "the cause is unknown"
	}
}

// mostOutages is how many outages a page lists.
const mostOutages = 40

// outages lists the outages of all shards.
func outages(r *Result) section {
	s := section{
		Title:   "Outages",
		Intro:   "Every gap of over 100 ms in which no node accepted the probes of a shard. The answers are those of its masters, the longest first.",
		Columns: columns(">shard", ">from", ">took", "answers", "why"),
	}
	shown := slices.Clone(r.Outages)
	if len(shown) > mostOutages {
		slices.SortStableFunc(shown, func(a, b Outage) int { return cmp.Compare(b.length(), a.length()) })
		s.Outro = fmt.Sprintf("The longest %d of %d; result.json has all.", mostOutages, len(shown))
		shown = shown[:mostOutages]
	}
	for _, o := range shown {
		var answers []string
		for _, answer := range o.longestAnswers() {
			answers = append(answers, fmt.Sprintf("%s %s", answerName(answer), Duration(o.Answers[answer])))
		}
		s.Rows = append(s.Rows, []string{fmt.Sprint(o.Shard), Duration(o.FromMS), "**" + Duration(o.length()) + "**", strings.Join(answers, ", "), because(o)})
	}
	return s
}

// answerName is an answer to a probe as a person reads it.
func answerName(answer string) string {
	if answer == "silent" {
		return "none"
	}
	return strings.ToUpper(answer)
}
