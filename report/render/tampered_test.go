package render_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/render"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/sample"
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
		for range 8 {
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
			for _, form := range append(render.Forms(), render.Form{Name: "summary", Render: render.Text(page.TextOptions{})}) {
				if err := form.Render(io.Discard, r); err != nil {
					t.Errorf("%s, %s: %v", name, form.Name, err)
				}
			}
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
