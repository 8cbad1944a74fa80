package record

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What can be read of a record can be written and read again, and is the same; what cannot
// be read is counted.
func FuzzSalvage(f *testing.F) {
	text, err := os.ReadFile(filepath.Join("..", "testdata", "master-kill", "events.ndjson"))
	if err != nil {
		f.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range bytes.Lines(text) {
		if e, err := parse(line); err == nil && e.Data != nil && !seen[e.Data.Type()] {
			seen[e.Data.Type()] = true
			f.Add(line)
		}
	}
	f.Add([]byte("{\"ms\":1,\"type\":\"unknown\",\"data\":{}}\n{\"ms\":1}\nnull\n\n[]\n\xff\n{\"ms\":1e999,\"type\":\"note\",\"data\":{}}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		events, damage, err := Salvage(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(text, []byte("\n")) + 1; len(events)+damage.Lines > lines {
			t.Errorf("%d events and %d damaged ones in %d lines", len(events), damage.Lines, lines)
		}
		if (damage.Lines > 0) != (damage.First != nil) || len(damage.Notes()) == 0 && damage.Lines > 0 {
			t.Errorf("%+v", damage)
		}
		var again strings.Builder
		for _, e := range events {
			line, err := json.Marshal(e)
			if err != nil {
				t.Fatalf("%+v cannot be written: %v", e.Data, err)
			}
			again.Write(append(line, '\n'))
		}
		second, damage, err := Salvage(strings.NewReader(again.String()))
		if err != nil || damage.Lines > 0 || len(second) != len(events) {
			t.Errorf("read again, %d of %d events, %+v, %v", len(second), len(events), damage, err)
		}
	})
}
