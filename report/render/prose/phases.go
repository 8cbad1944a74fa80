package prose

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// sentence makes a sentence of a phrase.
func sentence(phrase string) string {
	return strings.ToUpper(phrase[:1]) + phrase[1:] + "."
}

// phaseRemarks tell of phases that took longer than predicted.
func phaseRemarks(f report.Failover) (remarks []string) {
	names := false
	for _, p := range f.Phases {
		if len(p.Findings) == 0 {
			continue
		}
		var causes []string
		for _, finding := range p.Findings {
			names = names || finding.Cause == report.PhaseResolver
			causes = append(causes, phaseText(finding, f.From+p.From))
		}
		remarks = append(remarks, fmt.Sprintf("The %s took %s, %s more than the configuration accounts for: %s.",
			p.Name, words.Duration(p.Took), words.Duration(p.Excess()), strings.Join(causes, "; ")))
	}
	if names {
		remarks = append(remarks, namesStall(f.OldMaster))
	}
	return remarks
}

// unpromptedRemarks say in words what the record shows of a failover that nothing asked for.
func unpromptedRemarks(f report.Failover) (remarks []string) {
	for _, finding := range f.Findings {
		if flag := finding.First("flag"); flag.Moment != nil {
			replaced := ""
			if f.At != nil {
				replaced = ", and replaced at " + words.Duration(*f.At)
			}
			remarks = append(remarks, fmt.Sprintf("%s was first flagged at %s%s.", flag.Node, words.Duration(flag.At()), replaced))
		}
	}
	for _, finding := range f.Findings {
		switch silent := finding.First("probes"); {
		case finding.Cause == report.CauseUnknown:
			remarks = append(remarks, "The record does not show why.")
		case silent.Moment != nil:
			remarks = append(remarks, fmt.Sprintf("%s answered nothing from %s to %s (%s).", silent.Node, words.Duration(silent.At()), words.Duration(silent.At()+silent.Lasted()), words.Duration(silent.Lasted())))
		default:
			remarks = append(remarks, sentence(phaseText(finding, 0)))
		}
	}
	return remarks
}

// phaseText is a cause of a phase that began at a moment in words.
func phaseText(f report.Finding, began record.Millis) string {
	switch f.Cause {
	case report.PhaseStarved:
		return fmt.Sprintf("this machine was starved: this program itself was not run for %s", words.Duration(f.First("starved").Lasted()))
	case report.PhaseNodesSilent, report.PhaseResolver:
		return silentNodesText(f)
	case report.PhaseNoMajority:
		return fmt.Sprintf("so many masters were away (%s) that no majority was left", words.List(nodesOf(f.Of("fault"))))
	case report.PhaseStillAnswering:
		when := "may have answered now and then"
		if answered := f.First("probes"); answered.Moment != nil {
			when = "still answered at " + words.Duration(answered.At()+answered.Lasted())
		}
		return fmt.Sprintf("%s was %s, and %s", f.Node, f.First("fault").Past, when)
	case report.PhaseReplicaDown:
		return fmt.Sprintf("%s itself was %s", f.Node, f.First("fault").Past)
	case report.PhaseNoLink:
		link := f.First("link")
		return fmt.Sprintf("%s had no link to its master from %s to %s, and its data may have been too old until then", f.Node, words.Duration(link.At()), words.Duration(link.At()+link.Lasted()))
	case report.PhaseMasterAway:
		return fmt.Sprintf("%s, which was %s, did not hear of it", f.Node, f.First("fault").Past)
	case report.PhaseScheduled:
		due := f.First("log")
		return fmt.Sprintf("%s had scheduled an election already, for %s", f.Node, words.Duration(due.At()+due.Lasted()))
	case report.PhaseClientsCutOff:
		return fmt.Sprintf("%s was cut off from clients", f.Node)
	case report.PhaseStoodBefore:
		return stoodBeforeText(f, began)
	case report.PhaseRefused:
		answer := f.First("probes")
		text := fmt.Sprintf("it answered %s for %s", AnswerName(answer.Name), words.Duration(answer.Lasted()))
		if answer.Name == "clusterdown" {
			text += ", and the record does not show why"
		}
		return text
	case report.PhaseCoverage:
		return fmt.Sprintf("it answered CLUSTERDOWN for %s, %s", words.Duration(f.First("probes").Lasted()), untilCovered(f))
	case report.PhaseRejoining:
		text := fmt.Sprintf("it answered CLUSTERDOWN for %s: ", words.Duration(f.First("probes").Lasted()))
		if ready := f.First("log"); ready.Moment != nil {
			return text + fmt.Sprintf("it had been started at %s, and waits for cluster-node-timeout, 2 s at the least and about 5 s at the most, before it serves", words.Duration(ready.At()))
		}
		return text + "most masters had been away, and then a master waits for cluster-node-timeout, at most 5 s, before it serves again"
	case report.PhaseElectionExpired, report.PhaseBlocked, report.PhaseVotesRefused, report.PhaseSlow:
		return quotes(f.Of("log"))
	default:
		return "the record does not show what held it up"
	}
}

// untilCovered says which shard had no master for longest of those that all others waited for.
func untilCovered(f report.Finding) string {
	others := f.Of("uncovered")
	if len(others) == 0 {
		return "while another shard had no master"
	}
	last := others[0]
	text := fmt.Sprintf("until %s had a master, too, at %s", last.Name, words.Duration(last.At()+last.Lasted()))
	if len(others) > 1 {
		text = fmt.Sprintf("while %d other shards had no master; the last to get one was %s, at %s", len(others), last.Name, words.Duration(last.At()+last.Lasted()))
	}
	return text + ": with cluster-require-full-coverage yes (the default) all shards wait for each other"
}

// namesStall says why nodes that announce names do not respond when one is lost.
func namesStall(lost string) string {
	return fmt.Sprintf("With cluster-announce-ip set to a name, a server looks up the name of every node that it has lost (here %s) again and again, and its main thread waits for the resolver each time: announce addresses.", lost)
}
