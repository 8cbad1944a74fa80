package prose

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// clientGapSentences tell of applications that had nothing acked on shards that took writes.
func clientGapSentences(r *report.Result) (sentences []string) {
	for _, cause := range []report.Cause{report.OutageClientsOccupied, report.CauseUnknown} {
		var shards []string
		longest, by := record.Millis(0), report.Finding{}
		for _, s := range r.Shards {
			if len(s.Findings) == 0 || s.Findings[0].Cause != cause {
				continue
			}
			shards = append(shards, fmt.Sprint(s.Shard))
			if more := report.OrZero(s.ClientGap) - report.OrZero(s.Longest); more > longest {
				longest, by = more, s.Findings[0]
			}
		}
		if len(shards) == 0 {
			continue
		}
		text := fmt.Sprintf("On %s, applications had no write acked for up to %s longer than it was unavailable", shardsNamed(shards), words.Duration(longest))
		if len(shards) > 1 {
			text = fmt.Sprintf("On %s, applications had no write acked for up to %s longer than these were unavailable", shardsNamed(shards), words.Duration(longest))
		}
		if cause == report.CauseUnknown {
			sentences = append(sentences, text+"; the record does not show why.")
			continue
		}
		first := by.First("occupied")
		sentences = append(sentences, fmt.Sprintf("%s: all clients of workload %s were waiting for %s (dial_timeout, dialer_retries, read_timeout and max_redirects decide how long, clients how many can wait).", text, first.Value, first.Name))
	}
	return sentences
}

func shardsNamed(shards []string) string {
	if len(shards) == 1 {
		return "shard " + shards[0]
	}
	return "shards " + words.List(shards)
}

// outageSentences tell of the outages that no failover and no missed one tells of: the
// longest of each cause, and how many shards had one.
func outageSentences(r *report.Result) []string {
	type group struct {
		longest report.Outage
		shards  []string
	}
	groups := map[report.Cause]*group{}
	for _, o := range r.Outages {
		if o.Cause == report.OutageMasterDown {
			continue
		}
		g := groups[o.Cause]
		if g == nil {
			g = &group{longest: o}
			groups[o.Cause] = g
		}
		if o.Length() > g.longest.Length() {
			g.longest = o
		}
		if name := fmt.Sprint(o.Shard); !slices.Contains(g.shards, name) {
			g.shards = append(g.shards, name)
		}
	}
	causes := slices.SortedFunc(maps.Keys(groups), func(a, b report.Cause) int {
		return cmp.Or(cmp.Compare(groups[b].longest.Length(), groups[a].longest.Length()), cmp.Compare(a, b))
	})
	var sentences []string
	for _, cause := range causes {
		g := groups[cause]
		slices.SortFunc(g.shards, words.ByNumber)
		subject := "Shard " + g.shards[0] + " was"
		if len(g.shards) > 1 {
			subject = "Shards " + words.List(g.shards) + " were"
		}
		what := "unavailable for writes"
		if cause == report.OutageStarved {
			what = "not seen to take writes"
		}
		subject = fmt.Sprintf("%s %s for up to %s, from %s on", subject, what, words.Duration(g.longest.Length()), words.Duration(g.longest.From))
		sentences = append(sentences, subject+": "+OutageText(g.longest)+".")
	}
	return sentences
}

// because is the cause of an outage in words.
func because(o report.Outage) string {
	value := func(name string) string {
		if v := report.DirectiveIn(o.Evidence, name); v != "" {
			return " " + v
		}
		return ""
	}
	switch o.Cause {
	case report.OutageMasterDown:
		return fmt.Sprintf("%s was %s", o.Node, o.First("fault").Past)
	case report.OutageClientsCutOff:
		return fmt.Sprintf("%s was cut off from its clients, and not from the other nodes", o.Node)
	case report.OutageDied:
		return fmt.Sprintf("%s %s at %s, and no fault had ended it", o.Node, ended(o.First("incident")), words.Duration(o.First("incident").At()))
	case report.OutageIncident:
		return fmt.Sprintf("%s was %s at %s, and no fault had done that", o.Node, o.First("incident").Name, words.Duration(o.First("incident").At()))
	case report.OutageCoverage:
		return uncoveredText(o.Of("uncovered")) + fmt.Sprintf(", and with cluster-require-full-coverage%s the whole cluster stops then", value("cluster-require-full-coverage"))
	case report.OutageNoMajority:
		return "its master did not reach a majority of masters (CLUSTERDOWN): " + awayText(o.Evidence)
	case report.OutageRejoining:
		who := "most masters were back"
		if faults := o.Of("fault"); len(faults) == 1 || len(faults) == 0 {
			who = o.Node + " was back"
		}
		return who + ", and a master then waits for cluster-node-timeout, at most 5 s, before it serves again (CLUSTERDOWN)"
	case report.OutageMinReplicas:
		return fmt.Sprintf("min-replicas-to-write%s was not met (NOREPLICAS)", value("min-replicas-to-write"))
	case report.OutageOutOfMemory:
		return fmt.Sprintf("maxmemory%s was reached, and nothing could be evicted (OOM)", value("maxmemory"))
	case report.OutageOutOfClients:
		return fmt.Sprintf("its master had as many connections as maxclients%s allows", value("maxclients"))
	case report.OutageDisk:
		return "its master could not write to its disk (MISCONF)"
	case report.OutageReadOnly:
		return "its master answered as a replica (READONLY)"
	case report.OutageLoading:
		return "its master was loading its data (LOADING)"
	case report.OutageNoPermission:
		return "its master did not permit the probes (" + strings.ToUpper(o.First("probes").Name) + ")"
	case report.OutageClusterDown:
		return "its master answered CLUSTERDOWN; the record does not show why"
	case report.OutageManual:
		return fmt.Sprintf("its master held writes back for %s, which was told to take over", o.First("fault").Node)
	case report.OutageRedirected:
		return "its master redirected to a node that did not take them (MOVED)"
	case report.OutageResolver:
		return "its master announces names, and waited for a name server"
	case report.OutageStarved:
		return fmt.Sprintf("this program itself was not run for %s", words.Duration(o.First("starved").Lasted()))
	case report.OutageEventLoop:
		text := "its master took connections in and answered nothing, and no fault had hit it: its event loop was blocked, or its machine busy"
		if logged := o.Of("log"); len(logged) > 0 {
			text += " (" + quotes(logged) + ")"
		}
		return text
	case report.OutageNotResponding:
		return "its master could not be reached, and no fault had hit it"
	default:
		return "the cause is unknown"
	}
}

// awayText tells what kept masters away: faults, and what happened without any.
func awayText(evidence []report.Evidence) string {
	var parts []string
	if faults := report.OfKind(evidence, "fault"); len(faults) > 0 {
		parts = append(parts, fmt.Sprintf("%s was %s", words.List(nodesOf(faults)), faults[0].Past))
	}
	for _, e := range report.OfKind(evidence, "incident") {
		parts = append(parts, fmt.Sprintf("%s %s", e.Node, ended(e)))
	}
	return strings.Join(parts, ", ")
}

// uncoveredText tells which shards had no master, from when to when: the one that explains
// most, and how many more.
func uncoveredText(shards []report.Evidence) string {
	if len(shards) == 0 {
		return "another shard had no master"
	}
	first := shards[0]
	text := fmt.Sprintf("%s (slots %s) had no master from %s to %s", first.Name, first.Value, words.Duration(first.At()), words.Duration(first.At()+first.Lasted()))
	if more := int64(len(shards) - 1); more > 0 {
		text += ", as " + words.Plural(more, "other shard") + " for a while"
	}
	return text
}

// OutageText is the causes of an outage in words, in order, each with how long it was one.
func OutageText(o report.Outage) string {
	if len(o.Causes) == 0 {
		return because(o)
	}
	var parts []string
	for _, p := range o.Causes {
		parts = append(parts, fmt.Sprintf("for %s: %s", words.Duration(p.To-p.From), because(report.Outage{Shard: o.Shard, From: p.From, To: p.To, Finding: p.Finding})))
	}
	return strings.Join(parts, "; then ")
}

// AnswerName is an answer to a probe as a person reads it.
func AnswerName(answer string) string {
	if answer == "silent" {
		return "none"
	}
	return strings.ToUpper(answer)
}
