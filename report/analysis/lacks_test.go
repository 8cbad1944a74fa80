package analysis

import (
	"fmt"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/analysis/observed"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// A run that was killed tells what is missing.
func TestContentionIsMissing(t *testing.T) {
	s, events := sample.Contended(nil, nil)
	got := fmt.Sprint(lacksOf(observed.Of(s, events[:3]), s))
	if want := "[{counts [w leases registers]} {recovery []} {losses [w]} {verdicts [leases registers]} {logs []}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
