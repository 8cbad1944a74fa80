package scenarios

import "time"

// Lock is how the clients of a workload of type lock use their locks.
type Lock struct {
	// TTL is after how long the server forgets a lock that nobody releases.
	TTL Duration `yaml:"ttl"`
	// Hold is how long a client keeps a lock that it was granted.
	Hold Duration `yaml:"hold"`
}

// DefaultLock is what holds where a scenario does not say how locks are used.
func DefaultLock() Lock {
	return Lock{TTL: Duration(10 * time.Second), Hold: Duration(50 * time.Millisecond)}
}

// Linearizable is how the history of a workload of type linearizable is checked.
type Linearizable struct {
	// OpsPerKey is how many operations on a key are answered before a fresh key
	// takes its place.
	OpsPerKey int `yaml:"ops_per_key"`
	// CheckTimeout bounds the check, which comes after the run.
	CheckTimeout Duration `yaml:"check_timeout"`
}

// DefaultLinearizable is what holds where a scenario does not say how it is checked.
func DefaultLinearizable() Linearizable {
	return Linearizable{OpsPerKey: 200, CheckTimeout: Duration(30 * time.Second)}
}

// The limits of both.
const (
	minTTL, maxTTL             = Duration(time.Millisecond), Duration(24 * time.Hour)
	minOpsPerKey, maxOpsPerKey = 10, 10_000
	minCheck, maxCheck         = Duration(time.Second), Duration(time.Hour)
)

// fillIn gives the types of workload whose clients contend for keys the defaults
// that are theirs alone.
func (d *decoder) fillIn(n *node, w *Workload) {
	if n.field("keys") == nil && d.catalog.Workloads[w.Type].Can(FewKeys) {
		w.Keys = DefaultFewKeys
	}
	switch {
	case w.Type == "lock" && w.Lock == nil:
		options := DefaultLock()
		w.Lock = &options
	case w.Type == "linearizable" && w.Linearizable == nil:
		options := DefaultLinearizable()
		w.Linearizable = &options
	}
}

// checkContention wants the settings of the types of workload whose clients
// contend for keys to make sense, and to be theirs.
func (d *decoder) checkContention(n *node, w Workload) {
	d.onlyFor(n, w, "lock", n.field("lock"))
	d.onlyFor(n, w, "linearizable", n.field("linearizable"))
	if w.Type == "lock" && w.Lock != nil {
		d.checkLock(n.field("lock"), *w.Lock)
	}
	if options := n.field("linearizable"); w.Linearizable != nil {
		checkRange(d, options.field("ops_per_key"), w.Linearizable.OpsPerKey, minOpsPerKey, maxOpsPerKey, "")
		checkRange(d, options.field("check_timeout"), w.Linearizable.CheckTimeout, minCheck, maxCheck, "")
	}
}

// onlyFor wants settings that one type of workload has to be of a workload of
// that type.
func (d *decoder) onlyFor(n *node, w Workload, typ string, settings *node) {
	if settings != nil && w.Type != typ && d.sound(n.field("type")) {
		d.blame(settings, "a workload of type %s has none; leave the key out, or write type: %s", w.Type, typ)
	}
}

// checkLock wants the critical section to be over before the lock is.
func (d *decoder) checkLock(n *node, l Lock) {
	ttl, hold := n.field("ttl"), n.field("hold")
	if !d.sound(n) {
		return
	}
	checkRange(d, ttl, l.TTL, minTTL, maxTTL, "")
	switch {
	case l.TTL.D()%time.Millisecond != 0:
		d.blame(ttl, "%v is no whole number of milliseconds, and the server counts in these", l.TTL)
	case !d.sound(n) || l.Hold < l.TTL:
	case hold != nil:
		d.blame(hold, "%v is not less than the ttl, %v, at which the lock is gone; hold it for less, or write a longer ttl", l.Hold, l.TTL)
	default:
		d.blame(ttl, "%v is not more than the time for which a lock is held, %v (hold); write a longer one, or a shorter hold", l.TTL, l.Hold)
	}
}
