package analysis_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// A record in which lines are missing, and others stand that nobody wrote, is analysed
// whatever these say.
func FuzzAnalyze(f *testing.F) {
	s, whole := sample.Recorded(f, "master-kill")
	_, partition := sample.Recorded(f, "master-partition")
	seen := map[string]bool{}
	for _, e := range append(whole, partition...) {
		line, err := json.Marshal(e)
		if err != nil {
			f.Fatal(err)
		}
		if !seen[e.Data.Type()] {
			seen[e.Data.Type()] = true
			f.Add([]byte{byte(len(seen))}, string(line)+"\n"+string(line))
		}
	}
	f.Add([]byte{}, `{"ms":7000,"type":"fault","data":{"index":-1,"kind":"kill","phase":"requested"}}`)
	f.Add([]byte{}, `{"ms":7000,"type":"probe","data":{"node":"x","shard":-9,"answer":"ack","until_ms":-1e300,"count":-5}}`)
	f.Add([]byte{}, `{"ms":1e308,"type":"run_started","data":{"masters":-1,"shards":[{"shard":-5,"slots":"x-y"}]}}`)
	// The bits of missing say which events of the record are left out.
	f.Fuzz(func(t *testing.T, missing []byte, lines string) {
		var events []record.Event
		for i, e := range whole {
			if i/8 >= len(missing) || missing[i/8]&(1<<(i%8)) == 0 {
				events = append(events, e)
			}
		}
		more, _, err := record.Salvage(strings.NewReader(lines))
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, more...)
		r := prose.Describe(analysis.Analyze(s, events))
		if r.Verdict == report.Pass && (r.Writes.Lost == nil || *r.Writes.Lost < 0) {
			t.Errorf("passed with %v lost writes", r.Writes.Lost)
		}
		var text bytes.Buffer
		if err := report.WriteJSON(&text, r); err != nil { // as a figure that is no number would
			t.Errorf("%v", err)
		}
		if err := render.Markdown(io.Discard, r); err != nil {
			t.Error(err)
		}
	})
}
