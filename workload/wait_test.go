package workload

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// onlyOne is a rate at which one write is made in an hour.
const onlyOne = 0.0001

// waiting is a workload of one client that writes now and then, and waits for
// two replicas.
func waiting(rate float64) scenarios.Workload {
	return scenarios.Workload{
		Name: "w", Type: "set", Clients: 1, Keys: 1, Client: brisk(), Rate: scenarios.ConstantRate(rate),
		Wait: &scenarios.Wait{Replicas: 2, Timeout: *ms(10)},
	}
}

// What is known of a write depends on the answer to WAITAOF, too.
func TestWaitAOF(t *testing.T) {
	for name, test := range map[string]struct {
		wait    string
		outcome history.Outcome
		kind    string
		counted []record.OnDisk
	}{
		"enough":             {"*2\r\n:1\r\n:1", history.Acked, "", []record.OnDisk{{Local: 1, Replicas: 1, Writes: 1}}},
		"more than enough":   {"*2\r\n:1\r\n:2", history.Acked, "", []record.OnDisk{{Local: 1, Replicas: 2, Writes: 1}}},
		"not on its own":     {"*2\r\n:0\r\n:1", history.Indeterminate, "waitaof_short", []record.OnDisk{{Local: 0, Replicas: 1, Writes: 1}}},
		"not on replicas":    {"*2\r\n:1\r\n:0", history.Indeterminate, "waitaof_short", []record.OnDisk{{Local: 1, Replicas: 0, Writes: 1}}},
		"no such command":    {"-ERR unknown command", history.Indeterminate, "err", []record.OnDisk{}},
		"one number":         {"*1\r\n:1", history.Indeterminate, "broken", []record.OnDisk{}},
		"none":               {hang, history.Indeterminate, "timeout", []record.OnDisk{}},
		"hung up on WAITAOF": {hangUp, history.Indeterminate, "eof", []record.OnDisk{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFakeServer(t, ":1")
			s.mu.Lock()
			s.wait = test.wait
			s.mu.Unlock()
			spec := waiting(onlyOne)
			spec.Wait, spec.WaitAOF = nil, &scenarios.WaitAOF{Local: 1, Replicas: 1, Timeout: *ms(10)}
			w, done := runOnce(t, s, spec)
			if got, _ := w.Clients[0].Writes.At(0); got != test.outcome {
				t.Errorf("the write is %s, want %s", got, test.outcome)
			}
			if test.kind != "" && (len(done.Errors) != 1 || done.Errors[0].Kind != test.kind) {
				t.Errorf("errors %+v, want %s", done.Errors, test.kind)
			}
			if told := done.WaitAOF; done.Wait != nil || !slices.Equal(told.Replies, test.counted) || told.Local != 1 || told.Replicas != 1 || told.Timeout != 10 {
				t.Errorf("WAITAOF told %+v, want %v", told, test.counted)
			}
		})
	}
}

// runOnce runs a workload that has one write to make, until that has ended.
func runOnce(t *testing.T, target drive.Target, spec scenarios.Workload) (*Workload, *record.WorkloadDone) {
	t.Helper()
	rec := newRecord()
	w, err := New(spec, "run", 1, target, rec)
	must(t, err)
	must(t, w.Run(t.Context(), time.Hour))
	done := only[*record.WorkloadDone](t, rec)
	checkSum(t, done)
	if done.Attempted != 1 {
		t.Errorf("%d writes", done.Attempted)
	}
	return w, done
}

// What is known of a write depends on the answer to WAIT, too.
func TestWait(t *testing.T) {
	for name, test := range map[string]struct {
		replies []string // to the write
		wait    string
		outcome history.Outcome
		kind    string
		counted map[int]int64
	}{
		"enough":            {[]string{":1"}, ":2", history.Acked, "", map[int]int64{2: 1}},
		"more than enough":  {[]string{":1"}, ":5", history.Acked, "", map[int]int64{5: 1}},
		"too few":           {[]string{":1"}, ":1", history.Indeterminate, "wait_short", map[int]int64{1: 1}},
		"after a redirect":  {[]string{"-MOVED 1 $addr", ":1"}, ":2", history.Acked, "", map[int]int64{2: 1}},
		"after ASK":         {[]string{"-ASK 1 $addr", ":1"}, ":2", history.Acked, "", map[int]int64{2: 1}},
		"too few after ASK": {[]string{"-ASK 1 $addr", ":1"}, ":0", history.Indeterminate, "wait_short", map[int]int64{0: 1}},
		"refused write":     {[]string{"-READONLY no", "-OOM no"}, ":2", history.Failed, "oom", nil},
		"refused WAIT":      {[]string{":1"}, "-ERR no", history.Indeterminate, "err", nil},
		"no answer":         {[]string{hang}, ":2", history.Indeterminate, "timeout", nil},
		"none to WAIT":      {[]string{":1"}, hang, history.Indeterminate, "timeout", nil},
		"hung up on WAIT":   {[]string{":1"}, hangUp, history.Indeterminate, "eof", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFakeServer(t, test.replies...)
			s.mu.Lock()
			s.wait = test.wait
			s.mu.Unlock()
			w, done := runOnce(t, s, waiting(onlyOne))
			if got, _ := w.Clients[0].Writes.At(0); got != test.outcome {
				t.Errorf("the write is %s, want %s", got, test.outcome)
			}
			if test.kind != "" && (len(done.Errors) != 1 || done.Errors[0].Kind != test.kind) {
				t.Errorf("errors %+v, want %s", done.Errors, test.kind)
			}
			if done.WaitAOF != nil || !maps.Equal(done.Wait.Replies, test.counted) || done.Wait.Replicas != 2 || done.Wait.Timeout != 10 {
				t.Errorf("WAIT told %+v, want %v", done.Wait, test.counted)
			}
		})
	}
}

// Masters without replicas ack nothing to those who wait, and have it all the same.
func TestWaitInVain(t *testing.T) {
	t.Parallel()
	cluster := newTestCluster(t, 3)
	spec := waiting(20)
	spec.Wait.Timeout = *ms(1)
	w, rec := cluster.runUntilInVain(t, spec)
	must(t, w.Verify(t.Context()))
	done, found := only[*record.WorkloadDone](t, rec), only[*record.Verified](t, rec)
	if done.Indeterminate == 0 || done.Indeterminate != done.Attempted || done.Wait.Replies[0] != done.Attempted || found.UnackedApplied != done.Attempted {
		t.Errorf("got %s and %s", describe(done), describe(found))
	}
}

// runUntilInVain makes a workload and runs it until some of its writes are neither
// acked nor refused.
func (c *testCluster) runUntilInVain(t *testing.T, spec scenarios.Workload) (*Workload, *record.Record) {
	t.Helper()
	w, rec, end := c.begin(t, spec)
	eventually(t, "writes are waited for in vain", func() bool { _, _, _, n := w.Progress(); return n >= 3 })
	end()
	return w, rec
}
