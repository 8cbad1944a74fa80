package workload

import (
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
)

// readable is a writer whose keys can be read while they are written to, and tell
// what was acked before.
type readable interface {
	writer
	drive.ReadJudge
}

var (
	_ readable = register{}
	_ readable = counter{}
)

// Freshness implements readJudge.
func (r register) Freshness(int) drive.Freshness {
	return check.NewRegisterFreshness(r.Owned, r.Sizes, r.Expiry)
}

// Freshness implements readJudge.
func (c counter) Freshness(keys int) drive.Freshness {
	return check.NewCounterFreshness(c.Spread, keys)
}

// Freshness implements readJudge.
func (k values) Freshness(keys int) drive.Freshness {
	if r, ok := k.writer.(readable); ok {
		return r.Freshness(keys)
	}
	return nil
}
