// Package ledger notes the faults that are in force on a cluster, each before it is injected, so that
// another process can undo them if this one is killed. A ledger is a file of lines of JSON, beside the
// journal of runs: one line for each fault that begins on a node, and one for each that is undone.
package ledger

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// Entry is a fault on one node, with all that undoing it takes.
type Entry struct {
	// ID tells it from all others.
	ID string `json:"id"`
	// Run is the run that injected it, and Step the fault's index in its scenario.
	Run  string `json:"run"`
	Step int    `json:"step"`
	Kind string `json:"kind"`
	Node string `json:"node"`
	// Settings is the fault as a scenario has it, in YAML.
	Settings string `json:"settings"`
	// Memory is what is known of the node as it was; none if undoing takes nothing of that.
	Memory json.RawMessage `json:"memory,omitempty"`
	// Begun is when it was noted, by this machine's wall clock.
	Begun time.Time `json:"begun"`
}

// line is a line of the file: an entry, or the end of one.
type line struct {
	Entry *Entry `json:"entry,omitempty"`
	Ended string `json:"ended,omitempty"` // the id of an entry
}

// Ledger is the ledger of one cluster, open for one process: whoever opens it holds the cluster. A nil
// Ledger notes nothing. Its methods can be called at once.
type Ledger struct {
	path string

	mu   sync.Mutex
	file *os.File
	open []Entry
}

// path is where the ledger of a cluster is.
func path(place, cluster string) (string, error) {
	runs, err := journal.Folder()
	if err != nil {
		return "", err
	}
	return pathIn(filepath.Join(filepath.Dir(runs), "faults"), place, cluster), nil
}

func pathIn(folder, place, cluster string) string {
	return filepath.Join(folder, url.PathEscape(place), url.PathEscape(cluster)+".ndjson")
}

// Open opens the ledger of a cluster that runs in a place, as the journal calls that. What is noted of
// faults that are not undone stays.
func Open(place, cluster string) (*Ledger, error) {
	at, err := path(place, cluster)
	if err != nil {
		return nil, fmt.Errorf("opening the journal of faults: %w", err)
	}
	return openAt(at)
}

func openAt(at string) (*Ledger, error) {
	open, whole, err := read(at)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return nil, fmt.Errorf("opening the journal of faults: %w", err)
	}
	file, err := os.OpenFile(at, os.O_CREATE|os.O_RDWR, 0o600) // settings may say what is secret
	if err != nil {
		return nil, fmt.Errorf("opening the journal of faults: %w", err)
	}
	l := &Ledger{path: at, file: file, open: open}
	if err := errors.Join(file.Truncate(whole), syncFolder(filepath.Dir(at))); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the journal of faults: %w", err), file.Close())
	}
	if _, err := file.Seek(whole, 0); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the journal of faults: %w", err), file.Close())
	}
	return l, nil
}

// InForce is how many faults are noted of clusters of a name, wherever they run, and not undone. It waits for nobody,
// and so is for a process that is about to end.
func InForce(cluster string) (n int, err error) {
	every, err := path("*", cluster)
	if err != nil {
		return 0, err
	}
	folder := filepath.Dir(filepath.Dir(every))
	places, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	for _, p := range places {
		open, _, err := read(filepath.Join(folder, p.Name(), filepath.Base(every)))
		if err != nil {
			return n, err
		}
		n += len(open)
	}
	return n, nil
}

// Forget removes the ledger of a cluster that is gone, or has just been made. There need not be one.
func Forget(place, cluster string) error {
	at, err := path(place, cluster)
	if err == nil {
		err = os.Remove(at)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the journal of faults of %s: %w", cluster, err)
	}
	return nil
}

// read lists the entries without an end, and says how many bytes of the file are whole lines. A last line that
// is cut short was being written when its process was killed, and nothing had been done of it.
func read(at string) (open []Entry, whole int64, err error) {
	text, err := os.ReadFile(at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("reading the journal of faults: %w", err)
	}
	lines := bufio.NewReader(bytes.NewReader(text))
	for n := 1; ; n++ {
		b, err := lines.ReadBytes('\n')
		if err != nil { // its end
			return open, whole, nil
		}
		var l line
		if err := json.Unmarshal(b, &l); err != nil {
			return nil, 0, fmt.Errorf("reading the journal of faults: %s:%d: %w; see by hand what it says, and remove it", at, n, err)
		}
		whole += int64(len(b))
		if l.Entry != nil {
			open = append(open, *l.Entry)
		}
		open = without(open, l.Ended)
	}
}

func without(all []Entry, id string) []Entry {
	for i, e := range all {
		if e.ID == id {
			return append(all[:i:i], all[i+1:]...)
		}
	}
	return all
}

// Open lists the entries without an end, oldest first.
func (l *Ledger) Open() []Entry {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Entry(nil), l.open...)
}

// Begin notes faults. It returns when they are on disk, with their ids.
func (l *Ledger) Begin(entries []Entry) ([]Entry, error) {
	if l == nil {
		return entries, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	noted := append([]Entry(nil), entries...)
	lines := make([]line, len(noted))
	for i := range noted {
		noted[i].ID, noted[i].Begun = rand.Text(), time.Now()
		lines[i].Entry = &noted[i]
	}
	if err := l.write(lines); err != nil {
		return nil, fmt.Errorf("noting the fault before it is injected: %w", err)
	}
	l.open = append(l.open, noted...)
	return noted, nil
}

// End notes that a fault is undone.
func (l *Ledger) End(e Entry) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.write([]line{{Ended: e.ID}}); err != nil {
		return fmt.Errorf("noting that the fault is undone: %w", err)
	}
	l.open = without(l.open, e.ID)
	return nil
}

// write appends lines, and waits until they are on disk. The caller holds mu.
func (l *Ledger) write(lines []line) error {
	var b bytes.Buffer
	for _, one := range lines {
		text, err := json.Marshal(one)
		if err != nil {
			return err
		}
		b.Write(append(text, '\n'))
	}
	if _, err := l.file.Write(b.Bytes()); err != nil {
		return err
	}
	return l.file.Sync()
}

// Close closes the ledger. One that has no open entry is removed.
func (l *Ledger) Close() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.file.Close()
	if len(l.open) > 0 {
		return err
	}
	if failed := os.Remove(l.path); !errors.Is(failed, fs.ErrNotExist) {
		err = errors.Join(err, failed)
	}
	return err
}

// syncFolder has the names in a folder be on disk.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
