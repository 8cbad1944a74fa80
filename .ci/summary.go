//go:build ignore

// Command summary reads what `go test -json` writes, prints what Go would have
// printed and what took longest, and ends with a line "N passed, N failed, N skipped". It fails if a
// test failed, or was skipped without an allowed reason.
//
//	go test -json ./... | go run .ci/summary.go -allow docker
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

func main() {
	allow := flag.String("allow", "", "words, separated by commas; a test may be skipped for a reason that has one of them in it")
	flag.Parse()
	s := &summary{out: bufio.NewWriter(os.Stdout), said: map[test]string{}, took: map[test]float64{}, failing: map[string]bool{}}
	s.allowed = strings.FieldsFunc(strings.ToLower(*allow), func(r rune) bool { return r == ',' })
	err := s.read(os.Stdin)
	ok := s.end()
	s.out.Flush()
	if err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// event is a line of `go test -json` (see `go doc test2json`).
type event struct {
	Action  string
	Package string
	Test    string // empty: the package as a whole
	Output  string
	Elapsed float64 // seconds
}

type test struct{ pkg, name string }

type summary struct {
	out     *bufio.Writer
	allowed []string

	passed, failed, skipped int

	said      map[test]string  // what each test that is running has printed
	took      map[test]float64 // seconds; without a name, a package as a whole
	failing   map[string]bool  // packages with a failed test
	failures  []string
	forbidden []string // skipped, and should not have been
}

func (s *summary) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		s.line(line)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// line takes in one line; what is no event is printed as it is.
func (s *summary) line(line string) {
	var e event
	if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &e) != nil {
		s.out.WriteString(line)
		s.out.Flush()
		return
	}
	s.out.WriteString(e.Output)
	t := test{e.Package, e.Test}
	switch e.Action {
	case "output":
		s.said[t] += e.Output
		return
	case "pass":
		if e.Test != "" {
			s.passed++
		}
	case "fail":
		s.fail(e)
	case "skip":
		if e.Test != "" {
			s.skip(t)
		}
	default:
		return
	}
	if e.Elapsed > 0 && !strings.Contains(e.Test, "/") {
		s.took[t] = e.Elapsed
	}
	delete(s.said, t)
	s.out.Flush()
}

// fail counts a test that failed. A package that fails without one (it does not
// build, or panics, or runs out of time) counts as one.
func (s *summary) fail(e event) {
	what := e.Package + " " + e.Test
	if e.Test == "" {
		if s.failing[e.Package] {
			return
		}
		what = e.Package
	}
	s.failing[e.Package] = true
	s.failed++
	s.failures = append(s.failures, what)
}

func (s *summary) skip(t test) {
	s.skipped++
	reason := strings.ToLower(s.said[t])
	for _, word := range s.allowed {
		if strings.Contains(reason, word) {
			return
		}
	}
	s.forbidden = append(s.forbidden, t.pkg+" "+t.name+":"+reasonLines(s.said[t]))
}

// reasonLines is what a test has said, without the lines about its life.
func reasonLines(said string) string {
	var reason strings.Builder
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			reason.WriteString(" " + line)
		}
	}
	return reason.String()
}

// slowest lists what took longest, packages or tests, with what it took.
func (s *summary) slowest(packages bool) (lines []string) {
	const most = 10
	slow := slices.DeleteFunc(slices.Collect(maps.Keys(s.took)), func(t test) bool { return (t.name == "") != packages })
	slices.SortFunc(slow, func(a, b test) int { return cmp.Compare(s.took[b], s.took[a]) })
	for _, t := range slow[:min(most, len(slow))] {
		lines = append(lines, fmt.Sprintf("%6.1f s  %s %s", s.took[t], t.pkg, t.name))
	}
	return lines
}

// end prints the sums, and tells whether all is well.
func (s *summary) end() bool {
	list := func(heading string, items []string) {
		if len(items) == 0 {
			return
		}
		fmt.Fprintf(s.out, "\n%s\n", heading)
		for _, item := range items {
			fmt.Fprintf(s.out, "  %s\n", item)
		}
	}
	list("The packages that took longest:", s.slowest(true))
	list("The tests that took longest, beside others:", s.slowest(false))
	list("Failed:", s.failures)
	list("Skipped, although this machine can run them:", s.forbidden)
	if s.passed+s.failed == 0 {
		fmt.Fprintln(s.out, "\nNo test ran.")
	}
	fmt.Fprintf(s.out, "\n%d passed, %d failed, %d skipped\n", s.passed, s.failed, s.skipped)
	return s.failed == 0 && len(s.forbidden) == 0 && s.passed > 0
}
