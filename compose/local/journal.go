package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// journal says all that a run makes on the machine. Everything that it makes is
// found by what stands here, and nothing else of it is ever touched.
type journal struct {
	RunID string
	PID   int // of the owner, for people
	Mode  Mode
	// Server is the server's binary, without symbolic links.
	Server string
	// Dir holds a folder a node. MadeDir: it was not there before.
	Dir     string
	MadeDir bool
	// Keep leaves the nodes' folders where they are.
	Keep  bool
	Nodes []string
	// Ports are the nodes' in unprivileged mode.
	Ports []int `json:",omitempty"`
	// ClientNet and ClusterNet are the subnets in isolated mode.
	ClientNet  netip.Prefix
	ClusterNet netip.Prefix
}

// folder is where a node lives.
func (j journal) folder(node string) string { return filepath.Join(j.Dir, node) }

// registry is the folder of all runs' journals. A journal is locked (flock) by
// its run's owner: the kernel unlocks it whatever way the owner ends.
type registry struct{ dir string }

// openRegistry makes the folder: /run/redis-chaos for root, and else in
// $XDG_STATE_HOME, by default ~/.local/state.
func openRegistry() (registry, error) {
	dir, err := stateDir()
	if err == nil {
		dir = filepath.Join(dir, "redis-chaos", "local")
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return registry{}, fmt.Errorf("making the folder for the journals of runs: %w: XDG_STATE_HOME can name one that you can write to", err)
	}
	return registry{dir}, nil
}

func stateDir() (string, error) {
	if os.Geteuid() == 0 && runtime.GOOS == "linux" {
		return "/run", nil
	}
	if dir := os.Getenv("XDG_STATE_HOME"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "state"), err
}

// alone calls f while no other process is in its own call.
func (r registry) alone(f func() error) error {
	lock, err := os.OpenFile(filepath.Join(r.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := flock(lock, syscall.LOCK_EX); err != nil {
		return fmt.Errorf("locking %s: %w", lock.Name(), err)
	}
	return f()
}

func (r registry) path(runID string) string { return filepath.Join(r.dir, runID+".json") }

// runs lists the ids of all runs, live or not.
func (r registry) runs() ([]string, error) {
	names, err := filepath.Glob(r.path("*"))
	for i, name := range names {
		names[i] = strings.TrimSuffix(filepath.Base(name), ".json")
	}
	return names, err
}

// enrol notes a new run, which plan lays out so that it is not in the way of the
// others.
func (r registry) enrol(runID string, plan func(others []journal) (journal, error)) (*entry, error) {
	var e *entry
	err := r.alone(func() error {
		others, err := r.others(runID)
		if err != nil {
			return err
		}
		j, err := plan(others)
		if err != nil {
			return err
		}
		text, err := json.Marshal(j)
		if err != nil {
			return err
		}
		file, err := os.OpenFile(r.path(runID), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o644)
		if err != nil {
			return err
		}
		e = &entry{journal: j, registry: r, file: file}
		if err := flock(file, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			return errors.Join(err, e.strike())
		}
		if _, err := file.Write(text); err != nil {
			return errors.Join(err, e.strike())
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("noting the run in %s: %w", r.dir, err)
	}
	return e, nil
}

// others reads the journals of all runs but one, which must not be there.
func (r registry) others(runID string) ([]journal, error) {
	runs, err := r.runs()
	if err != nil {
		return nil, err
	}
	var others []journal
	for _, id := range runs {
		e, live, err := r.open(id)
		if err != nil {
			return nil, err
		}
		if e == nil {
			continue
		}
		j := e.journal
		e.release()
		switch {
		case id != runID:
			others = append(others, j)
		case live:
			return nil, fmt.Errorf("run %q is in progress already (process %d)", id, j.PID)
		default:
			return nil, fmt.Errorf("run %q was killed and has left things behind: `chaos down %s` removes them", id, id)
		}
	}
	return others, nil
}

// open reads the journal of a run and locks it, unless the run is live. It is
// nil if there is none. To be called alone.
func (r registry) open(runID string) (e *entry, live bool, err error) {
	file, err := os.OpenFile(r.path(runID), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	e = &entry{registry: r, file: file, journal: journal{RunID: runID}}
	if err := flock(file, syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		live = true
	} else if err != nil {
		return nil, false, errors.Join(err, file.Close())
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, false, errors.Join(err, file.Close())
	}
	if json.Unmarshal(text, &e.journal) != nil && !live {
		// Its owner was killed while writing it, and so before making anything.
		return nil, false, e.strike()
	}
	return e, live, nil
}

// entry is a journal in the registry, locked by this process.
type entry struct {
	journal
	registry registry
	file     *os.File
}

// release unlocks the journal and leaves it where it is.
func (e *entry) release() { e.file.Close() }

// strike removes the journal, when nothing of the run is left.
func (e *entry) strike() error {
	err := os.Remove(e.registry.path(e.RunID))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, e.file.Close())
}

// flock locks a file, waiting if need be.
func flock(file *os.File, how int) error {
	for {
		err := syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
