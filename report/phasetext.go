package report

import (
	"fmt"
	"strings"
)

// phaseRemarks tell of phases that took longer than predicted.
func phaseRemarks(f Failover) (remarks []string) {
	names := false
	for _, p := range f.Phases {
		if len(p.Findings) == 0 {
			continue
		}
		var causes []string
		for _, finding := range p.Findings {
			names = names || finding.Cause == PhaseResolver
			causes = append(causes, phaseText(finding, f.FromMS+p.FromMS))
		}
		remarks = append(remarks, fmt.Sprintf("The %s took %s, %s more than the configuration accounts for: %s.",
			p.Name, Duration(p.TookMS), Duration(p.excess()), strings.Join(causes, "; ")))
	}
	if names {
		remarks = append(remarks, namesStall(f.OldMaster))
	}
	return remarks
}

// unpromptedRemarks say in words what the record shows of a failover that nothing asked for.
func unpromptedRemarks(f Failover) (remarks []string) {
	for _, finding := range f.Findings {
		if flag := finding.first("flag"); flag.MS != nil {
			replaced := ""
			if f.AtMS != nil {
				replaced = ", and replaced at " + Duration(*f.AtMS)
			}
			remarks = append(remarks, fmt.Sprintf("%s was first flagged at %s%s.", flag.Node, Duration(flag.ms()), replaced))
		}
	}
	for _, finding := range f.Findings {
		switch silent := finding.first("probes"); {
		case finding.Cause == CauseUnknown:
			remarks = append(remarks, "The record does not show why.")
		case silent.MS != nil:
			remarks = append(remarks, fmt.Sprintf("%s answered nothing from %s to %s (%s).", silent.Node, Duration(silent.ms()), Duration(silent.ms()+silent.forMS()), Duration(silent.forMS())))
		default:
			remarks = append(remarks, sentence(phaseText(finding, 0)))
		}
	}
	return remarks
}

// phaseText is a cause of a phase that began at a moment in words.
func phaseText(f Finding, began float64) string {
	switch f.Cause {
	case PhaseStarved:
		return fmt.Sprintf("this machine was starved: this program itself was not run for %s", Duration(f.first("starved").forMS()))
	case PhaseNodesSilent, PhaseResolver:
		return silentNodesText(f)
	case PhaseNoMajority:
		return fmt.Sprintf("so many masters were away (%s) that no majority was left", list(nodesOf(f.of("fault"))))
	case PhaseStillAnswering:
		when := "may have answered now and then"
		if answered := f.first("probes"); answered.MS != nil {
			when = "still answered at " + Duration(answered.ms()+answered.forMS())
		}
		return fmt.Sprintf("%s was %s, and %s", f.Node, f.first("fault").Past, when)
	case PhaseReplicaDown:
		return fmt.Sprintf("%s itself was %s", f.Node, f.first("fault").Past)
	case PhaseNoLink:
		link := f.first("link")
		return fmt.Sprintf("%s had no link to its master from %s to %s, and its data may have been too old until then", f.Node, Duration(link.ms()), Duration(link.ms()+link.forMS()))
	case PhaseMasterAway:
		return fmt.Sprintf("%s, which was %s, did not hear of it", f.Node, f.first("fault").Past)
	case PhaseScheduled:
		due := f.first("log")
		return fmt.Sprintf("%s had scheduled an election already, for %s", f.Node, Duration(due.ms()+due.forMS()))
	case PhaseClientsCutOff:
		return fmt.Sprintf("%s was cut off from clients", f.Node)
	case PhaseStoodBefore:
		return stoodBeforeText(f, began)
	case PhaseRefused:
		answer := f.first("probes")
		text := fmt.Sprintf("it answered %s for %s", answerName(answer.Name), Duration(answer.forMS()))
		if answer.Name == "clusterdown" {
			text += ", and the record does not show why"
		}
		return text
	case PhaseCoverage:
		return fmt.Sprintf("it answered CLUSTERDOWN for %s, %s", Duration(f.first("probes").forMS()), untilCovered(f))
	case PhaseRejoining:
		text := fmt.Sprintf("it answered CLUSTERDOWN for %s: ", Duration(f.first("probes").forMS()))
		if ready := f.first("log"); ready.MS != nil {
			return text + fmt.Sprintf("it had been started at %s, and waits for cluster-node-timeout, 2 s at the least and about 5 s at the most, before it serves", Duration(ready.ms()))
		}
		return text + "most masters had been away, and then a master waits for cluster-node-timeout, at most 5 s, before it serves again"
	case PhaseElectionExpired, PhaseBlocked, PhaseVotesRefused, PhaseSlow:
		return quotes(f.of("log"))
	default:
		return "the record does not show what held it up"
	}
}

// untilCovered says which shard had no master for longest of those that all others waited for.
func untilCovered(f Finding) string {
	others := f.of("uncovered")
	if len(others) == 0 {
		return "while another shard had no master"
	}
	last := others[0]
	text := fmt.Sprintf("until %s had a master, too, at %s", last.Name, Duration(last.ms()+last.forMS()))
	if len(others) > 1 {
		text = fmt.Sprintf("while %d other shards had no master; the last to get one was %s, at %s", len(others), last.Name, Duration(last.ms()+last.forMS()))
	}
	return text + ": with cluster-require-full-coverage yes (the default) all shards wait for each other"
}

// silentNodesText tells of nodes that no fault had hit and that did not respond.
func silentNodesText(f Finding) string {
	silent := f.of("probes")
	longest := silent[0]
	return fmt.Sprintf("%s did not respond for up to %s at a time, without any fault (%s answered nothing from %s to %s)",
		list(nodesOf(silent)), Duration(longest.forMS()), longest.Node, Duration(longest.ms()), Duration(longest.ms()+longest.forMS()))
}

// namesStall says why nodes that announce names do not respond when one is lost.
func namesStall(lost string) string {
	return fmt.Sprintf("With cluster-announce-ip set to a name, a server looks up the name of every node that it has lost (here %s) again and again, and its main thread waits for the resolver each time: announce addresses.", lost)
}

// quotes are log lines as they stand.
func quotes(lines []Evidence) string {
	var all []string
	for _, l := range lines {
		all = append(all, fmt.Sprintf("%s logged at %s “%s”", l.Node, Duration(l.ms()), quoted(l)))
	}
	return strings.Join(all, "; ")
}
