package report

import (
	"strings"
	"testing"
)

// Clients that all wait for a dead master starve the shards that are well.
func TestStalledApplicationsAreTold(t *testing.T) {
	ms := func(v float64) *float64 { return &v }
	r := &Result{Shards: []Shard{
		{Shard: 0, UnavailableMS: ms(8000), ClientGapMS: ms(9360)},
		{Shard: 1, UnavailableMS: ms(912), ClientGapMS: ms(5350), Collateral: true},
		{Shard: 2, UnavailableMS: ms(912), ClientGapMS: ms(1500), Collateral: true},
	}}
	got := stallSentence(r)
	if !strings.HasPrefix(got, "Applications had no write acked on shards that no fault hit (1) for up to 5.35 s although these took writes") {
		t.Errorf("%q", got)
	}
	r.Shards[1].ClientGapMS = nil
	if got := stallSentence(r); got != "" {
		t.Errorf("nobody stalled: %q", got)
	}
}
