package prose

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// LossText is the cause of a loss in words.
func LossText(l report.Loss) string {
	switch l.Cause {
	case report.LossNotReplicated:
		return "not yet replicated to the new master"
	case report.LossAckedWhileCutOff:
		return "acked by a master that was cut off, and discarded when it came back"
	case report.LossWinnerDropped:
		return "the new master had been dropped for its output buffer limit, and was not in sync"
	case report.LossWinnerResyncing:
		return "a full resynchronization of the new master was under way"
	case report.LossWinnerRestarted:
		return "the new master had been restarted, and was not in sync yet"
	case report.LossWinnerStale:
		return fmt.Sprintf("the new master had lost its link before, and cluster-replica-validity-factor %s let it stand", report.DirectiveIn(l.Evidence, "cluster-replica-validity-factor"))
	case report.LossWinnerNotInSync:
		return "the new master was not in sync"
	case report.LossForcedFailover:
		return "a replica took over without asking its master"
	case report.LossNotSynced:
		text := "the server lost power before they were fsynced"
		if policy := report.DirectiveIn(l.Evidence, "appendfsync"); policy != "" {
			text += fmt.Sprintf(" (appendfsync %s)", policy)
		}
		return text
	case report.LossFilesDamaged:
		return "the server came back without its files, or on damaged ones"
	case report.LossDied:
		return "the server died, and came back without them"
	case report.LossFlushed:
		return "the data set was flushed"
	case report.LossSlotsMoved:
		return "slots were given to another node by hand"
	case report.LossWrongClock:
		return "their keys expired early, by the wrong clock of their master"
	case report.RemovedEvicted:
		return fmt.Sprintf("evicted by %s", cmp.Or(report.DirectiveIn(l.Evidence, "maxmemory-policy"), "its master"))
	case report.RemovedExpired:
		return "expired"
	default:
		return "unknown"
	}
}

// lossCauses is how acked writes were lost, the most first; "" if none was, or if it is
// not known of all of them.
func lossCauses(r *report.Result) string {
	counts := map[string]int64{}
	var known int64
	for _, w := range r.Workloads {
		for _, l := range w.Writes.Losses {
			counts[LossText(l)] += l.Count
			known += l.Count
		}
	}
	if r.Writes.Lost == nil || known != *r.Writes.Lost || known == 0 {
		return ""
	}
	texts := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	if len(texts) == 1 {
		return ": " + texts[0]
	}
	for i, text := range texts {
		texts[i] = words.Count(counts[text]) + " " + text
	}
	return ": " + strings.Join(texts, "; ")
}

func lossSentence(w report.Writes, causes string) string {
	switch {
	case w.Judged == 0:
		return "No write was acked."
	case w.Lost == nil && w.LostAtLeast != nil && *w.LostAtLeast > 0:
		return fmt.Sprintf("At least %s of %s acked writes were lost; %s.", words.Count(*w.LostAtLeast), words.Count(w.Judged), unreadText(w.Unread()))
	case w.Lost == nil && w.Unverified > 0:
		return fmt.Sprintf("How many acked writes were lost is not known: %s.", unreadText(w.Unread()))
	case w.Lost == nil:
		return fmt.Sprintf("%s writes were acked; they were not all read back, so losses are unknown.", words.Count(w.Judged))
	case *w.Lost == 0:
		return fmt.Sprintf("No acked write was lost, of %s.", words.Count(w.Judged)) + removedSentence(w)
	case w.LossWindow == nil || w.LostRatio == nil:
		return fmt.Sprintf("%s of %s acked writes were lost%s.", words.Count(*w.Lost), words.Count(w.Judged), causes) + removedSentence(w)
	default:
		return fmt.Sprintf("%s of %s acked writes were lost (%s), acked between %s and %s%s.", words.Count(*w.Lost), words.Count(w.Judged),
			words.Percent(*w.LostRatio), words.Duration(w.LossWindow[0]), words.Duration(w.LossWindow[1]), causes) + removedSentence(w)
	}
}

// removedSentence tells of what the servers removed themselves; "" if they did not.
func removedSentence(w report.Writes) string {
	text := ""
	if w.Evicted != nil && *w.Evicted > 0 {
		text += fmt.Sprintf(" %s acked writes were evicted.", words.Count(*w.Evicted))
	}
	if w.Expired != nil && *w.Expired > 0 {
		text += fmt.Sprintf(" %s acked writes expired.", words.Count(*w.Expired))
	}
	return text
}
