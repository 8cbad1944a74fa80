package set

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

const (
	// MaxSize bounds a set.json that is read, in bytes.
	MaxSize = 32 << 20
	maxRuns = 10_000
)

// Read reads a set.json, which may come from elsewhere: what it says is checked as far as it can
// be without the runs themselves.
func Read(r io.Reader) (*Set, error) { return readUpTo(r, MaxSize) }

func readUpTo(r io.Reader, limit int64) (*Set, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading a set: %w", err)
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("reading a set: it is longer than %d MiB, and so no set.json", limit>>20)
	}
	s := &Set{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("reading a set: %w", err)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("reading a set: %w", err)
	}
	return s, nil
}

// check says what is wrong with a set.
func (s *Set) check() error {
	switch {
	case s.Schema != Schema:
		return fmt.Errorf("its schema is %q, and only %q is read; name the set.json of a set", s.Schema, Schema)
	case !isVerdict(s.Verdict):
		return fmt.Errorf("its verdict is %q, and can be pass, fail or error", s.Verdict)
	case !isTime(s.Duration):
		return errors.New("its duration_ms is negative, or no number")
	case len(s.Runs) > maxRuns:
		return fmt.Errorf("it has %d runs, and can have up to %d", len(s.Runs), maxRuns)
	}
	seen := map[string]bool{}
	for i, r := range s.Runs {
		if err := r.check(); err != nil {
			return fmt.Errorf("runs[%d]: %w", i, err)
		}
		if seen[r.ID] {
			return fmt.Errorf("runs[%d]: a second run %q", i, r.ID)
		}
		seen[r.ID] = true
	}
	for i, f := range s.Figures {
		if err := f.check(Carried(s.Runs)); err != nil {
			return fmt.Errorf("figures[%d] (%s): %w", i, f.Name, err)
		}
	}
	return nil
}

func isVerdict(v report.Verdict) bool {
	return slices.Contains([]report.Verdict{report.Pass, report.Fail, report.Error}, v)
}

func isTime(ms record.Millis) bool { return ms >= 0 && !math.IsInf(float64(ms), 0) }

func (r Run) check() error {
	switch {
	case r.ID == "":
		return errors.New("it has no id")
	case r.Dir != "" && !filepath.IsLocal(filepath.FromSlash(r.Dir)):
		return fmt.Errorf("its dir is %q, which is not below the folder of the set", r.Dir)
	case !isVerdict(r.Verdict):
		return fmt.Errorf("its verdict is %q, and can be pass, fail or error", r.Verdict)
	case !isTime(r.Duration):
		return errors.New("its duration_ms is negative, or no number")
	case r.Cluster < 0 || r.Served < 0:
		return fmt.Errorf("cluster %d and turn %d, neither of which can be negative", r.Cluster, r.Served)
	}
	return nil
}

// check says what is wrong with a figure of some runs.
func (f Figure) check(runs []Run) error {
	n, never := 0, 0
	for _, r := range runs {
		if v, ok := r.Values[f.Name]; ok {
			n++
			if v.IsNever() {
				never++
			}
		}
	}
	switch {
	case f.Name == "":
		return errors.New("it has no name")
	case !slices.Contains([]Unit{Millis, Count, Ratio, Bool, PerSecond}, f.Unit):
		return fmt.Errorf("its unit is %q, which is unknown", f.Unit)
	case f.N != n || f.Never != never:
		return fmt.Errorf("n is %d and never %d, and the runs have %d values, of which %d are never", f.N, f.Never, n, never)
	case f.Unmeasured < 0 || f.N+f.Unmeasured > len(runs):
		return fmt.Errorf("n is %d and unmeasured %d, of %s", f.N, f.Unmeasured, runsText(len(runs)))
	}
	known := []*stats.Value{f.Min, f.Median, f.P95, f.Max}
	for _, v := range known {
		if (v == nil) != (f.N == 0) {
			return fmt.Errorf("n is %d, and min, median, p95 and max are not all as that has it: null of none, and numbers of some", f.N)
		}
	}
	if f.N > 0 && !(*f.Min <= *f.Median && *f.Median <= *f.Max && *f.Min <= *f.P95 && *f.P95 <= *f.Max) {
		return errors.New("min, median, p95 and max are not in order")
	}
	return nil
}
