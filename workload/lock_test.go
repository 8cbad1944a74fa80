package workload

import (
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

func lockSpec() scenarios.Workload {
	return scenarios.Workload{
		Name: "w", Type: "lock", Clients: 8, Keys: 3, Client: brisk(),
		Spec: &lockSettings{holding{TTL: *ms(10_000), Hold: *ms(2)}},
	}
}

// checkLocks has every lock that was granted be released once, and every request be
// granted or denied.
func checkLocks(t *testing.T, done *record.WorkloadDone, l *record.Locks) {
	t.Helper()
	checkSum(t, done)
	granted := l.Acquired + l.Expired
	if granted != l.Released+l.ReleaseFailed+l.ReleaseUnknown+l.ReleaseLate+l.Gone+l.Taken || done.Acked != granted+l.Denied {
		t.Errorf("%d acked: %s", done.Acked, describe(l))
	}
	double := int64(0)
	for _, g := range l.GrantedBy {
		double += g.Count
	}
	for _, n := range l.ByShard {
		double += n
	}
	if double != 2*l.DoubleHolds || (l.Window == nil) != (l.DoubleHolds == 0) || l.Longest > l.DoubleHeld {
		t.Errorf("%s", describe(l))
	}
}

// No lock of a cluster to which nothing happens is held by two clients.
func TestHealthyLocks(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	w, rec := cluster.runUntil(t, lockSpec(), 500)
	must(t, w.Verify(t.Context()))
	done, got := only[*record.WorkloadDone](t, rec), only[*record.Locks](t, rec)
	checkLocks(t, done, got)
	if got.Acquired < 20 || got.Denied == 0 || got.Released != got.Acquired || got.DoubleHolds != 0 || got.Locks != 3 || got.TTL != 10_000 || got.Hold != 2 {
		t.Errorf("got %s", describe(got))
	}
	for _, key := range w.Keys {
		if n := cluster.clusterClient(t).Exists(t.Context(), key).Val(); n != 0 {
			t.Errorf("%s was not released", key)
		}
	}
}

// TestStolenLock has locks removed while clients hold them, as a failover does that
// loses them: others are granted them, and both hold them. Those who release them
// find them gone or taken.
func TestStolenLock(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	spec := lockSpec()
	spec.Keys, spec.Spec.(*lockSettings).Lock.Hold = 1, *ms(300)
	w, rec, end := cluster.begin(t, spec)
	rdb := cluster.clusterClient(t)
	key := w.Keys[0]
	held := func() string { return rdb.Get(t.Context(), key).Val() }
	const thefts = 5
	for range thefts {
		eventually(t, "the lock is held", func() bool { return held() != "" })
		holder := held()
		must(t, rdb.Del(t.Context(), key).Err())
		eventually(t, "another client has it", func() bool { h := held(); return h != "" && h != holder })
	}
	end()
	must(t, w.Verify(t.Context()))
	got := only[*record.Locks](t, rec)
	checkLocks(t, only[*record.WorkloadDone](t, rec), got)
	// A client that was stolen its lock just before it released it held it alone.
	if got.DoubleHolds == 0 || got.Longest <= 0 || got.Longest > got.DoubleHeld {
		t.Errorf("after %d thefts: %s", thefts, describe(got))
	}
	if lost := got.Gone + got.Taken; lost == 0 || lost > thefts || got.LostByShard[w.ShardOf[0]] != lost || got.LostWindow == nil {
		t.Errorf("after %d thefts: %s", thefts, describe(got))
	}
	node := cluster.NodeAt(cluster.addrs[w.ShardOf[0]])
	if len(got.GrantedBy) != 1 || got.GrantedBy[0].First != node || got.GrantedBy[0].Second != node {
		t.Errorf("granted by %s", describe(got.GrantedBy))
	}
}

// A client does not hold a lock beyond its ttl, though the server has it forgotten
// and granted to another: nothing is held twice, and nothing was lost.
func TestCarefulClient(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	spec := lockSpec()
	spec.Keys, spec.Spec = 1, &lockSettings{holding{TTL: *ms(20), Hold: *ms(20)}} // no scenario may say so
	w, rec := cluster.runUntil(t, spec, 200)
	must(t, w.Verify(t.Context()))
	got := only[*record.Locks](t, rec)
	checkLocks(t, only[*record.WorkloadDone](t, rec), got)
	if got.Acquired == 0 || got.DoubleHolds != 0 || got.Gone+got.Taken != 0 {
		t.Errorf("got %s", describe(got))
	}
}

// What a client makes of the answer to its request depends on how it came by it.
func TestLockAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		replies []string // to the request
		want    record.Locks
		outcome history.Outcome
	}{
		"granted":                {[]string{"+OK"}, record.Locks{Acquired: 1, Released: 1}, history.Acked},
		"denied":                 {[]string{"$-1"}, record.Locks{Denied: 1}, history.Acked},
		"denied by its own":      {[]string{hang, "$-1"}, record.Locks{Denied: 1, DeniedInDoubt: 1}, history.AckedInDoubt},
		"granted at the second":  {[]string{hang, "+OK"}, record.Locks{Acquired: 1, Released: 1}, history.AckedInDoubt},
		"denied after redirect":  {[]string{"-MOVED 1 $addr", "$-1"}, record.Locks{Denied: 1}, history.Acked},
		"denied after ASK":       {[]string{"-ASK 1 $addr", "$-1"}, record.Locks{Denied: 1}, history.Acked},
		"refused":                {[]string{"-OOM no"}, record.Locks{}, history.Failed},
		"no answer":              {[]string{hang}, record.Locks{}, history.Indeterminate},
		"released, not answered": {[]string{"+OK"}, record.Locks{Acquired: 1, ReleaseUnknown: 1}, history.Acked},
		"release refused":        {[]string{"+OK"}, record.Locks{Acquired: 1, ReleaseFailed: 1}, history.Acked},
		"gone":                   {[]string{"+OK"}, record.Locks{Acquired: 1, Gone: 1}, history.Acked},
		"taken":                  {[]string{"+OK"}, record.Locks{Acquired: 1, Taken: 1}, history.Acked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFakeServer(t, test.replies...)
			s.mu.Lock()
			s.release = map[string]string{"released, not answered": hang, "release refused": "-OOM no", "gone": ":0", "taken": ":2"}[name]
			s.mu.Unlock()
			rec := newRecord()
			spec := lockSpec()
			spec.Clients, spec.Rate = 1, scenarios.ConstantRate(onlyOne)
			w, err := New(spec, "run", 1, s, rec)
			must(t, err)
			must(t, w.Run(t.Context(), time.Hour))
			must(t, w.Verify(t.Context()))
			got := only[*record.Locks](t, rec)
			checkLocks(t, only[*record.WorkloadDone](t, rec), got)
			want := test.want
			want.Name, want.Locks, want.TTL, want.Hold = "w", 3, 10_000, 2
			want.LostByShard, want.LostWindow = got.LostByShard, got.LostWindow
			if describe(got) != describe(want) || (got.LostWindow != nil) != (want.Gone+want.Taken > 0) {
				t.Errorf("got %s, want %s", describe(got), describe(want))
			}
			if o, _ := w.Clients[0].Writes.At(0); o != test.outcome {
				t.Errorf("the request is %s, want %s", o, test.outcome)
			}
		})
	}
}

// A lock that is granted, but not to enough replicas, is not held.
func TestLockWaits(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	spec := lockSpec()
	spec.Wait = &scenarios.Wait{Replicas: 1, Timeout: *ms(1)}
	w, rec, end := cluster.begin(t, spec)
	eventually(t, "locks are denied, and waited for in vain", func() bool { _, n, _, unknown := w.Progress(); return n > 0 && unknown > 0 })
	end()
	must(t, w.Verify(t.Context()))
	done, got := only[*record.WorkloadDone](t, rec), only[*record.Locks](t, rec)
	checkLocks(t, done, got)
	if got.Acquired != 0 || got.Denied == 0 || done.Indeterminate == 0 || !strings.Contains(describe(done.Errors), "wait_short") {
		t.Errorf("got %s of %s", describe(got), describe(done))
	}
}
