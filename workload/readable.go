package workload

import "github.com/redis-chaos/redis-chaos/workload/check"

// readable is a writer whose keys can be read while they are written to, and tell
// what was acked before.
type readable interface {
	writer
	readJudge
}

var (
	_ readable = register{}
	_ readable = counter{}
)

// freshness implements readJudge.
func (r register) freshness(int) freshness {
	return check.NewRegisterFreshness(r.Owned, r.Sizes, r.Expiry)
}

// freshness implements readJudge.
func (c counter) freshness(keys int) freshness { return check.NewCounterFreshness(c.Spread, keys) }

// freshness implements readJudge.
func (k values) freshness(keys int) freshness {
	if r, ok := k.writer.(readable); ok {
		return r.freshness(keys)
	}
	return nil
}
