package workload

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// lockSettings are those of a workload of type lock.
//
// Writes: `SET` of a token with `NX` and `PX`, a lock for a while. Lost: nothing; it tells when
// [two clients held one lock](#locks).
type lockSettings struct {
	Lock holding `yaml:"lock" elsewhere:"a workload of type {type} has none"`
}

func (kinds) Lock() settings { return newLockSettings() }

// holding is how clients use their locks.
type holding struct {
	// TTL is after how long the server forgets a lock that nobody releases.
	TTL scenarios.Duration `yaml:"ttl"`
	// Hold is how long a client keeps a lock that it was granted.
	Hold scenarios.Duration `yaml:"hold"`
}

// contendedKeys is how many keys there are by default where clients are to meet on them.
const contendedKeys = 16

func newLockSettings() *lockSettings {
	return &lockSettings{holding{TTL: scenarios.Duration(10 * time.Second), Hold: scenarios.Duration(50 * time.Millisecond)}}
}

// Traits implements scenarios.WorkloadSpec.
func (*lockSettings) Traits() []scenarios.Trait {
	return []scenarios.Trait{scenarios.Spreads, scenarios.Waits, scenarios.JudgesLocks}
}

// DefaultKeys implements scenarios.FewKeys.
func (*lockSettings) DefaultKeys() int { return contendedKeys }

// Commands implements scenarios.Commander.
func (*lockSettings) Commands() []string { return []string{"SET", "EVAL", "GET", "DEL"} }

// Replayed implements scenarios.Replayed.
func (*lockSettings) Replayed() []string { return []string{"MULTI", "EXEC"} }

// Check implements scenarios.Checked: the critical section is to be over before the lock is.
func (s *lockSettings) Check(c scenarios.WorkloadContext) error {
	l := s.Lock
	if err := scenarios.InRange("lock.ttl", l.TTL, minTTL, maxTTL, ""); err != nil {
		return err
	}
	switch {
	case l.TTL.D()%time.Millisecond != 0:
		return &scenarios.FieldError{Field: "lock.ttl", Msg: fmt.Sprintf("%v is no whole number of milliseconds, and the server counts in these", l.TTL)}
	case l.Hold < l.TTL:
		return nil
	case c.Given("lock.hold"):
		return &scenarios.FieldError{Field: "lock.hold", Msg: fmt.Sprintf("%v is not less than the ttl, %v, at which the lock is gone; hold it for less, or write a longer ttl", l.Hold, l.TTL)}
	default:
		return &scenarios.FieldError{Field: "lock.ttl", Msg: fmt.Sprintf("%v is not more than the time for which a lock is held, %v (hold); write a longer one, or a shorter hold", l.TTL, l.Hold)}
	}
}

// Footprint implements scenarios.Sized.
func (*lockSettings) Footprint(w scenarios.Workload, writes float64) scenarios.Footprint {
	return scenarios.Footprint{Kept: min(float64(w.Keys), writes), Small: true}
}

func (s *lockSettings) plan(w *Workload, seed int64) (kind, error) {
	return newLock(w.Spec, s.Lock, seed), nil
}

// lock has clients contend for locks, each a key that is set only if it is not
// there, to a token of the client's, and that the server forgets after a ttl. A
// client that is granted a lock holds it for a while, and then deletes the key if
// it still has the client's token.
//
// A client believes that it holds a lock from the moment at which it has the
// answer until it sends the release or until the ttl has passed since it sent the
// request, whichever is first: it is a careful one. Nothing else is counted as
// held. So two clients whose holdings overlap did both hold the lock, for at least
// as long as is told, whatever the clocks of the servers show: all times are read
// on the clock of this program, between the answer and the release.
//
// Attempted is the requests, one a turn, granted or not. A request whose outcome
// is not known grants nothing; what it may have set is left to its ttl. Releases
// are counted apart, and not tried again.
type lock struct {
	keyspace.Spread
	options holding
	locks   []guarded         // by index of key
	clients []check.LockTally // by number
}

// guarded is one lock with its holders. The clock is read under its mutex, so that
// what it is told is in order.
type guarded struct {
	mu sync.Mutex
	check.Holders
}

var _ kind = (*lock)(nil)

func newLock(spec scenarios.Workload, options holding, seed int64) *lock {
	return &lock{
		Spread: keyspace.NewSpread(spec, seed), options: options,
		locks: make([]guarded, spec.Keys), clients: make([]check.LockTally, spec.Clients),
	}
}

// deniedPause is what a client of a closed loop rests, in milliseconds, after it
// was told that somebody else holds the lock, as the clients of locks do.
const deniedPause = 10

// Drive implements kind: ask for a lock, and if it is granted, hold and release it.
func (l *lock) Drive(ctx, sending context.Context, load *drive.Load, s *drive.Session, c *drive.Client) {
	t := drive.NewCaller(ctx, sending, load, s, c)
	defer t.Stop()
	tally := &l.clients[c.ID]
	ttl := strconv.FormatInt(l.options.TTL.D().Milliseconds(), 10)
	for t.Next() {
		key := l.KeyOf(c.ID, c.Writes.Len())
		token := string(keyspace.AppendValue(nil, c.ID, c.Writes.Len(), keyspace.Sizes{}))
		t.Out.Begin([]byte(ttl)) // it has to be the last argument
		got := t.Send(load.ShardOf[key], drive.NewCommand("set", load.Keys[key], token, "nx", "px", &t.Out))
		switch {
		case !got.Outcome.IsAcked():
			continue
		case got.Null:
			tally.Denied++
			if got.InDoubt > 0 {
				tally.DeniedInDoubt++
			}
			t.Rest = deniedPause
			continue
		}
		expires := t.Called + record.InMillis(l.options.TTL.D())
		if now, held := l.begin(load, key, check.Holding{Client: c.ID, Node: got.Node, Until: expires}); held {
			tally.Acquired++
			t.Pause(min(record.InMillis(l.options.Hold.D()), expires-now, s.End-now))
			l.end(load, key, c.ID)
		} else {
			tally.Expired++
		}
		l.release(load, t, tally, key, token, expires)
	}
}

// begin begins a holding, unless the ttl is over by now.
func (l *lock) begin(load *drive.Load, key int, b check.Holding) (now record.Millis, held bool) {
	g := &l.locks[key]
	g.mu.Lock()
	defer g.mu.Unlock()
	b.From = load.Rec.Now()
	if b.From >= b.Until {
		return b.From, false
	}
	g.Begin(b)
	return b.From, true
}

// end ends a holding: the release is about to be sent.
func (l *lock) end(load *drive.Load, key, client int) {
	g := &l.locks[key]
	g.mu.Lock()
	defer g.mu.Unlock()
	g.Holders.End(client, load.Rec.Now())
}

// releaseScript deletes a lock that has the token, and tells what it found.
const releaseScript = `local token = redis.call('get', KEYS[1])
if token == ARGV[1] then return redis.call('del', KEYS[1]) end
if token then return 2 end
return 0`

// What releaseScript returns.
const (
	foundGone  = 0
	foundTaken = 2
)

// release releases a lock. One that is found to be gone or another client's was
// lost if the answer is there before the ttl was over, and if no earlier attempt
// can have released it.
func (l *lock) release(load *drive.Load, t *drive.Caller, tally *check.LockTally, key int, token string, expires record.Millis) {
	out := &drive.Write{}
	out.Begin([]byte(token))
	cmd := drive.NewCommand("eval", releaseScript, 1, load.Keys[key], out)
	cmd.KeyAt = 3
	o, now := t.Extra(load.ShardOf[key], cmd, out)
	found, _ := cmd.Reply.(int64)
	switch {
	case o == history.Failed:
		tally.ReleaseFailed++
		return
	case o == history.Indeterminate:
		tally.ReleaseUnknown++
		return
	case found != foundGone && found != foundTaken:
		tally.Released++
		return
	case o == history.AckedInDoubt || now >= expires:
		tally.ReleaseLate++
		return
	case found == foundGone:
		tally.Gone++
	default:
		tally.Taken++
	}
	tally.Lost = append(tally.Lost, check.LockLoss{Key: key, Found: now})
}

// verify implements kind. Nothing is read back: what the clients saw is all there
// is to tell.
func (l *lock) verify(_ context.Context, w *Workload) error {
	v := l.use().Verdict(w.ShardOf)
	v.Name = w.Spec.Name
	w.Rec.Add(v)
	return nil
}

// use is how the locks were used, to be judged.
func (l *lock) use() check.Locks {
	u := check.Locks{Clients: l.clients, TTL: record.Millis(l.options.TTL.D().Seconds() * 1000), Hold: record.Millis(l.options.Hold.D().Seconds() * 1000)}
	for i := range l.locks {
		u.Held = append(u.Held, &l.locks[i].Holders)
	}
	return u
}
