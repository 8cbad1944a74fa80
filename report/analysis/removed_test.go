package analysis

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// What a server counts that it removed itself is no lost write, and what was flushed is one of
// its own kind; a counter says nothing of what was acked after it rose.
func TestWhatServersRemoveThemselves(t *testing.T) {
	zero := sample.Counters(10, "b", "1", record.Counters{})
	for name, test := range map[string]struct {
		events                 []record.Event
		ttl                    units.Duration
		cause                  report.Cause
		lost, evicted, expired int64
		evidence               string
	}{
		"evicted": {events: []record.Event{zero, sample.Counters(4000, "b", "1", record.Counters{EvictedKeys: 7}), sample.Counters(5000, "b", "1", record.Counters{EvictedKeys: 9})},
			cause: report.RemovedEvicted, evicted: 40, evidence: "counter evicted_keys +9"},
		"evicted before":       {events: []record.Event{zero, sample.Counters(900, "b", "1", record.Counters{EvictedKeys: 7})}, cause: report.CauseUnknown, lost: 40},
		"evicted by another":   {events: []record.Event{sample.Counters(10, "c", "1", record.Counters{}), sample.Counters(4000, "c", "1", record.Counters{EvictedKeys: 7})}, cause: report.CauseUnknown, lost: 40},
		"as it was":            {events: []record.Event{sample.Counters(10, "b", "1", record.Counters{EvictedKeys: 7}), sample.Counters(4000, "b", "1", record.Counters{EvictedKeys: 7})}, cause: report.CauseUnknown, lost: 40},
		"after another start":  {events: []record.Event{sample.Counters(10, "b", "1", record.Counters{EvictedKeys: 7}), sample.Counters(4000, "b", "2", record.Counters{EvictedKeys: 2})}, cause: report.RemovedEvicted, evicted: 40, evidence: "counter evicted_keys +2"},
		"expired":              {events: []record.Event{zero, sample.Counters(4000, "b", "1", record.Counters{ExpiredKeys: 3})}, cause: report.RemovedExpired, expired: 40, evidence: "counter expired_keys +3"},
		"expired, of our own":  {events: []record.Event{zero, sample.Counters(4000, "b", "1", record.Counters{ExpiredKeys: 3})}, ttl: 1, cause: report.CauseUnknown, lost: 40},
		"flushed":              {events: []record.Event{zero, sample.Counters(4000, "b", "1", record.Counters{Flushes: 1})}, cause: report.LossFlushed, lost: 40, evidence: "counter flushes +1"},
		"slots moved":          {events: []record.Event{zero, sample.Counters(4000, "b", "1", record.Counters{SlotChanges: 2})}, cause: report.LossSlotsMoved, lost: 40, evidence: "counter slot_changes +2"},
		"nobody removed a key": {events: []record.Event{zero}, cause: report.CauseUnknown, lost: 40},
	} {
		s := sample.OneFault()
		s.Workloads[0].Spec = shortLived(test.ttl)
		r := Analyze(s, sample.LossRun(test.events...))
		w := r.Workloads[0].Writes
		if *w.Lost != test.lost || *w.Evicted != test.evicted || *w.Expired != test.expired || *r.Writes.Lost != test.lost || *r.Writes.Evicted != test.evicted {
			t.Errorf("%s: lost %d, evicted %d, expired %d", name, *w.Lost, *w.Evicted, *w.Expired)
		}
		all := append(append([]report.Loss{}, w.Losses...), w.Removed...)
		if len(all) != 1 || all[0].Cause != test.cause || all[0].Count != 40 {
			t.Errorf("%s: %+v", name, all)
			continue
		}
		if test.evidence != "" {
			if e := all[0].Evidence[0]; e.Kind+" "+e.Name+" "+e.Value != test.evidence {
				t.Errorf("%s rests on %+v, want %s", name, e, test.evidence)
			}
		}
		if test.lost == 0 && (w.LossWindow != nil || len(w.LostByShard) > 0 || *w.LostRatio != 0) {
			t.Errorf("%s: nothing is lost, and yet %v, %v", name, w.LossWindow, w.LostByShard)
		}
	}
}

// Without the servers' counters it is not known what they removed.
func TestRemovedIsNotKnownWithoutCounters(t *testing.T) {
	r := Analyze(sample.OneFault(), sample.LossRun())
	if w := r.Writes; w.Evicted != nil || w.Expired != nil || *w.Lost != 40 {
		t.Errorf("%+v", w)
	}
}

// Of a counter it is known how many writes are lost, and not which: they are put down to what
// happened to the shard, where that is one thing.
func TestLossesThatHaveNoDates(t *testing.T) {
	died := sample.At(5000, &record.NodeEvent{Node: "b", Action: "die"})
	for name, test := range map[string]struct {
		more []record.Event
		want report.Cause
	}{
		"it died":          {[]record.Event{died}, report.LossDied},
		"nothing happened": {nil, report.CauseUnknown},
		"it evicted":       {[]record.Event{sample.Counters(10, "b", "1", record.Counters{}), sample.Counters(6000, "b", "1", record.Counters{EvictedKeys: 7})}, report.RemovedEvicted},
		"another one died": {[]record.Event{sample.At(5000, &record.NodeEvent{Node: "c", Action: "die"})}, report.CauseUnknown},
	} {
		events := sample.LossRun(test.more...)
		for _, e := range events {
			if v, ok := e.Data.(*record.Verified); ok {
				v.Losses, v.LossWindow = nil, nil
			}
		}
		w := Analyze(sample.OneFault(), events).Workloads[0].Writes
		all := append(append([]report.Loss{}, w.Losses...), w.Removed...)
		if len(all) != 1 || all[0].Cause != test.want || all[0].Count != 40 || !all[0].Undated {
			t.Errorf("%s: %+v, want %s", name, all, test.want)
		}
	}
}

// What a master acked before it was cut off, and later, is lost by one thing.
func TestUndatedLossesOfAMasterThatWasCutOff(t *testing.T) {
	events := sample.AFailover()
	for _, e := range events {
		if a, ok := e.Data.(*record.Acks); ok && a.Node == "a" {
			a.Until = 3000
		}
	}
	events = append(events, sample.At(8900, &record.Verified{Name: "w", Checked: 8, Lost: 3, LostByShard: map[int]int64{0: 3}}))
	losses := Analyze(sample.OneFault(), events).Workloads[0].Writes.Losses
	if len(losses) != 1 || losses[0].Cause != report.LossAckedWhileCutOff || losses[0].Count != 3 || losses[0].Fault == nil {
		t.Errorf("%+v", losses)
	}
}

// shortLived is the settings of a workload whose values last for a time.
type shortLived units.Duration

func (shortLived) Traits() []trait.Trait   { return nil }
func (l shortLived) Lasts() units.Duration { return units.Duration(l) }
