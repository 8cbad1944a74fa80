package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// open opens a journal of the test's own, as one more process would.
func open(t *testing.T, folder string) Journal[string] {
	t.Helper()
	j, err := openIn[string](folder, "here")
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func register(t *testing.T, j Journal[string], runID string) *Entry[string] {
	t.Helper()
	e, err := j.Register(runID, func([]Item[string]) (string, error) { return "made by " + runID, nil })
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// sweep removes nothing and tells what it was asked to remove.
func sweep(t *testing.T, j Journal[string]) []string {
	t.Helper()
	var asked []string
	swept, err := j.Sweep(func(n Item[string]) error {
		if n.Made != "made by "+n.RunID {
			t.Errorf("of run %q it is said: %q", n.RunID, n.Made)
		}
		asked = append(asked, n.RunID)
		return nil
	})
	if err != nil || !slices.Equal(swept, asked) {
		t.Errorf("swept %v of %v, %v", swept, asked, err)
	}
	return swept
}

// A lock that is let go of without more is all that is left of an owner that was
// killed.
func killed[T any](e *Entry[T]) { e.Release() }

func TestOnlyKilledRunsAreSwept(t *testing.T) {
	j := open(t, t.TempDir())
	live, over := register(t, j, "live"), register(t, j, "over")
	killed(register(t, j, "killed"))
	if err := over.Unregister(); err != nil {
		t.Fatal(err)
	}
	if swept := sweep(t, j); !slices.Equal(swept, []string{"killed"}) {
		t.Errorf("swept %v", swept)
	}
	killed(live)
	if swept := sweep(t, j); !slices.Equal(swept, []string{"live"}) {
		t.Errorf("swept %v after the other was killed, too", swept)
	}
	if swept := sweep(t, j); len(swept) > 0 {
		t.Errorf("swept %v again", swept)
	}
}

// What this process holds is told without waiting for anybody, and nobody else's is.
func TestMineIsWhatThisProcessHolds(t *testing.T) {
	folder := t.TempDir()
	j := open(t, folder)
	register(t, j, "live")
	if err := register(t, j, "over").Unregister(); err != nil {
		t.Fatal(err)
	}
	killed(register(t, j, "killed")) // of another process that had this one's id
	elsewhere, err := openIn[string](folder, "elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	register(t, elsewhere, "not asked for")
	err = j.alone(func() error { // somebody else is at work
		mine, err := mineIn(folder, func(place string) bool { return place == "here" })
		if !slices.Equal(mine, []string{"live"}) {
			t.Errorf("mine: %q", mine)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if held, err := j.holds("live", os.Getpid()+1); held || err != nil {
		t.Errorf("another process holds it: %v, %v", held, err)
	}
	if mine, err := mineIn(filepath.Join(folder, "never-was"), nil); len(mine) > 0 || err != nil {
		t.Errorf("without a journal: %q, %v", mine, err)
	}
}

// What could not be removed is tried again, by whoever comes next.
func TestWhatCannotBeSweptStays(t *testing.T) {
	j := open(t, t.TempDir())
	killed(register(t, j, "stuck"))
	stuck := errors.New("it is stuck")
	if swept, err := j.Sweep(func(Item[string]) error { return stuck }); !errors.Is(err, stuck) || len(swept) > 0 {
		t.Errorf("swept %v, %v", swept, err)
	}
	if swept := sweep(t, j); !slices.Equal(swept, []string{"stuck"}) {
		t.Errorf("then swept %v", swept)
	}
}

// However many sweep at once, each killed run is swept by one.
func TestSweepsAtOnce(t *testing.T) {
	folder := t.TempDir()
	ids := []string{"a", "b", "c", "d"}
	for _, id := range ids {
		killed(register(t, open(t, folder), id))
	}
	var mu sync.Mutex
	var swept []string
	var sweeps sync.WaitGroup
	for range 8 {
		j := open(t, folder)
		sweeps.Go(func() {
			_, err := j.Sweep(func(n Item[string]) error {
				mu.Lock()
				defer mu.Unlock()
				swept = append(swept, n.RunID)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	sweeps.Wait()
	if slices.Sort(swept); !slices.Equal(swept, ids) {
		t.Errorf("swept %v, of %v", swept, ids)
	}
}

func TestClaim(t *testing.T) {
	j := open(t, t.TempDir())
	if e, err := j.Claim("never-was"); e != nil || err != nil {
		t.Errorf("what is not there: %v, %v", e, err)
	}
	live := register(t, j, "run")
	var inProgress *InProgressError
	if _, err := j.Claim("run"); !errors.As(err, &inProgress) || inProgress.PID != os.Getpid() {
		t.Errorf("a live run: %v", err)
	}
	killed(live)
	e, err := j.Claim("run")
	if err != nil || e == nil || e.Made != "made by run" {
		t.Fatalf("a killed run: %+v, %v", e, err)
	}
	if swept := sweep(t, j); len(swept) > 0 {
		t.Errorf("what is claimed was swept: %v", swept)
	}
	if err := e.Unregister(); err != nil {
		t.Error(err)
	}
}

func TestARunRegistersOnceAndKnowsTheOthers(t *testing.T) {
	j := open(t, t.TempDir())
	first := register(t, j, "first")
	var told []string
	_, err := j.Register("second", func(others []Item[string]) (string, error) {
		for _, other := range others {
			told = append(told, other.Made)
		}
		return "", errors.New("there is no room")
	})
	if err == nil || !slices.Equal(told, []string{"made by first"}) {
		t.Errorf("told of %q, %v", told, err)
	}
	for _, want := range []string{`run "first" is in progress (process`, "`chaos down first` removes them"} {
		if _, err := j.Register("first", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("registered again: %v, want %s", err, want)
		}
		killed(first)
	}
}

// An owner that was killed while it wrote its entry has made nothing yet.
func TestHalfWrittenEntriesVanish(t *testing.T) {
	j := open(t, t.TempDir())
	if err := os.WriteFile(j.path("half"), []byte(`{"RunID":"half","PI`), 0o644); err != nil {
		t.Fatal(err)
	}
	if swept := sweep(t, j); len(swept) > 0 {
		t.Errorf("swept %v", swept)
	}
	register(t, j, "half").Release()
}

// A run id or a place is a name, whatever is in it.
func TestNamesStayInTheFolder(t *testing.T) {
	folder := t.TempDir()
	j, err := openIn[string](folder, "docker-unix:///run/docker.sock")
	if err != nil {
		t.Fatal(err)
	}
	killed(register(t, j, "../../up"))
	if files, err := filepath.Glob(filepath.Join(folder, "*", "*.json")); len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	if swept := sweep(t, j); !slices.Equal(swept, []string{"../../up"}) {
		t.Errorf("swept %v", swept)
	}
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := openIn[string](file, "here"); err == nil {
		t.Error("opened in a file")
	}
}

// One run at a time has its turn, and the others wait, unless they are ended.
func TestTurnsAreTakenOneAtATime(t *testing.T) {
	folder := t.TempDir()
	first, second := open(t, folder), open(t, folder)
	done, err := first.Exclusive(t.Context(), func() { t.Error("it waits for nobody") })
	if err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	if _, err := second.Exclusive(ended, end); !errors.Is(err, context.Canceled) {
		t.Errorf("ended while it waits: %v", err)
	}
	waited := 0
	next, err := second.Exclusive(t.Context(), func() { waited++; done() })
	if err != nil || waited != 1 {
		t.Fatalf("waited %d times, %v", waited, err)
	}
	next()
}
