package workload

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// readBackSpecs is a workload of each kind that reads back, with its settings.
func readBackSpecs() map[string]scenarios.Workload {
	specs := map[string]scenarios.Workload{}
	for typ, kind := range Kinds() {
		if typ == "mixed" || slices.Contains(kind().Traits(), trait.CountsLoss) {
			specs[typ] = scenarios.Workload{Name: "w", Type: typ, Clients: 4, Keys: 12, ValueSize: sizeRange(40, 20), Spec: settingsOf(typ)}
		}
	}
	groups := consumedSpec(2, 1)
	groups.Clients, groups.Keys = 4, 12
	specs["stream with groups"] = groups
	expiring := specs["register"]
	expiring.Spec = &registerSettings{TTL: *ms(700)}
	specs["register that expires"] = expiring
	return specs
}

func sizeRange(least, more int) units.SizeRange {
	return units.SizeRange{Least: units.Size(least), Most: units.Size(least + more)}
}

// open opens what was kept.
func (f files) open(name string) (io.ReadCloser, error) {
	kept, ok := f[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(kept.Bytes())), nil
}

// The verdict that is reached again from the histories is that of the run, whatever has
// become of the keys.
func TestJudgedAgain(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	rdb := cluster.clusterClient(t)
	for name, spec := range readBackSpecs() {
		spec.Rate = scenarios.ConstantRate(1000)
		kept := files{}
		w, rec := cluster.run(t, spec, 500*time.Millisecond)
		w.LeaveFilesIn(kept)
		keys := w.Keys
		if m, ok := w.kind.(*mixed); ok {
			keys = m.parts[0].Keys
		}
		must(t, rdb.Del(t.Context(), keys[1]).Err())
		if name == "set" { // one cannot be read
			must(t, rdb.Del(t.Context(), keys[2]).Err())
			must(t, rdb.Set(t.Context(), keys[2], "of another type", 0).Err())
		}
		if name == "register that expires" {
			time.Sleep(300 * time.Millisecond)
		}
		must(t, w.Verify(t.Context()))
		found := only[*record.Verified](t, rec)
		again, err := JudgeAgain(t.Context(), spec, "run", 1, kept.open)
		must(t, err)
		if want := judgements(rec); describe(again) != describe(want) {
			t.Errorf("%s\ngot  %s\nwant %s", name, describe(again), describe(want))
		}
		if found.Lost+found.Unverified == 0 || found.Checked == 0 {
			t.Errorf("%s: %s", name, describe(found))
		}
		if _, err := JudgeAgain(t.Context(), spec, "run", 1, files{}.open); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: without a file: %v", name, err)
		}
		if name == "set" {
			tamperWithHistories(t, spec, kept, found)
		}
	}
}

// tamperWithHistories changes a file of histories: the verdict follows, or the file is
// refused by its name.
func tamperWithHistories(t *testing.T, spec scenarios.Workload, kept files, found *record.Verified) {
	const name = "histories/w.gz"
	content := unpack(t, kept[name].Bytes())
	// The first client's first write was acked; its entry comes after the lines, a byte for
	// the shard of each key, and the number of writes.
	at := bytes.IndexByte(content, '\n') + 1
	at += bytes.IndexByte(content[at:], '\n') + 1 + spec.Keys
	for content[at]&0x80 != 0 {
		at++
	}
	refused := bytes.Clone(content)
	refused[at+1] |= 2 << 6 // failed
	again, err := JudgeAgain(t.Context(), spec, "run", 1, packed(name, refused).open)
	must(t, err)
	changed := again[0].(*record.Verified)
	if changed.Checked+changed.Unverified != found.Checked+found.Unverified-1 {
		t.Errorf("with a write less that was acked: %s, and before %s", describe(changed), describe(found))
	}
	other := spec
	other.Keys++
	for what, f := range map[string]struct {
		spec scenarios.Workload
		file files
		want string
	}{
		"of another workload": {other, kept, "it is of {Workload:w"},
		"cut":                 {spec, packed(name, content[:len(content)-1]), "ends in the middle"},
		"cut when packed":     {spec, files{name: bytes.NewBuffer(kept[name].Bytes()[:100])}, "ends in the middle"},
		"empty":               {spec, files{name: &bytes.Buffer{}}, "holds no histories"},
		"something else":      {spec, packed(name, []byte("{}\n{}\n")), "begins with"},
		"without lines":       {spec, packed(name, bytes.Repeat([]byte{'x'}, 1<<20)), "has no end"},
	} {
		_, err := JudgeAgain(t.Context(), f.spec, "run", 1, f.file.open)
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := JudgeAgain(cancelled, spec, "run", 1, kept.open); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func unpack(t testing.TB, content []byte) []byte {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(content))
	must(t, err)
	all, err := io.ReadAll(zip)
	must(t, err)
	return all
}

// packed is a file of some content.
func packed(name string, content []byte) files {
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	_, _ = zip.Write(content)
	_ = zip.Close()
	return files{name: &b}
}

// madeUpHistories is the content of a file of histories, of clients that did one thing of each
// kind.
func madeUpHistories(t testing.TB, spec scenarios.Workload) []byte {
	w, err := New(spec, "run", 1, nowhere{}, record.New(record.NewClock(), io.Discard))
	must(t, err)
	for i := range w.Clients {
		for n := range 8 {
			w.Clients[i].Writes.Add(history.Outcome(n%4), record.Millis(10*n))
		}
		w.Clients[i].Writes.Ackers.Ack(0, 0, "node-0")
	}
	of := any(w.kind)
	switch k := w.kind.(type) {
	case values:
		of = k.writer
	case *pubsub:
		received := history.NewReceived(spec.Clients, spec.Keys)
		received.Subscribed(0, 0.5)
		received.Broke([]int{0}, 40.5)
		for i := range k.sent {
			for n := range uint32(8) {
				k.sent[i].Set(n, record.Millis(10*n))
				if n != 4 {
					received.Message(i, n, record.Millis(10*n+1))
				}
			}
		}
		for range k.options.Subscribers {
			k.received = append(k.received, received)
		}
	case *lock:
		for i := range k.answers {
			k.answers[i].Deny()
			for n := range int64(3) {
				at := n * 30_000_000
				k.answers[i].Grant(history.Grant{CalledNS: at, FromNS: at + 1e6, EndNS: at + 2e7, OverNS: at + 21e6, Release: history.Outcome(n), Found: history.Found(n)})
			}
		}
	case *linearizable:
		one, another := history.NewValueID(0, 1), history.NewValueID(1, 2)
		for i := range k.keys {
			for n, o := range []history.Operation{
				{Kind: history.Write, Sets: one, Answered: true}, {Kind: history.CAS, Client: 1, Sets: another, Wants: one, Found: one, Answered: true},
				{Kind: history.Read, Found: one, Answered: true}, {Kind: history.Write, Sets: history.NewValueID(0, 5), Doubts: 1},
			} {
				o.CallNS, o.OverNS, o.Node = int64(n*100), int64(n*100+50), "node-0"
				k.book.Enter(k.keys[i].Join(i), o)
			}
		}
	case *consumed:
		entries := []history.StreamEntry{{WriteID: history.WriteID{N: 1}, ID: history.PackEntryID(5, 0)}, {WriteID: history.WriteID{Client: 1, N: 7}, ID: history.PackEntryID(6, 2)}}
		for _, g := range k.groups {
			for _, kind := range []history.GroupEventKind{history.Delivered, history.AckedAll, history.Remade, history.Delivered} {
				g.got.Enter(history.GroupEvent{Kind: kind, Key: 1, Entries: entries, Foreign: 1, At: 7})
			}
		}
	}
	var content bytes.Buffer
	must(t, newKeeper(of, w.Load, openFile{&content}).close(5000))
	return unpack(t, content.Bytes())
}

// FuzzJudgeAgain has somebody tamper with histories: whatever they hold, they are judged or
// refused.
func FuzzJudgeAgain(f *testing.F) {
	specs := readBackSpecs()
	delete(specs, "mixed") // has a file for each part, which are as those of the others
	maps.Copy(specs, witnessedSpecs())
	var names []string
	for name, spec := range specs {
		spec.Clients, spec.Keys = 2, 3
		specs[name] = spec
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		content := madeUpHistories(f, specs[name])
		if _, err := JudgeAgain(f.Context(), specs[name], "run", 1, packed(historiesName(specs[name].Name, ""), content).open); err != nil {
			f.Fatal(err)
		}
		f.Add(i, content)
		told := []byte{0x80, 1, toldWrite, 0, 0, 1, toldText, 2, 'h', 'i', toldEnd, 0x82, 2, 1, 'x'}
		f.Add(i, slices.Concat(content[:len(content)-9], told, content[len(content)-9:]))
	}
	f.Fuzz(func(t *testing.T, kind int, content []byte) {
		spec := specs[names[uint(kind)%uint(len(names))]]
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		all, err := JudgeAgain(ctx, spec, "run", 1, packed(historiesName(spec.Name, ""), content).open)
		for _, v := range all {
			if _, cannot := json.Marshal(v); cannot != nil || err != nil {
				t.Errorf("%v: %v of a verdict: %v", err, cannot, v)
			}
			if v, ok := v.(*record.Verified); ok && v.Lost < 0 {
				t.Errorf("%d lost", v.Lost)
			}
		}
	})
}

// BenchmarkHistories measures what is kept of each write, in bytes.
func BenchmarkHistories(b *testing.B) {
	cluster := newTestCluster(b, 3)
	for _, typ := range []string{"set", "register", "stream"} {
		b.Run(typ, func(b *testing.B) {
			for range b.N {
				rec := cluster.fresh(b)
				w, err := New(scenarios.Workload{
					Name: "orders", Type: typ, Clients: 16, Keys: 1000, ValueSize: units.FixedSize(64),
					Pipeline: 16, Client: scenarios.ClientOptions{Autopipeline: true},
				}, "run", 1, cluster, rec)
				must(b, err)
				kept := files{}
				w.LeaveFilesIn(kept)
				must(b, w.Run(context.Background(), 3*time.Second))
				must(b, w.Verify(context.Background()))
				_, acked, _, _ := w.Progress()
				b.ReportMetric(float64(kept["histories/orders.gz"].Len())/float64(acked), "B/write")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
