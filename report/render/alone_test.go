package render_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/figures"
	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/render"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
)

// A result.json from which somebody has taken something is refused, or rendered.
func TestAResultThatLacksSomething(t *testing.T) {
	for _, name := range sample.RecordedRuns(t) {
		if name == "ten-of-thirty" { // which takes its time
			continue
		}
		var text bytes.Buffer
		if err := report.WriteJSON(&text, prose.Describe(analysis.Analyze(sample.Recorded(t, name)))); err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range 3 {
			var whole any
			if err := json.Unmarshal(text.Bytes(), &whole); err != nil {
				t.Fatal(err)
			}
			less, err := json.Marshal(without(random, whole))
			if err != nil {
				t.Fatal(err)
			}
			r, err := report.Read(bytes.NewReader(less))
			if err != nil {
				continue
			}
			for _, f := range append(render.Forms().Files, form.File("summary", render.Forms().Summary(page.TextOptions{}))) {
				if err := f.Render(io.Discard, r); err != nil {
					t.Errorf("%s, %s: %v", name, f.Name, err)
				}
			}
		}
	}
}

// A result of before some of its fields were there is told as one that has them.
func TestAResultOfAnEarlierVersion(t *testing.T) {
	for _, name := range sample.RecordedRuns(t) {
		var text, was, is bytes.Buffer
		now := prose.Describe(analysis.Analyze(sample.Recorded(t, name)))
		for i := range now.Shards {
			now.Shards[i].NoMaster = nil
		}
		if err := errors.Join(report.WriteJSON(&text, now), render.Markdown(&was, now)); err != nil {
			t.Fatal(err)
		}
		var whole map[string]any
		if err := json.Unmarshal(text.Bytes(), &whole); err != nil {
			t.Fatal(err)
		}
		for _, of := range []string{"failovers", "missed"} {
			for _, one := range whole[of].([]any) {
				delete(one.(map[string]any), "from_ms")
			}
		}
		drop(whole, "judged", "no_loss", "past", "effects", "over_ms", "timeline", "reasons", "notices", "disorder", "awaited", "never", "delays")
		earlier, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		r, err := report.Read(bytes.NewReader(earlier))
		if err != nil {
			t.Fatal(err)
		}
		if err := render.Markdown(&is, r); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(was.Bytes(), is.Bytes()) {
			t.Errorf("%s:\n%s\n\nis told as\n\n%s", name, was.String(), is.String())
		}
	}
}

// Whatever is measured of a run is measured of its result.json alone.
func TestFiguresOfAResultAlone(t *testing.T) {
	names := slices.Concat(figures.Moments(), figures.Phases(), []string{figures.Throughput})
	for _, m := range expect.Metrics() {
		names = append(names, m.Name)
	}
	for _, run := range sample.RecordedRuns(t) {
		now := prose.Describe(analysis.Analyze(sample.Recorded(t, run)))
		var text bytes.Buffer
		if err := report.WriteJSON(&text, now); err != nil {
			t.Fatal(err)
		}
		read, err := report.Read(&text)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if want, got := figures.Measure(name, now), figures.Measure(name, read); !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s: %+v, want %+v", run, name, got, want)
			}
		}
	}
}

// drop takes fields of these names away, wherever they are.
func drop(value any, names ...string) {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range names {
			delete(v, name)
		}
		for _, part := range v {
			drop(part, names...)
		}
	case []any:
		for _, part := range v {
			drop(part, names...)
		}
	}
}

// without takes parts of a value away, about one of a hundred.
func without(random *rand.Rand, value any) any {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if name != "schema" && random.IntN(100) == 0 {
				delete(v, name)
				continue
			}
			v[name] = without(random, v[name])
		}
	case []any:
		v = slices.DeleteFunc(v, func(any) bool { return random.IntN(100) == 0 })
		for i := range v {
			v[i] = without(random, v[i])
		}
		return v
	}
	return value
}
