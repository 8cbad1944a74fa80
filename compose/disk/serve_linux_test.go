package disk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// What is asked of a disk in another process is done there, and its answers arrive whole.
func TestClient(t *testing.T) {
	o := folders(t)
	o.Writeback = Writeback{Commit: time.Hour}
	d, _ := serveElsewhere(t, o)
	f := programs{t, o.At, d}.synced("a", "abc")
	faults := map[string]Fault{
		"full": {Full: &Full{Bytes: 1 << 40}},
		"fail": {Fail: &Fail{Match: Match{Ops: []Op{OpRename}, Names: []string{"x/*"}}, Next: 2, Probability: 0.5, Seed: 3}},
		"slow": {Slow: &Slow{Match: Match{Ops: []Op{OpRead}, Names: []string{"y"}}, Delay: time.Second, Jitter: time.Millisecond, Seed: 4}},
	}
	for name, fault := range faults {
		must(t, d.Set(t.Context(), name, fault))
	}
	s := stateOf(t, d)
	for name, fault := range faults {
		if !reflect.DeepEqual(s.Faults[name].Fault, fault) {
			t.Errorf("%s is in force as %+v, want %+v", name, s.Faults[name].Fault, fault)
		}
	}
	if s.Below != o.Below || s.At != o.At || s.Writeback != o.Writeback || s.Synced != 3 || s.Ops[OpFsync].Calls != 1 {
		t.Errorf("the state is %+v", s)
	}
	if _, err := f.WriteString("def"); err != nil {
		t.Fatal(err)
	}
	must(t, d.Sync(t.Context()))
	holds(t, o.Below, map[string]string{"a": "abcdef"})
	if s := stateOf(t, d); s.WrittenBack != 3 || s.Dirty != 0 {
		t.Errorf("after Sync, the state is %+v", s)
	}
	if err := d.Set(t.Context(), "bad", Fault{}); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("setting an empty fault: %v", err)
	}
	if err := d.Mount(t.Context(), o); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("mounting twice: %v", err)
	}

	// Whoever waits for no answer does not take the next one's.
	canceled, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("no time"))
	for range 10 {
		if err := d.Sync(canceled); err != nil && !strings.Contains(err.Error(), "no time") {
			t.Error(err)
		}
		if s := stateOf(t, d); s.At != o.At {
			t.Errorf("the state is %+v", s)
		}
	}
}

// When the stream of requests ends, the disk is unmounted. A client after the first one finds it mounted.
func TestServe(t *testing.T) {
	needsFUSE(t)
	o := folders(t)
	in, requests := io.Pipe()
	answers, out := io.Pipe()
	served := make(chan error, 1)
	go func() {
		served <- Serve(t.Context(), in, out, slog.New(slog.DiscardHandler))
		out.Close()
	}()
	first := NewClient(nopCloser{requests}, answers)
	if _, err := first.State(t.Context()); err == nil || !strings.Contains(err.Error(), "not mounted") {
		t.Errorf("asking before anything is mounted: %v", err)
	}
	must(t, first.Unmount(t.Context()))
	if err := first.Mount(t.Context(), Options{Below: "/nowhere", At: o.At}); err == nil || !strings.Contains(err.Error(), "/nowhere") {
		t.Errorf("mounting nothing: %v", err)
	}
	must(t, first.Mount(t.Context(), o))
	must(t, os.WriteFile(filepath.Join(o.At, "a"), []byte("abc"), 0o600))
	must(t, requests.Close())
	must(t, <-served)
	must(t, first.Close())
	if _, ok := find(t, o.At); ok {
		t.Error("it is mounted still")
	}
	holds(t, o.Below, map[string]string{"a": "abc"})
	if _, err := first.State(t.Context()); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("asking a server that has ended: %v", err)
	}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// Serving ends with its context, even if nobody closes its stream.
func TestServeEndsWithContext(t *testing.T) {
	in, _, err := os.Pipe()
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, in, io.Discard, nil) }()
	cancel()
	must(t, <-served)
}

// Each message gets an answer with its id, whatever it asks for; what is no message ends serving.
func TestServeMessages(t *testing.T) {
	var out bytes.Buffer
	in := io.NopCloser(strings.NewReader(`{"id":"1","do":"state"}
{"id":"2","do":"mount"}
{"id":"3","do":"something"}
{"id":"4","do":"unmount"}
nonsense
`))
	if err := Serve(t.Context(), in, &out, nil); err == nil || !strings.Contains(err.Error(), "reading what is asked for") {
		t.Errorf("serving nonsense: %v", err)
	}
	want := []answer{{ID: "1", Error: "the disk is not mounted"}, {ID: "2", Error: "mount without options"}, {ID: "3", Error: "the disk is not mounted"}, {ID: "4"}}
	answers := json.NewDecoder(&out)
	for _, w := range want {
		var got answer
		if err := answers.Decode(&got); err != nil || got != w {
			t.Errorf("answered %+v, %v, want %+v", got, err, w)
		}
	}
}
