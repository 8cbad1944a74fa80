package timeshift_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/compose/timeshift"
)

// TestMain is also a process that says the time for each line that it reads.
func TestMain(m *testing.M) {
	if os.Getenv("SAY_THE_TIME") == "" {
		os.Exit(m.Run())
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(time.Now().UnixNano())
	}
}

// needs skips a test where nothing can be shifted.
func needs(t *testing.T) {
	t.Helper()
	if why := timeshift.Lacks(); why != "" {
		t.Skip(why)
	}
}

// teller is a process that says the time when it is asked.
type teller struct {
	*testing.T
	pid  int
	in   io.Writer
	out  *bufio.Reader
	unit time.Duration
}

func startTeller(t *testing.T, unit time.Duration, cmd *exec.Cmd) *teller {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("at its end: %v", err)
		}
	})
	return &teller{t, cmd.Process.Pid, in, bufio.NewReader(out), unit}
}

// isOff fails unless the process's time is off by so much, to its unit.
func (p *teller) isOff(by time.Duration) {
	p.Helper()
	before := time.Now().Add(by - p.unit)
	if _, err := fmt.Fprintln(p.in); err != nil {
		p.Fatal(err)
	}
	line, err := p.out.ReadString('\n')
	if err != nil {
		p.Fatal(err)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if err != nil {
		p.Fatal(err)
	}
	said := time.Unix(0, n*int64(p.unit))
	if after := time.Now().Add(by); said.Before(before) || said.After(after) {
		p.Errorf("it says %s, which is not from %s to %s", said, before, after)
	}
	if stands, err := timeshift.Offset(p.pid); err != nil || stands != by {
		p.Errorf("it is off by %s, %v; want %s", stands, err, by)
	}
}

// What a process asks for by each of the functions is shifted, and right again once that is over.
func TestSet(t *testing.T) {
	needs(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	goProgram := exec.Command(self)
	goProgram.Env = append(os.Environ(), "SAY_THE_TIME=1")
	for name, p := range map[string]*teller{
		"clock_gettime":        startTeller(t, time.Nanosecond, goProgram),
		"time or gettimeofday": startTeller(t, time.Second, exec.Command("bash", "-c", `while read; do printf '%(%s)T\n' -1; done`)),
	} {
		t.Run(name, func(t *testing.T) {
			p.T = t
			p.isOff(0)
			for _, by := range []time.Duration{time.Hour, -time.Hour, 1500 * time.Millisecond, 10 * 365 * 24 * time.Hour, -10 * 365 * 24 * time.Hour} {
				if err := timeshift.Set(t.Context(), p.pid, by); err != nil {
					t.Fatal(err)
				}
				p.isOff(by)
			}
			for _, signal := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT} { // one that is stopped stays so
				if err := errors.Join(syscall.Kill(p.pid, signal), timeshift.Set(t.Context(), p.pid, time.Minute), timeshift.Clear(t.Context(), p.pid)); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				if err := timeshift.Clear(t.Context(), p.pid); err != nil {
					t.Fatal(err)
				}
				p.isOff(0)
			}
		})
	}
}

// What cannot be shifted is an error, and what has ended needs not be cleared.
func TestRefusals(t *testing.T) {
	needs(t)
	if err := timeshift.Set(t.Context(), os.Getpid(), 30*365*24*time.Hour); err == nil {
		t.Error("30 years are possible")
	}
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	if err := timeshift.Set(t.Context(), ended.Process.Pid, time.Hour); err == nil {
		t.Error("a process that has ended is shifted")
	}
	if err := timeshift.Clear(t.Context(), ended.Process.Pid); err != nil {
		t.Errorf("clearing one that has ended: %v", err)
	}
}

// A server goes on under load, however often its time jumps.
func TestServerUnderLoad(t *testing.T) {
	needs(t)
	client, pid := startServer(t)
	stop, done := make(chan struct{}), sync.WaitGroup{}
	var answered, failed atomic.Int64
	for worker := range 4 {
		done.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := client.Set(context.Background(), fmt.Sprintf("%d-%d", worker, i%100), i, time.Hour).Err(); err != nil {
					failed.Add(1)
					t.Log(err)
					return
				}
				answered.Add(1)
			}
		})
	}
	isOff := func(by time.Duration) {
		t.Helper()
		before := time.Now()
		now, err := client.Time(t.Context()).Result()
		if err != nil {
			t.Fatal(err)
		}
		if after := time.Now(); now.Before(before.Add(by-time.Millisecond)) || now.After(after.Add(by+time.Millisecond)) {
			t.Fatalf("TIME is %s, and the time from %s to %s: it is to be off by %s", now, before, after, by)
		}
	}
	const times, ahead = 50, 2 * time.Hour
	var setting, clearing time.Duration
	for i := range times {
		key := fmt.Sprintf("short-%d", i)
		if err := client.Set(t.Context(), key, i, time.Hour).Err(); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := timeshift.Set(t.Context(), pid, ahead); err != nil {
			t.Fatal(err)
		}
		setting += time.Since(began)
		isOff(ahead)
		if there, err := client.Exists(t.Context(), key).Result(); err != nil || there != 0 {
			t.Errorf("a key that was to live for an hour is there two hours later: %v", err)
		}
		if err := client.BgSave(t.Context()).Err(); err != nil && !strings.Contains(err.Error(), "already in progress") {
			t.Error(err)
		}
		began = time.Now()
		if err := timeshift.Clear(t.Context(), pid); err != nil {
			t.Fatal(err)
		}
		clearing += time.Since(began)
		isOff(0)
	}
	close(stop)
	done.Wait()
	if failed.Load() > 0 || answered.Load() == 0 {
		t.Errorf("%d writes were answered, and %d failed", answered.Load(), failed.Load())
	}
	t.Logf("%d jumps ahead took %s each, and back %s, with %d writes answered meanwhile", times, setting/times, clearing/times, answered.Load())
}

func startServer(t *testing.T) (*redis.Client, int) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skipf("needs a server: %v", err)
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	cmd := exec.Command(program, "--port", "0", "--unixsocket", socket, "--dir", dir, "--appendonly", "yes", "--save", "")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{
		Dialer: func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", socket) },
	})
	t.Cleanup(func() {
		client.Close()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server: %v", err)
		}
	})
	for began := time.Now(); client.Ping(t.Context()).Err() != nil; time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			t.Fatal("the server does not answer")
		}
	}
	return client, cmd.Process.Pid
}
