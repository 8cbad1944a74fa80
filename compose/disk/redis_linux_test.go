package disk

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisServer is a real server whose data is in a directory.
type redisServer struct {
	t    testing.TB
	cmd  *exec.Cmd
	log  string
	exit chan struct{} // closed when it has ended
	*redis.Client
}

// startRedis starts a server, and waits until it has loaded its data. Its working directory
// is not on the disk; see the package's comment.
func startRedis(t testing.TB, dir string, args ...string) *redisServer {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skipf("needs redis-server: %v", err)
	}
	outside := t.TempDir()
	s := &redisServer{t: t, log: filepath.Join(outside, "log"), exit: make(chan struct{})}
	socket := filepath.Join(outside, "s")
	s.cmd = exec.Command(program, append([]string{"--port", "0", "--unixsocket", socket, "--dir", dir, "--logfile", s.log, "--save", ""}, args...)...)
	s.cmd.Dir = outside
	must(t, s.cmd.Start())
	go func() {
		s.cmd.Wait()
		close(s.exit)
	}()
	s.Client = redis.NewClient(&redis.Options{Network: "unix", Addr: socket, MaxRetries: -1, ReadTimeout: time.Minute, ContextTimeoutEnabled: true})
	t.Cleanup(func() {
		s.Client.Close()
		s.cmd.Process.Kill()
		<-s.exit
	})
	waitFor(t, func() bool {
		select {
		case <-s.exit:
			t.Fatalf("redis-server has ended:\n%s", s.logged())
		default:
		}
		return s.Ping(t.Context()).Err() == nil
	})
	return s
}

func (s *redisServer) logged() string {
	contents, _ := os.ReadFile(s.log)
	return string(contents)
}

func (s *redisServer) kill() {
	s.cmd.Process.Kill()
	<-s.exit
}

// info is a field of INFO.
func (s *redisServer) info(field string) string {
	s.t.Helper()
	all, err := s.Info(s.t.Context(), "everything").Result()
	must(s.t, err)
	for line := range strings.Lines(all) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && name == field {
			return value
		}
	}
	s.t.Fatalf("INFO has no %s", field)
	return ""
}

// writer sets k1, k2 and so on, one after the other, until a write fails.
type writer struct {
	acked atomic.Int64 // the last that was acked
	done  sync.WaitGroup
}

func startWriter(s *redisServer) *writer {
	w := &writer{}
	w.done.Go(func() {
		ctx, cancel := context.WithCancel(s.t.Context())
		defer cancel()
		w.done.Go(func() { // a server that is killed while a write waits answers no more
			select {
			case <-s.exit:
				cancel()
			case <-ctx.Done():
			}
		})
		for i := int64(1); s.Set(ctx, fmt.Sprint("k", i), i, 0).Err() == nil; i++ {
			w.acked.Store(i)
		}
	})
	return w
}

// What each appendfsync loses when the power goes: of the writes that were acked, always none,
// everysec those since the last fsync, no all of them.
func TestRedisLosesWhatItDidNotSync(t *testing.T) {
	for _, row := range []struct {
		policy string
		check  func(t *testing.T, acked, left, synced int64)
	}{
		{"always", func(t *testing.T, acked, left, _ int64) {
			if left < acked {
				t.Errorf("%d writes were acked, and %d are left", acked, left)
			}
		}},
		{"everysec", func(t *testing.T, acked, left, synced int64) {
			if left < synced || left == 0 {
				t.Errorf("%d writes are left, and %d had been acked two fsyncs before the last one", left, synced)
			}
			if left == acked {
				t.Logf("nothing was lost: the power went right after an fsync")
			}
		}},
		{"no", func(t *testing.T, acked, left, _ int64) {
			if left != 0 {
				t.Errorf("%d writes were acked, and %d are left, without an fsync", acked, left)
			}
		}},
	} {
		t.Run(row.policy, func(t *testing.T) {
			o := folders(t)
			d, _ := serveElsewhere(t, o)
			args := []string{"--appendonly", "yes", "--appendfsync", row.policy}
			s := startRedis(t, o.At, args...)
			w := startWriter(s)
			// What was acked when an fsync began is durable when the next one ends, which is
			// before the one after that begins.
			fsyncs := func() int { return stateOf(t, d).Ops[OpFsync].Calls }
			acks := []int64{0}
			for i := range 4 {
				before := fsyncs()
				waitFor(t, func() bool { return w.acked.Load() > acks[i]+100 && (row.policy == "no" || fsyncs() > before) })
				acks = append(acks, w.acked.Load())
			}
			synced := acks[len(acks)-3]
			time.Sleep(300 * time.Millisecond) // a part of the second until the next fsync
			must(t, d.Freeze(t.Context()))
			s.kill()
			w.done.Wait()
			acked := w.acked.Load()
			lost, err := d.LosePower(t.Context(), Tear{})
			must(t, err)

			again := startRedis(t, o.At, args...)
			left := again.DBSize(t.Context()).Val()
			t.Logf("appendfsync %s: %d writes acked, %d lost; %d bytes of the AOF, and %d changes of names", row.policy, acked, max(acked-left, 0), lost.Bytes, len(lost.Changes))
			row.check(t, acked, left, synced)
			if n, err := again.Get(t.Context(), fmt.Sprint("k", left)).Int64(); left > 0 && (err != nil || n != left) {
				t.Errorf("%d keys are left, but k%d is %d, %v: what was lost is not the end", left, left, n, err)
			}
		})
	}
}

// The AOF's rewrite, an RDB and nodes.conf survive the power loss once the server says that they are done.
func TestRedisFilesSurvive(t *testing.T) {
	o := folders(t)
	d, _ := serveElsewhere(t, o)
	args := []string{"--appendonly", "yes", "--appendfsync", "always", "--cluster-enabled", "yes"}
	s := startRedis(t, o.At, args...)
	must(t, s.ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	waitFor(t, func() bool { return strings.Contains(s.ClusterInfo(t.Context()).Val(), "cluster_state:ok") })
	id := s.ClusterMyID(t.Context()).Val()
	for i := range 500 {
		must(t, s.Set(t.Context(), fmt.Sprint("k", i), strings.Repeat("v", 1000), 0).Err())
	}
	must(t, s.BgRewriteAOF(t.Context()).Err())
	waitFor(t, func() bool {
		return s.info("aof_rewrite_in_progress") == "0" && s.info("aof_rewrite_scheduled") == "0" && s.info("aof_last_bgrewrite_status") == "ok"
	})
	must(t, s.Save(t.Context()).Err())
	must(t, s.Set(t.Context(), "last", 1, 0).Err())
	must(t, d.Freeze(t.Context()))
	s.kill()
	lost, err := d.LosePower(t.Context(), Tear{})
	must(t, err)
	t.Logf("lost %+v", lost)

	again := startRedis(t, o.At, args...)
	if n := again.DBSize(t.Context()).Val(); n != 501 {
		t.Errorf("the AOF has %d keys, want 501", n)
	}
	if got := again.ClusterMyID(t.Context()).Val(); got != id {
		t.Errorf("the node has the id %s, and had %s", got, id)
	}
	again.kill()
	plain := startRedis(t, o.Below, "--appendonly", "no", "--cluster-enabled", "yes")
	if n := plain.DBSize(t.Context()).Val(); n != 500 {
		t.Errorf("the RDB has %d keys, want 500", n)
	}
}

func TestRedisOnFullDisk(t *testing.T) {
	o := folders(t)
	d, _ := serveElsewhere(t, o)
	s := startRedis(t, o.At, "--appendonly", "yes", "--appendfsync", "everysec")
	set := func() error { return s.Set(t.Context(), "k", strings.Repeat("v", 100), 0).Err() }
	must(t, set())
	must(t, d.Set(t.Context(), "full", Fault{Full: &Full{}}))
	var refused error
	waitFor(t, func() bool { refused = set(); return refused != nil })
	if !strings.HasPrefix(refused.Error(), "MISCONF") {
		t.Errorf("a write is refused with %q, want MISCONF", refused)
	}
	if err := s.Get(t.Context(), "k").Err(); err != nil {
		t.Errorf("reading: %v", err)
	}
	if failed := stateOf(t, d).Faults["full"].Failed; failed == 0 {
		t.Error("no write was counted as failed")
	}
	must(t, d.Lift(t.Context(), "full"))
	waitFor(t, func() bool { return set() == nil })
	if status := s.info("aof_last_write_status"); status != "ok" {
		t.Errorf("aof_last_write_status is %s", status)
	}
}

func TestRedisOnSlowFsync(t *testing.T) {
	o := folders(t)
	d, _ := serveElsewhere(t, o)
	s := startRedis(t, o.At, "--appendonly", "yes", "--appendfsync", "everysec")
	must(t, d.Set(t.Context(), "slow", Fault{Slow: &Slow{Match: Match{Ops: []Op{OpFsync}, Names: []string{"appendonlydir/*"}}, Delay: 4 * time.Second}}))
	w := startWriter(s)
	waitFor(t, func() bool { return strings.Contains(s.logged(), "Asynchronous AOF fsync is taking too long") })
	if delayed, err := strconv.Atoi(s.info("aof_delayed_fsync")); err != nil || delayed == 0 {
		t.Errorf("aof_delayed_fsync is %d, %v", delayed, err)
	}
	if f := stateOf(t, d).Faults["slow"]; f.Slowed == 0 || f.Held == 0 {
		t.Errorf("the fault has done %+v", f)
	}
	must(t, d.Lift(t.Context(), "slow"))
	acked := w.acked.Load()
	waitFor(t, func() bool { return w.acked.Load() > acked })
	s.kill()
	w.done.Wait()
}

// With appendfsync always, a server that cannot sync its AOF ends, rather than ack what may be lost.
func TestRedisWithFsyncErrors(t *testing.T) {
	o := folders(t)
	d, _ := serveElsewhere(t, o)
	s := startRedis(t, o.At, "--appendonly", "yes", "--appendfsync", "always")
	must(t, s.Set(t.Context(), "k", 1, 0).Err())
	must(t, d.Set(t.Context(), "eio", Fault{Fail: &Fail{Match: Match{Ops: []Op{OpFsync}, Names: []string{"appendonlydir/*.aof"}}}}))
	if err := s.Set(t.Context(), "k", 2, 0).Err(); err == nil {
		t.Error("a write was acked whose fsync failed")
	}
	<-s.exit
	if s.cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("it ended with %s", s.cmd.ProcessState)
	}
	if log := s.logged(); !strings.Contains(log, "Can't persist AOF for fsync error when the AOF fsync policy is 'always'") {
		t.Errorf("it does not say why:\n%s", log)
	}
}

// BenchmarkRedis is how many writes a second a server takes with its data on a disk, in relation to one
// with its data in a plain directory. Both take a block of writes in turn, so
// that what else the machine does hits both.
func BenchmarkRedis(b *testing.B) {
	const block, clients = 2000, 20
	for _, policy := range []string{"everysec", "always", "no"} {
		b.Run("appendfsync="+policy, func(b *testing.B) {
			o := folders(b)
			serveElsewhere(b, o)
			args := []string{"--appendonly", "yes", "--appendfsync", policy}
			onDisk, plain := startRedis(b, o.At, args...), startRedis(b, b.TempDir(), args...)
			var tookDisk, tookPlain time.Duration
			n := 0
			for b.Loop() {
				tookDisk += setMany(b, onDisk, block, clients)
				tookPlain += setMany(b, plain, block, clients)
				n += block
			}
			b.ReportMetric(float64(n)/tookDisk.Seconds(), "writes/s")
			b.ReportMetric(float64(n)/tookPlain.Seconds(), "plain-writes/s")
			b.ReportMetric(tookPlain.Seconds()/tookDisk.Seconds(), "ratio")
		})
	}
}

// setMany sets n keys by some clients at once, and says how long that took.
func setMany(b *testing.B, s *redisServer, n, clients int) time.Duration {
	begun := time.Now()
	value := strings.Repeat("v", 100)
	var wait sync.WaitGroup
	for c := range clients {
		wait.Go(func() {
			for i := range n / clients {
				if err := s.Set(b.Context(), fmt.Sprint("k", c, "-", i), value, 0).Err(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	return time.Since(begun)
}
