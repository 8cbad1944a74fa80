package prose

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/predict"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// remarksOf say what is unusual about a failover: figures out of order, and phases that took
// longer than predicted, of each the cause first that explains most.
func remarksOf(r *report.Result, f report.Failover) (remarks []string) {
	if f.Origin == report.OriginNone {
		return unpromptedRemarks(f)
	}
	for _, d := range f.Disorder {
		remarks = append(remarks, fmt.Sprintf("%s is %s before %s, which it follows: %s.", d.Early, words.Duration(d.By), d.Late, disorderText(d.Cause)))
	}
	remarks = append(remarks, phaseRemarks(f)...)
	if f.Fault != nil && f.At != nil {
		remarks = append(remarks, backAlready(f, r.Faults[*f.Fault])...)
	}
	return remarks
}

func disorderText(cause report.DisorderedCause) string {
	switch cause {
	case report.DisorderProbeLate:
		return "the probe that would have found the shard open as soon was late"
	case report.DisorderClockSet:
		return "this machine's clock was set while the run was going on"
	case report.DisorderPolled:
		return "the one is seen by asking every node in turn, the other in its log"
	default:
		return "the servers' clock and this program's do not agree"
	}
}

// backAlready tells of a master that was back before it was replaced.
func backAlready(f report.Failover, fault report.Fault) []string {
	if f.Origin != report.OriginFault || fault.Healed == nil || *fault.Healed >= *f.At {
		return nil
	}
	return []string{fmt.Sprintf("%s was back %s before the election was won, and was replaced all the same: a master that is marked as failed stays so for twice cluster-node-timeout, unless somebody takes over.",
		f.OldMaster, words.Duration(*f.At-*fault.Healed))}
}

// detail says who did what in a phase of a failover.
func detail(r *report.Result, f report.Failover, p report.Phase) string {
	switch p.Name {
	case report.SuspicionPhase:
		if p.Node == "" {
			return ""
		}
		return fmt.Sprintf("%s is the first seen to flag %s as `fail?`", p.Node, f.OldMaster)
	case report.AgreementPhase:
		if p.Node == "" {
			return "a majority of masters suspects it"
		}
		return fmt.Sprintf("%s sees a majority agree and marks it as failed", p.Node)
	case report.DelayPhase:
		return delayText(f.NewMaster, p.Delays)
	case report.VotesPhase:
		return votesText(f.Voters, r.Run.Topology.Masters)
	case report.OpeningPhase:
		return f.NewMaster + " acks its first write"
	case report.ConvergencePhase:
		if p.Node == "" {
			return ""
		}
		return fmt.Sprintf("%s is the last one that can be reached to name %s as the owner", p.Node, f.NewMaster)
	case report.ClientsPhase:
		return "the slowest workload has a write acked through the cluster client"
	default:
		return ""
	}
}

func votesText(voters []string, masters int) string {
	needed := fmt.Sprintf("%d of %d votes needed", predict.Majority(masters), masters)
	if len(voters) == 0 {
		return needed
	}
	return fmt.Sprintf("%s voted for it; %s", words.List(voters), needed)
}

// delayText says what delay the winner chose.
func delayText(winner string, delays []report.Delay) string {
	if len(delays) == 0 {
		return winner + " waits before it stands"
	}
	var parts []string
	for _, d := range delays {
		switch {
		case d.More:
			parts = append(parts, fmt.Sprintf("%s more at rank %d", words.Duration(d.At), d.Rank))
		case d.At == 0:
			parts = append(parts, fmt.Sprintf("no delay at rank %d", d.Rank))
		default:
			parts = append(parts, fmt.Sprintf("a delay of %s at rank %d", words.Duration(d.At), d.Rank))
		}
	}
	return fmt.Sprintf("%s chose %s", winner, strings.Join(parts, ", then "))
}
