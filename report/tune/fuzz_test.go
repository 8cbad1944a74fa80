package tune

import (
	"io"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/page"
)

// FuzzRead has files that were tampered with read, decided and rendered: each is refused, or
// does no harm.
func FuzzRead(f *testing.F) {
	few := simulate(1)
	few.runs, few.trials = 3, 2
	for _, s := range []*Tune{few.sweep("1s"), given(Point{Values: []string{"1s"}, Rejected: "no"}, few.point("2s")), {Schema: Schema}} {
		s.Decide()
		var b strings.Builder
		if err := writeJSON(&b, s); err != nil {
			f.Fatal(err)
		}
		f.Add(b.String())
	}
	f.Add(`{"schema":"redis-chaos/tune/v1","parameters":[{"path":"a","values":["1"]}],"points":[{"values":["1"],"failures":[{"runs":[{"values":{"failover_time":1e-300}},{"values":{"failover_time":1e300}},{"values":{"failover_time":"never"}}]}],
		"hiccups":[{"trials":[{"length_ms":1e-300},{"length_ms":1e300,"failed":true}],"threshold":{"n":2,"l05_ms":1e-300,"l05_ci_ms":[null,1e300]}}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := read(strings.NewReader(text), 1<<20)
		if err != nil {
			return
		}
		s.Decide()
		for form, write := range forms() {
			if err := write(io.Discard, s); err != nil {
				t.Errorf("%s: %v", form, err)
			}
		}
		if err := Forms().Summary(page.TextOptions{Colour: true})(io.Discard, s); err != nil {
			t.Error(err)
		}
		rendered(t, s)
	})
}
