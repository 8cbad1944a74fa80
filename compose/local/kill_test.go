package local

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
	"github.com/redis-chaos/redis-chaos/compose/local/thread"
	"github.com/redis-chaos/redis-chaos/compose/program"
)

// The environment of the process that is to be killed.
const (
	victimRun   = "REDIS_CHAOS_TEST_VICTIM"
	victimMode  = "REDIS_CHAOS_TEST_VICTIM_MODE"
	victimDisks = "REDIS_CHAOS_TEST_VICTIM_DISKS"
	victimDir   = "REDIS_CHAOS_TEST_VICTIM_DIR"
)

// TestMain makes this program the victim where its environment asks for it.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args, disk.ServeCommand) {
		if err := disk.ServeStdio(context.Background(), os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if run := os.Getenv(victimRun); run != "" {
		fmt.Fprintln(os.Stderr, victim(run))
		os.Exit(1)
	}
	logging.Disable() // go-redis's pools log each failed dial
	forget, err := journaltest.Apart()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	forget()
	os.Exit(code)
}

// ownTestServer is the command by which this test serves disks.
func ownTestServer() []string { return []string{os.Args[0], disk.ServeCommand} }

// victim deploys and removes clusters until it is killed.
func victim(run string) error {
	ctx := context.Background()
	for {
		c, err := Deploy(ctx, Options{
			RunID: run, Masters: 3, Replicas: 1, Mode: Mode(os.Getenv(victimMode)), Disks: os.Getenv(victimDisks) != "", DiskServer: ownTestServer(), Dir: os.Getenv(victimDir),
		})
		if err != nil {
			return err
		}
		if err := c.Down(ctx); err != nil {
			return err
		}
	}
}

// Killed at any moment, the tool leaves only what RemoveStale finds.
func TestKilledAtAnyMoment(t *testing.T) {
	const last, step = 1500 * time.Millisecond, 100 * time.Millisecond
	for _, mode := range modes() {
		t.Run(string(mode), func(t *testing.T) {
			needMode(t, mode)
			var found atomic.Int32
			t.Cleanup(func() {
				if found.Load() == 0 {
					t.Error("no kill came at a moment at which there was anything to remove")
				}
			})
			mountable := disk.Lacks(ownTestServer()) == ""
			for i := range last/step + 1 {
				after, disks := i*step, mountable && i%2 == 1 // some of them have disks, too
				t.Run(after.String(), func(t *testing.T) {
					t.Parallel()
					if leftByKill(t, mode, disks, after) {
						found.Add(1)
					}
				})
			}
		})
	}
}

// leftByKill kills a process some time after its start, has everything removed
// that it left, and tells whether there was anything.
func leftByKill(t *testing.T, mode Mode, disks bool, after time.Duration) bool {
	t.Helper()
	run := testRun(fmt.Sprintf("kill-%s-%d", mode, after.Milliseconds()))
	dir := filepath.Join(t.TempDir(), "run")
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), victimRun+"="+run, victimMode+"="+string(mode), victimDir+"="+dir)
	if disks {
		process.Env = append(process.Env, victimDisks+"=yes")
	}
	process.SysProcAttr = program.ChildAttributes()
	started := make(chan error)
	go func() {
		started <- thread.Run(func() error {
			err := process.Start()
			started <- err
			if err != nil {
				return err
			}
			time.Sleep(after)
			_ = process.Process.Kill()
			_ = process.Wait()
			return nil
		})
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	found := len(leftovers(t, run, dir)) > 0
	removeStale(t)
	// Another test may be at it.
	var left []string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if left = leftovers(t, run, dir); len(left) == 0 {
			return found
		}
	}
	t.Errorf("left behind: %v", left)
	return found
}

// removeStale removes what killed runs have left behind. That it cannot is no failure
// by itself: it may be so of a run that is not the test's.
func removeStale(t *testing.T) (removed []string) {
	t.Helper()
	removed, err := RemoveStale(context.Background())
	if err != nil {
		t.Log(err)
	}
	return removed
}

// A run that lives is not removed.
func TestLiveRunsAreLeftAlone(t *testing.T) {
	needMode(t, Unprivileged)
	run := testRun("live")
	c := deployForTest(t, Options{RunID: run, Masters: 3, Replicas: 1, Mode: Unprivileged})
	if removed := removeStale(t); slices.Contains(removed, run) {
		t.Errorf("removed %v", removed)
	}
	if err := Remove(t.Context(), run); err == nil {
		t.Error("a live run was removed by name")
	}
	if _, err := Deploy(t.Context(), Options{RunID: run, Masters: 3, Replicas: 1, Mode: Unprivileged, Dir: t.TempDir()}); err == nil {
		t.Error("a second run of the same name was deployed")
	}
	for _, n := range c.Nodes() {
		if err := c.Signal(t.Context(), n.Name, "SIGCONT"); err != nil {
			t.Error(err)
		}
	}
	if err := Remove(t.Context(), testRun("never-was")); err != nil {
		t.Errorf("removing what there is nothing of: %v", err)
	}
}
