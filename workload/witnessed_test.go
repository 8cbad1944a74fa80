package workload

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// judgements are the verdicts in a record.
func judgements(rec *record.Record) (all []record.Data) {
	for _, e := range rec.Events() {
		switch e.Data.(type) {
		case *record.Verified, *record.Heard, *record.Consumed, *record.Locks, *record.Linearizability:
			all = append(all, e.Data)
		}
	}
	return all
}

// witnessedSpecs is a workload of each kind that reads nothing back, with its settings.
func witnessedSpecs() map[string]scenarios.Workload {
	return map[string]scenarios.Workload{
		"pubsub": pubsubSpec(false), "sharded pubsub": pubsubSpec(true), "lock": lockSpec(), "linearizable": linearizableSpec(),
	}
}

// disturb has something go wrong that a verdict tells of.
func disturb(t *testing.T, cluster *testCluster, w *Workload) {
	rdb := cluster.clusterClient(t)
	switch w.Spec.Type {
	case "pubsub":
		must(t, rdb.ForEachMaster(t.Context(), func(ctx context.Context, node *redis.Client) error {
			return node.ClientKillByFilter(ctx, "TYPE", "pubsub").Err()
		}))
		must(t, rdb.Publish(t.Context(), w.Keys[0], "hello").Err())
	default:
		for range 10 {
			for key := range w.Keys {
				must(t, rdb.Del(t.Context(), w.Keys[key], "{"+w.Keys[key]+"}:0").Err())
			}
			time.Sleep(3 * time.Millisecond)
		}
	}
}

// What clients did and saw is judged again from their histories alone, with the same verdict.
func TestWitnessedAgain(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	for name, spec := range witnessedSpecs() {
		if l, ok := spec.Spec.(*linearizableSettings); ok {
			l.Linearizable.OpsPerKey = 10_000 // so that it is the first generation which is disturbed
		}
		kept := files{}
		w, rec, end := cluster.begin(t, spec)
		w.LeaveFilesIn(kept)
		eventually(t, "writes are acked", func() bool { _, n, _, _ := w.Progress(); return n > 100 })
		disturb(t, cluster, w)
		_, before, _, _ := w.Progress()
		eventually(t, "writes are acked after that", func() bool { _, n, _, _ := w.Progress(); return n > before+200 })
		end()
		must(t, w.Verify(t.Context()))
		want := judgements(rec)
		again, err := JudgeAgain(t.Context(), spec, "run", 1, kept.open)
		must(t, err)
		if len(want) != 1 || describe(asJudged(again)) != describe(asJudged(want)) {
			t.Errorf("%s\ngot  %s\nwant %s", name, describe(again), describe(want))
		}
		t.Logf("%s: %s", name, describe(again))
		if _, err := JudgeAgain(t.Context(), spec, "run", 1, files{}.open); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: without a file: %v", name, err)
		}
		tamperWithSection(t, spec, kept)
	}
}

// asJudged is verdicts without how long a check took, and the picture that only a run leaves.
func asJudged(all []record.Data) []record.Data {
	out := make([]record.Data, len(all))
	for i, d := range all {
		if l, ok := d.(*record.Linearizability); ok {
			without := *l
			without.Checked = 0
			if v := l.Violation; v != nil {
				violation := *v
				violation.Picture = ""
				without.Violation = &violation
			}
			d = &without
		}
		out[i] = d
	}
	return out
}

// tamperWithSection changes a file of histories with a section: it is refused by its name.
func tamperWithSection(t *testing.T, spec scenarios.Workload, kept files) {
	name := historiesName(spec.Name, "")
	content := unpack(t, kept[name].Bytes())
	other := spec
	other.Clients++
	for what, f := range map[string]struct {
		spec scenarios.Workload
		file files
		want string
	}{
		"of another workload":   {other, kept, "it is of {Workload:"},
		"cut in the end":        {spec, packed(name, content[:len(content)-1]), "ends in the middle"},
		"cut before the end":    {spec, packed(name, content[:len(content)-9]), "ends in the middle"},
		"cut in the section":    {spec, packed(name, content[:len(content)-100]), "ends in the middle"},
		"cut when packed":       {spec, files{name: bytes.NewBuffer(kept[name].Bytes()[:len(kept[name].Bytes())/2])}, "ends in the middle"},
		"with something behind": {spec, packed(name, append(content[:len(content)-9:len(content)-9], toldEnd)), "after its section"},
	} {
		_, err := JudgeAgain(t.Context(), f.spec, "run", 1, f.file.open)
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%s, %s: %v", spec.Type, what, err)
		}
	}
	leftOut := append(content[:len(content)-9:len(content)-9], toldTooMuch)
	if _, err := JudgeAgain(t.Context(), spec, "run", 1, packed(name, leftOut).open); err == nil {
		t.Errorf("%s: something is left out that is there", spec.Type)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := JudgeAgain(cancelled, spec, "run", 1, kept.open); !errors.Is(err, context.Canceled) {
		t.Errorf("%s: cancelled: %v", spec.Type, err)
	}
}

// BenchmarkSections measures what is kept of each operation, in bytes.
func BenchmarkSections(b *testing.B) {
	cluster := newTestCluster(b, 3)
	specs := witnessedSpecs()
	specs["stream with groups"] = consumedSpec(2, 2)
	alone := lockSpec()
	alone.Keys, alone.ValueSize = 10_000, units.FixedSize(16)
	specs["lock, mostly granted"] = alone
	for name, spec := range specs {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				rec := cluster.fresh(b)
				spec.Clients, spec.Rate = 16, nil
				w, err := New(spec, "run", 1, cluster, rec)
				must(b, err)
				kept := files{}
				w.LeaveFilesIn(kept)
				must(b, w.Run(context.Background(), 3*time.Second))
				must(b, w.Verify(context.Background()))
				_, acked, _, _ := w.Progress()
				size := kept[historiesName(spec.Name, "")].Bytes()
				b.ReportMetric(float64(len(size))/float64(acked), "B/operation")
				b.ReportMetric(float64(len(unpack(b, size)))/float64(acked), "unpacked-B/operation")
				b.ReportMetric(float64(acked), "ops")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
