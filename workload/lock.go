package workload

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
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
	TTL units.Duration `yaml:"ttl"`
	// Hold is how long a client keeps a lock that it was granted.
	Hold units.Duration `yaml:"hold"`
}

// contendedKeys is how many keys there are by default where clients are to meet on them.
const contendedKeys = 16

func newLockSettings() *lockSettings {
	return &lockSettings{holding{TTL: units.Duration(10 * time.Second), Hold: units.Duration(50 * time.Millisecond)}}
}

// Traits implements scenarios.WorkloadSpec.
func (*lockSettings) Traits() []trait.Trait {
	return []trait.Trait{trait.Spreads, trait.Waits, trait.JudgesLocks}
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
// When it holds it is said at [check.Locks].
//
// Attempted is the requests, one a turn, granted or not. A request whose outcome
// is not known grants nothing; what it may have set is left to its ttl. Releases
// are counted apart, and not tried again.
type lock struct {
	keyspace.Spread
	options holding
	// answers is what came of the requests of each client, and is of the goroutine that
	// runs that.
	answers []history.Locking
}

var _ kind = (*lock)(nil)

func newLock(spec scenarios.Workload, options holding, seed int64) *lock {
	return &lock{
		Spread: keyspace.NewSpread(spec, seed), options: options,
		answers: make([]history.Locking, spec.Clients),
	}
}

// deniedPause is what a client of a closed loop rests, in milliseconds, after it
// was told that somebody else holds the lock, as the clients of locks do.
const deniedPause = 10

// Drive implements kind: ask for a lock, and if it is granted, hold and release it.
func (l *lock) Drive(ctx, sending context.Context, load *drive.Load, s *drive.Session, c *drive.Client) {
	t := drive.NewCaller(ctx, sending, load, s, c)
	defer t.Stop()
	answers := &l.answers[c.ID]
	ttl := strconv.FormatInt(l.options.TTL.D().Milliseconds(), 10)
	for t.Next() {
		n := c.Writes.Len()
		key := l.KeyOf(c.ID, n)
		token := string(keyspace.AppendValue(nil, c.ID, n, keyspace.Sizes{}))
		t.Out.Begin([]byte(ttl)) // it has to be the last argument
		got := t.Send(load.ShardOf[key], drive.NewCommand("set", load.Keys[key], token, "nx", "px", &t.Out))
		switch {
		case !got.Outcome.IsAcked():
			continue
		case got.Null:
			answers.Deny()
			t.Rest = deniedPause
			continue
		}
		c.Writes.Ackers.Ack(n, load.ShardOf[key], got.Node)
		from, expires := load.Rec.Now(), t.Called+record.InMillis(l.options.TTL.D())
		g := history.Grant{CalledNS: history.Nanoseconds(t.Called), FromNS: history.Nanoseconds(from), EndNS: history.Nanoseconds(from)}
		if from < expires {
			t.Pause(min(record.InMillis(l.options.Hold.D()), expires-from, s.End-from))
			g.EndNS = history.Nanoseconds(load.Rec.Now())
		}
		l.release(load, t, &g, key, token)
		answers.Grant(g)
	}
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

// release releases a lock, and notes what came of it.
func (l *lock) release(load *drive.Load, t *drive.Caller, g *history.Grant, key int, token string) {
	out := &drive.Write{}
	out.Begin([]byte(token))
	cmd := drive.NewCommand("eval", releaseScript, 1, load.Keys[key], out)
	cmd.KeyAt = 3
	o, over := t.Extra(load.ShardOf[key], cmd, out)
	g.Release, g.OverNS = o, history.Nanoseconds(over)
	switch found, _ := cmd.Reply.(int64); {
	case !o.IsAcked():
	case found == foundGone:
		g.Found = history.FoundGone
	case found == foundTaken:
		g.Found = history.FoundOther
	}
}

// verify implements kind. Nothing is read back: what the clients saw is all there
// is to tell.
func (l *lock) verify(ctx context.Context, w *Workload) error { return w.judgeWitnessed(ctx, l) }

// verdict implements witnessed.
func (l *lock) verdict(ctx context.Context, of evidence) (record.Data, error) {
	v, err := check.Locks{
		Requests: of.clients, Answers: l.answers, KeyOf: l.KeyOf, ShardOf: of.shardOf,
		TTL: record.InMillis(l.options.TTL.D()), Hold: record.InMillis(l.options.Hold.D()),
	}.Verdict(ctx)
	if err != nil {
		return nil, err
	}
	v.Name = of.name
	return v, nil
}

// writeSection implements sectioned: what came of the requests of each client.
func (l *lock) writeSection(w io.Writer, _ []history.History) error {
	for i := range l.answers {
		if err := l.answers[i].Encode(w); err != nil {
			return err
		}
	}
	return nil
}

// readSection implements sectioned.
func (l *lock) readSection(r *bufio.Reader, clients []history.History) (err error) {
	for i := range l.answers {
		if l.answers[i], err = history.DecodeLocking(r, &clients[i]); err != nil {
			return fmt.Errorf("the locks of client %d: %w", i, err)
		}
	}
	return nil
}
