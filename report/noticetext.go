package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// noticeText is a notice in words.
func noticeText(r *Result, n Notice) string {
	of := fmt.Sprintf("Workload %s: ", n.Workload)
	switch n.Kind {
	case NoticeRecorded:
		return n.Text
	case NoticeRecordEnds:
		return fmt.Sprintf("The record ends at %s, before the run does.", optional(n.MS)) + lacksText(n.Lacks)
	case NoticeImageBuilt:
		return imageText(r)
	case NoticeInjectedLate:
		return lateText(r, n, "injected")
	case NoticeHealedLate:
		return lateText(r, n, "healed")
	case NoticeClockSet:
		return clockText(n)
	case NoticeSetNotJudged:
		return "`expect_set` is about repeats (`chaos run --repeat`): it is not judged by a single run."
	case NoticeFalseFailover:
		f := r.Failovers[*n.Failover]
		return fmt.Sprintf("Shard %d failed over from %s to %s although no fault had hit %s: a false failover.", f.Shard, f.OldMaster, f.NewMaster, f.OldMaster)
	case NoticeNotWhole:
		within := scenarios.Duration(milliseconds(n.ForMS) * float64(time.Millisecond))
		return fmt.Sprintf("The cluster was not whole %s after the last fault healed: %s.", within, n.Text)
	case NoticeUnsent:
		return of + fmt.Sprintf("%d writes were due by the end and not sent, because all its clients were busy.", n.Count)
	case NoticeFailedApplied:
		return of + fmt.Sprintf("%d writes were refused and are there all the same.", n.Count)
	case NoticeDuplicated:
		return of + fmt.Sprintf("%s, of writes that were applied more than once.", plural(n.Count, "duplicate"))
	case NoticeOutOfOrder:
		return of + fmt.Sprintf("%s out of order, applied after a later one of the same client to the same key.", plural(n.Count, "write"))
	case NoticeUnread:
		return of + fmt.Sprintf("%d acked writes could not be read back (%s): how many of them are lost is not known.", n.Count, n.Text)
	case NoticeForeign:
		return of + fmt.Sprintf("%d values are there that it never wrote.", n.Count)
	case NoticeNoRate:
		return fmt.Sprintf("Workload %s publishes as fast as it can, having no rate: a server disconnects a subscriber that does not keep up (client-output-buffer-limit pubsub).", n.Workload)
	case NoticeUnsubscribed:
		return of + fmt.Sprintf("its subscribers were still without a subscription to %s in the end, all together.", plural(n.Count, "channel"))
	case NoticeLatenciesDamaged:
		return of + fmt.Sprintf("the latencies of %s are damaged in the record, and left out.", plural(n.Count, "second"))
	case NoticeStaleReads:
		return of + fmt.Sprintf("%s older than what had been acked before, of %s.", plural(n.Count, "read"), Count(n.Of))
	case NoticeStrangeReads:
		return of + fmt.Sprintf("%s of what it never wrote.", plural(n.Count, "read"))
	default:
		return n.Text
	}
}

func imageText(r *Result) string {
	server := r.Run.Server
	if server.Asked != "" && server.Asked != server.Image {
		return fmt.Sprintf("The image %s could not be had; %s, built from this machine's %s, was used instead.", server.Asked, server.Image, server.Built)
	}
	return fmt.Sprintf("The server image %s was built from this machine's %s.", server.Image, server.Built)
}

func lateText(r *Result, n Notice, what string) string {
	return fmt.Sprintf("faults[%d] (%s) was %s %s late, because this program was not run when it was due.", *n.Fault, r.Faults[*n.Fault].Kind, what, optional(n.ForMS))
}

func clockText(n Notice) string {
	way := "forward"
	if milliseconds(n.ForMS) < 0 {
		way = "back"
	}
	return fmt.Sprintf("This machine's wall clock was set %s by %s shortly before %s, as it is when a machine was suspended or its time is corrected. Servers on it go by that clock: they suspect peers, and count time that nothing else saw.",
		way, Duration(math.Abs(milliseconds(n.ForMS))), optional(n.MS))
}

// lacksText says what a record does not hold; "" if it lacks nothing.
func lacksText(lacks []Lack) string {
	var parts []string
	for _, l := range lacks {
		what := map[LackKind]string{
			LackCounts: "what the workloads counted", LackRecovery: "whether the cluster recovered", LackLosses: "whether acked writes are lost",
			LackVerdicts: "what the clients' histories show", LackReceivers: "what subscribers and consumer groups got",
			LackLogs: "the servers' logs, and so election_ms and promoted_ms as these tell them",
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
