package ledger

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// file is where a test has its ledger.
func file(t *testing.T) string {
	return pathIn(t.TempDir(), "docker-unix:///run/docker.sock", "../up")
}

func open(t *testing.T, at string) *Ledger {
	t.Helper()
	l, err := openAt(at)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func begin(t *testing.T, l *Ledger, nodes ...string) []Entry {
	t.Helper()
	var all []Entry
	for _, node := range nodes {
		all = append(all, Entry{Run: "r", Kind: "pause", Node: node, Settings: "pause: {}", Memory: json.RawMessage(`{"a":1}`)})
	}
	noted, err := l.Begin(all)
	if err != nil {
		t.Fatal(err)
	}
	return noted
}

func nodes(all []Entry) (names []string) {
	for _, e := range all {
		names = append(names, e.Node)
	}
	return names
}

// A process that is killed leaves what it had begun and not ended, whole.
func TestWhatAKilledProcessLeaves(t *testing.T) {
	at := file(t)
	l := open(t, at)
	noted := begin(t, l, "a", "b", "c")
	if err := l.End(noted[1]); err != nil {
		t.Fatal(err)
	}
	left, _, err := read(at) // by another process, without any word of the first
	if err != nil || !slices.Equal(nodes(left), []string{"a", "c"}) {
		t.Fatalf("%v, %v", left, err)
	}
	if string(left[0].Memory) != `{"a":1}` || left[0].Settings != "pause: {}" || left[0].ID == left[1].ID {
		t.Errorf("%+v", left)
	}
	next := open(t, at)
	for _, e := range next.Open() {
		if err := next.End(e); err != nil {
			t.Error(err)
		}
	}
	if err := next.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(at); !os.IsNotExist(err) {
		t.Errorf("a ledger without entries stays: %v", err)
	}
}

// A line that is cut short was being written before anything was done, and is in nobody's way.
func TestLinesThatAreCutShort(t *testing.T) {
	at := file(t)
	begin(t, open(t, at), "a")
	text, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range text {
		if err := os.WriteFile(at, append(slices.Clone(text), text[:cut]...), 0o600); err != nil {
			t.Fatal(err)
		}
		l := open(t, at)
		begin(t, l, "b")
		if left, _, err := read(at); err != nil || !slices.Equal(nodes(left), []string{"a", "b"}) {
			t.Fatalf("after %d bytes of a line: %v, %v", cut, left, err)
		}
	}
}

// One that somebody has damaged is told of, with its line, and stays as it is.
func TestADamagedLedger(t *testing.T) {
	at := file(t)
	begin(t, open(t, at), "a")
	text, _ := os.ReadFile(at)
	damaged := append(slices.Clone(text), "nonsense\n"...)
	if err := os.WriteFile(at, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openAt(at); err == nil || !strings.Contains(err.Error(), filepath.Base(at)+":2: ") {
		t.Errorf("%v", err)
	}
	if after, _ := os.ReadFile(at); string(after) != string(damaged) {
		t.Errorf("it was changed: %q", after)
	}
}

func TestNoLedger(t *testing.T) {
	var l *Ledger
	noted, err := l.Begin([]Entry{{Node: "a"}})
	if err != nil || len(noted) != 1 || l.End(noted[0]) != nil || l.Close() != nil || len(l.Open()) > 0 {
		t.Errorf("%v, %v", noted, err)
	}
	if left, _, err := read(file(t)); left != nil || err != nil {
		t.Errorf("%v, %v", left, err)
	}
}
