package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/page"
)

// outageSentences tell of the outages that no failover and no missed one tells of: the
// longest of each cause, and how many shards had one.
func outageSentences(r *Result) []string {
	type group struct {
		longest Outage
		shards  []string
	}
	groups := map[Cause]*group{}
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
	causes := slices.SortedFunc(maps.Keys(groups), func(a, b Cause) int {
		return cmp.Or(cmp.Compare(groups[b].longest.length(), groups[a].longest.length()), cmp.Compare(a, b))
	})
	var sentences []string
	for _, cause := range causes {
		g := groups[cause]
		slices.SortFunc(g.shards, byNumber)
		subject := "Shard " + g.shards[0] + " was"
		if len(g.shards) > 1 {
			subject = "Shards " + list(g.shards) + " were"
		}
		what := "unavailable for writes"
		if cause == OutageStarved {
			what = "not seen to take writes"
		}
		subject = fmt.Sprintf("%s %s for up to %s, from %s on", subject, what, Duration(g.longest.length()), Duration(g.longest.FromMS))
		sentences = append(sentences, subject+": "+becauseOfParts(g.longest)+".")
	}
	return sentences
}

// because is the cause of an outage in words.
func because(o Outage) string {
	value := func(name string) string {
		if v := directiveIn(o.Evidence, name); v != "" {
			return " " + v
		}
		return ""
	}
	switch o.Cause {
	case OutageMasterDown:
		return fmt.Sprintf("%s was %s", o.Node, o.first("fault").Past)
	case OutageClientsCutOff:
		return fmt.Sprintf("%s was cut off from its clients, and not from the other nodes", o.Node)
	case OutageDied:
		return fmt.Sprintf("%s %s at %s, and no fault had ended it", o.Node, ended(o.first("incident")), Duration(o.first("incident").ms()))
	case OutageIncident:
		return fmt.Sprintf("%s was %s at %s, and no fault had done that", o.Node, o.first("incident").Name, Duration(o.first("incident").ms()))
	case OutageCoverage:
		return uncoveredText(o.of("uncovered")) + fmt.Sprintf(", and with cluster-require-full-coverage%s the whole cluster stops then", value("cluster-require-full-coverage"))
	case OutageNoMajority:
		return "its master did not reach a majority of masters (CLUSTERDOWN): " + awayText(o.Evidence)
	case OutageRejoining:
		who := "most masters were back"
		if faults := o.of("fault"); len(faults) == 1 || len(faults) == 0 {
			who = o.Node + " was back"
		}
		return who + ", and a master then waits for cluster-node-timeout, at most 5 s, before it serves again (CLUSTERDOWN)"
	case OutageMinReplicas:
		return fmt.Sprintf("min-replicas-to-write%s was not met (NOREPLICAS)", value("min-replicas-to-write"))
	case OutageOutOfMemory:
		return fmt.Sprintf("maxmemory%s was reached, and nothing could be evicted (OOM)", value("maxmemory"))
	case OutageOutOfClients:
		return fmt.Sprintf("its master had as many connections as maxclients%s allows", value("maxclients"))
	case OutageDisk:
		return "its master could not write to its disk (MISCONF)"
	case OutageReadOnly:
		return "its master answered as a replica (READONLY)"
	case OutageLoading:
		return "its master was loading its data (LOADING)"
	case OutageNoPermission:
		return "its master did not permit the probes (" + strings.ToUpper(o.first("probes").Name) + ")"
	case OutageClusterDown:
		return "its master answered CLUSTERDOWN; the record does not show why"
	case OutageManual:
		return fmt.Sprintf("its master held writes back for %s, which was told to take over", o.first("fault").Node)
	case OutageRedirected:
		return "its master redirected to a node that did not take them (MOVED)"
	case OutageResolver:
		return "its master announces names, and waited for a name server"
	case OutageStarved:
		return fmt.Sprintf("this program itself was not run for %s", Duration(o.first("starved").forMS()))
	case OutageEventLoop:
		text := "its master took connections in and answered nothing, and no fault had hit it: its event loop was blocked, or its machine busy"
		if logged := o.of("log"); len(logged) > 0 {
			text += " (" + quotes(logged) + ")"
		}
		return text
	case OutageNotResponding:
		return "its master could not be reached, and no fault had hit it"
	default:
		return "the cause is unknown"
	}
}

// ended is how a server came to be gone: "died", or "was removed".
func ended(incident Evidence) string {
	return Incident{Action: IncidentAction(incident.Name)}.text()
}

// awayText tells what kept masters away: faults, and what happened without any.
func awayText(evidence []Evidence) string {
	var parts []string
	if faults := ofKind(evidence, "fault"); len(faults) > 0 {
		parts = append(parts, fmt.Sprintf("%s was %s", list(nodesOf(faults)), faults[0].Past))
	}
	for _, e := range ofKind(evidence, "incident") {
		parts = append(parts, fmt.Sprintf("%s %s", e.Node, ended(e)))
	}
	return strings.Join(parts, ", ")
}

// uncoveredText tells which shards had no master, from when to when: the one that explains
// most, and how many more.
func uncoveredText(shards []Evidence) string {
	if len(shards) == 0 {
		return "another shard had no master"
	}
	first := shards[0]
	text := fmt.Sprintf("%s (slots %s) had no master from %s to %s", first.Name, first.Value, Duration(first.ms()), Duration(first.ms()+first.forMS()))
	if more := int64(len(shards) - 1); more > 0 {
		text += ", as " + plural(more, "other shard") + " for a while"
	}
	return text
}

// becauseOfParts is the causes of an outage in words, in order, each with how long it was one.
func becauseOfParts(o Outage) string {
	if len(o.Causes) == 0 {
		return because(o)
	}
	var parts []string
	for _, p := range o.Causes {
		parts = append(parts, fmt.Sprintf("for %s: %s", Duration(p.ToMS-p.FromMS), because(Outage{Shard: o.Shard, FromMS: p.FromMS, ToMS: p.ToMS, Finding: p.Finding})))
	}
	return strings.Join(parts, "; then ")
}

// mostOutages is how many outages a page lists.
const mostOutages = 40

// outages lists the outages of all shards.
func outages(r *Result) page.Section {
	s := page.Section{
		Title:   "Outages",
		Intro:   "Every gap of over 100 ms in which no node accepted the probes of a shard. The answers are those of its masters, the longest first.",
		Columns: page.Columns(">shard", ">from", ">took", "answers", "why"),
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
		s.Rows = append(s.Rows, []string{fmt.Sprint(o.Shard), Duration(o.FromMS), "**" + Duration(o.length()) + "**", strings.Join(answers, ", "), becauseOfParts(o)})
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
