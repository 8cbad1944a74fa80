package prose

import (
	"fmt"
	"math"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Notice is a notice in words.
func Notice(r *report.Result, n report.Notice) string {
	of := fmt.Sprintf("Workload %s: ", n.Workload)
	switch n.Kind {
	case report.NoticeRecorded:
		return n.Text
	case report.NoticeRecordEnds:
		return fmt.Sprintf("The record ends at %s, before the run does.", words.Optional(n.At)) + lacksText(n.Lacks)
	case report.NoticeImageBuilt:
		return imageText(r)
	case report.NoticeInjectedLate:
		return lateText(r, n, "injected")
	case report.NoticeHealedLate:
		return lateText(r, n, "healed")
	case report.NoticeSteadyLate:
		return fmt.Sprintf("The cluster was steady only at %s: the timeline is %s later than the scenario has it.", words.Optional(n.At), words.Optional(n.For))
	case report.NoticeFaultDiffers:
		return differsText(r, n)
	case report.NoticeClockSet:
		return clockText(n)
	case report.NoticeSetNotJudged:
		return "`expect_set` is about repeats (`chaos run --repeat`): it is not judged by a single run."
	case report.NoticeFalseFailover:
		f := r.Failovers[*n.Failover]
		return fmt.Sprintf("Shard %d failed over from %s to %s although no fault had hit %s: a false failover.", f.Shard, f.OldMaster, f.NewMaster, f.OldMaster)
	case report.NoticeNewID:
		return fmt.Sprintf("%s is another node to the cluster from %s on: its ID is %s.", n.Node, words.Optional(n.At), n.Text)
	case report.NoticeNewAddress:
		return fmt.Sprintf("%s is at %s from %s on.", n.Node, n.Text, words.Optional(n.At))
	case report.NoticeNotWhole:
		within := units.Duration(report.OrZero(n.For).D())
		return fmt.Sprintf("The cluster was not whole %s after the last fault healed: %s.", within, n.Text)
	case report.NoticeKeysRemoved:
		return fmt.Sprintf("Removed %s of this run from the cluster, which goes on; 0 left.", words.Plural(n.Count, "key"))
	case report.NoticeKeysLeft:
		return fmt.Sprintf("Removed %s of this run from the cluster, which goes on; some may be left: %s.", words.Plural(n.Count, "key"), n.Text)
	case report.NoticeResultAlone:
		text := "The record of the run (events.ndjson) is not there: this report is made of its result.json, as that stands. Nothing was measured anew, and there is no latency.hlog but the run's own."
		if r.Timeline == nil {
			text += " There is no timeline: the result is of an earlier version."
		}
		return text
	case report.NoticeUnsent:
		return of + fmt.Sprintf("%d writes were due by the end and not sent, because all its clients were busy.", n.Count)
	case report.NoticeFailedApplied:
		return of + fmt.Sprintf("%d writes were refused and are there all the same.", n.Count)
	case report.NoticeDuplicated:
		return of + fmt.Sprintf("%s, of writes that were applied more than once.", words.Plural(n.Count, "duplicate"))
	case report.NoticeOutOfOrder:
		return of + fmt.Sprintf("%s out of order, applied after a later one of the same client to the same key.", words.Plural(n.Count, "write"))
	case report.NoticeUnread:
		return of + fmt.Sprintf("%d acked writes could not be read back (%s): how many of them are lost is not known.", n.Count, n.Text)
	case report.NoticeForeign:
		return of + fmt.Sprintf("%d values are there that it never wrote.", n.Count)
	case report.NoticeNoRate:
		return fmt.Sprintf("Workload %s publishes as fast as it can, having no rate: a server disconnects a subscriber that does not keep up (client-output-buffer-limit pubsub).", n.Workload)
	case report.NoticeUnsubscribed:
		return of + fmt.Sprintf("its subscribers were still without a subscription to %s in the end, all together.", words.Plural(n.Count, "channel"))
	case report.NoticeLatenciesDamaged:
		return of + fmt.Sprintf("the latencies of %s are damaged in the record, and left out.", words.Plural(n.Count, "second"))
	case report.NoticeStaleReads:
		return of + fmt.Sprintf("%s older than what had been acked before, of %s.", words.Plural(n.Count, "read"), words.Count(n.Of))
	case report.NoticeStrangeReads:
		return of + fmt.Sprintf("%s of what it never wrote.", words.Plural(n.Count, "read"))
	default:
		return n.Text
	}
}

func imageText(r *report.Result) string {
	server := r.Run.Server
	if server.Asked != "" && server.Asked != server.Image {
		return fmt.Sprintf("The image %s could not be had; %s, built from this machine's %s, was used instead.", server.Asked, server.Image, server.Built)
	}
	return fmt.Sprintf("The server image %s was built from this machine's %s.", server.Image, server.Built)
}

func lateText(r *report.Result, n report.Notice, what string) string {
	return fmt.Sprintf("faults[%d] (%s) was %s %s late, because this program was not run when it was due.", r.Faults[*n.Fault].StepIndex(*n.Fault), Kind(r.Faults[*n.Fault]), what, words.Optional(n.For))
}

func differsText(r *report.Result, n report.Notice) string {
	f := r.Faults[*n.Fault]
	var parts []string
	for _, m := range f.Measured {
		if m.Differs {
			parts = append(parts, m.Node+": "+Measured(m))
		}
	}
	text := fmt.Sprintf("faults[%d] (%s) did not do what was asked for. %s.", f.StepIndex(*n.Fault), Kind(f), strings.Join(parts, ". "))
	if n.For != nil {
		text += fmt.Sprintf(" This program was not run for %s meanwhile: the machine was busy.", words.Optional(n.For))
	}
	return text
}

func clockText(n report.Notice) string {
	way := "forward"
	if report.OrZero(n.For) < 0 {
		way = "back"
	}
	return fmt.Sprintf("This machine's wall clock was set %s by %s shortly before %s, as it is when a machine was suspended or its time is corrected. Servers on it go by that clock: they suspect peers, and count time that nothing else saw.",
		way, words.Duration(record.Millis(math.Abs(float64(report.OrZero(n.For))))), words.Optional(n.At))
}

// lacksText says what a record does not hold; "" if it lacks nothing.
func lacksText(lacks []report.Lack) string {
	var parts []string
	for _, l := range lacks {
		what := map[report.LackKind]string{
			report.LackCounts: "what the workloads counted", report.LackRecovery: "whether the cluster recovered", report.LackLosses: "whether acked writes are lost",
			report.LackVerdicts: "what the clients' histories show", report.LackReceivers: "what subscribers and consumer groups got",
			report.LackLogs: "the servers' logs, and so election_ms and promoted_ms as these tell them",
		}[l.What]
		if len(l.Workloads) > 0 {
			what += " (" + strings.Join(l.Workloads, ", ") + ")"
		}
		parts = append(parts, what)
	}
	if len(parts) == 0 {
		return ""
	}
	return " It does not hold: " + strings.Join(parts, "; ") + "."
}
