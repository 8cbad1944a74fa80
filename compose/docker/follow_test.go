package docker

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/redis-chaos/redis-chaos/compose"
)

// storedLog is an engine with a single log, which it tells from Since on, and
// breaks off after a number of frames.
type storedLog struct {
	frames []string // a timestamp and text, as the engine sends them
	until  int
}

func (e *storedLog) ContainerLogs(_ context.Context, _ string, options container.LogsOptions) (io.ReadCloser, error) {
	var out bytes.Buffer
	w := stdcopy.NewStdWriter(&out, stdcopy.Stdout)
	for _, frame := range e.frames[:e.until] {
		stamp, _, _ := strings.Cut(frame, " ")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if err != nil {
			return nil, err
		}
		if seconds, nanos, ok := strings.Cut(options.Since, "."); ok {
			since, err := time.ParseDuration(seconds + "s" + nanos + "ns")
			if err != nil {
				return nil, err
			}
			if at.Before(time.Unix(0, int64(since))) {
				continue
			}
		}
		if _, err := w.Write([]byte(frame)); err != nil {
			return nil, err
		}
	}
	return io.NopCloser(&out), nil
}

// However often a log breaks off, in the middle of a line or between lines of
// one time, and whatever the engine tells again, each line is told once.
func TestLogGoesOnWhereItBrokeOff(t *testing.T) {
	const at = "2026-11-22T11:04:0"
	engine := &storedLog{frames: []string{
		at + "1.000000001Z one\n",
		at + "1.000000002Z two\n", at + "1.000000002Z three\n",
		at + "2Z in three ", at + "2Z parts, each with ", at + "2Z a time\r\n",
		at + "2Z \n",
		at + "1.5Z after the clock was set back\n",
		at + "2Z \n", at + "1.5Z after the clock was set back\n", // told again
		at + "3.5Z last\n",
	}}
	want := []string{"one", "two", "three", "in three parts, each with a time", "", "after the clock was set back", "last"}
	for _, breaks := range [][]int{
		{11}, {1, 11}, {2, 11}, {3, 11}, {4, 11}, {5, 11}, {6, 11}, {7, 11}, {8, 11}, {9, 11}, {10, 11},
		{0, 0, 11, 11, 11}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
	} {
		var got []string
		r := newLogReader(engine, "c", func(l compose.LogLine) { got = append(got, l.Text) })
		for _, engine.until = range breaks {
			if err := r.read(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("broken off after %v frames: %q", breaks, got)
		}
	}
}

// An engine that tells a whole long log again tells nothing new.
func TestLogIsToldAgain(t *testing.T) {
	engine := &storedLog{}
	start := time.Date(2026, 11, 22, 11, 4, 0, 0, time.UTC)
	for i := range 3 * logMemory {
		engine.frames = append(engine.frames, start.Add(time.Duration(i)).Format(time.RFC3339Nano)+" x\n")
	}
	engine.until = len(engine.frames)
	told := 0
	r := newLogReader(engine, "c", func(compose.LogLine) { told++ })
	for range 2 {
		if err := r.read(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		r.last = time.Time{}
	}
	if told != len(engine.frames) || len(r.known) != logMemory {
		t.Errorf("%d lines are told of %d, and %d are remembered", told, len(engine.frames), len(r.known))
	}
}

func TestLogFramesKeepLongLinesShort(t *testing.T) {
	var got []compose.LogLine
	f := &logFrames{add: func(l compose.LogLine) { got = append(got, l) }}
	const stamp = "2026-11-22T11:04:01Z "
	for range 100 {
		if _, err := f.Write([]byte(stamp + strings.Repeat("x", 16<<10))); err != nil {
			t.Fatal(err)
		}
	}
	if cap(f.line) > 2*compose.MaxLogLine {
		t.Errorf("%d bytes are kept", cap(f.line))
	}
	for _, end := range []string{" end\n", "next\n"} {
		if _, err := f.Write([]byte(stamp + end)); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 2 || got[0].Text != strings.Repeat("x", compose.MaxLogLine) || got[1].Text != "next" {
		t.Errorf("%d lines", len(got))
	}
	if _, err := f.Write([]byte("no time\n")); err == nil {
		t.Error("a frame without a timestamp is taken")
	}
}
