package workload

import "github.com/redis-chaos/redis-chaos/workload/check"

// readable is a writer whose keys can be read while they are written to, and tell
// what was acked before.
type readable interface {
	writer
	// freshness remembers what was acked of a number of keys.
	freshness(keys int) freshness
}

var (
	_ readable = register{}
	_ readable = counter{}
)

// freshness implements readable.
func (r register) freshness(int) freshness {
	return check.NewRegisterFreshness(r.Owned, r.Sizes, r.Expiry)
}

// freshness implements readable.
func (c counter) freshness(keys int) freshness { return check.NewCounterFreshness(c.Spread, keys) }
