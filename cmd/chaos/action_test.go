package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/set"
)

// fakeChaos stands in for this program: `run` leaves the sets that are in $FAKE/sets, and
// `compare` ends as their file "code" says; of a set with itself, by its bound: there is one
// figure, but for the first set, which also has lost_writes.
const fakeChaos = `#!/usr/bin/env bash
command=$1; shift
printf '%s\0' "$@" >>"$FAKE/$command"
out= bound=
while [ "$1" != -- ]; do
	case $1 in
	--out) out=$2 ;;
	--fail-on) bound=$2 ;;
	esac
	shift
done
case $command in
run)
	if [ -d "$FAKE/sets" ]; then cp -r "$FAKE/sets" "$out"; fi
	exit "$FAKE_RUN" ;;
compare)
	if [ "$2" = "$3" ]; then
		case $bound in "failover_time > +"*) exit 0 ;; "lost_writes > +"*) [[ $3 = */set-0 ]] && exit 0 ;; esac
		echo "chaos: no such bound" >&2
		exit 2
	fi
	read -r code <"$3/code"
	if [ "$code" -lt 2 ]; then
		echo "what changed" >"$out/compare.md"
	else
		printf 'chaos: why,\nin two lines\n' >&2
	fi
	exit "$code" ;;
esac
`

// actionSet is a set that chaos makes, and what its scenario has as a baseline.
type actionSet struct {
	scenario, verdict string
	compare           int    // what chaos ends with
	kept, pinned      string // verdict of the baseline; "" for none
	line              string // of the summary
	becomes           bool   // the baseline
}

// actionRun is what chaos.sh is told, and finds.
type actionRun struct {
	sets   []actionSet
	run    int // what chaos ends with
	env    map[string]string
	report string // what set.md begins with
}

// actionResult is what chaos.sh left.
type actionResult struct {
	dir           string
	code          int
	printed       string
	summary       string
	output        string
	ran, compared []string // arguments of chaos
}

func (r *actionResult) read(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{r.dir}, parts...)...))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

func (r *actionResult) list(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(r.dir, dir))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func runAction(t *testing.T, r actionRun) actionResult {
	t.Helper()
	got := actionResult{dir: t.TempDir()}
	in := func(parts ...string) string { return filepath.Join(append([]string{got.dir}, parts...)...) }
	file := func(text string, parts ...string) {
		t.Helper()
		path := in(parts...)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	file(fakeChaos, "fake", "chaos")
	for i, s := range r.sets {
		id := fmt.Sprint("set-", i)
		file(setJSON(t, id, s.scenario, s.verdict), "fake", "sets", id, "set.json")
		file(r.report+"figures of "+s.scenario+"\n", "fake", "sets", id, "set.md")
		file(fmt.Sprintln(s.compare), "fake", "sets", id, "code")
		file("", "fake", "sets", id, "compare", "compare.json")
		if s.kept != "" {
			file(setJSON(t, "old", s.scenario, s.kept), "kept", s.scenario, "set.json")
		}
		if s.pinned != "" {
			file(setJSON(t, "pinned", s.scenario, s.pinned), "work", "pinned", s.scenario, "set.json")
		}
	}
	if len(r.sets) > 0 {
		if err := os.Symlink("set-0", in("fake", "sets", "latest")); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range hostileNames {
		file("", "work", "chaos", name)
	}
	script, err := filepath.Abs("../../.github/actions/chaos/chaos.sh")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", script)
	cmd.Dir = in("work")
	env := map[string]string{
		"PATH": os.Getenv("PATH"), "FAKE": in("fake"), "FAKE_RUN": fmt.Sprint(r.run),
		"CHAOS": in("fake", "chaos"), "CHAOS_SCENARIOS": strings.Repeat("master-kill\n", max(1, len(r.sets))), "CHAOS_BASELINE": in("kept"), "CHAOS_OUT": in("out"),
		"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": in("summary"), "GITHUB_OUTPUT": in("output"),
	}
	maps.Copy(env, r.env)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	printed, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	got.code, got.printed = cmd.ProcessState.ExitCode(), string(printed)
	got.summary, got.output = got.read(t, "summary"), got.read(t, "output")
	arguments := func(recorded string) []string { return strings.Split(strings.TrimSuffix(recorded, "\x00"), "\x00") }
	got.ran, got.compared = arguments(got.read(t, "fake", "run")), arguments(got.read(t, "fake", "compare"))
	return got
}

// setJSON is a set.json with other verdicts in it than the set's.
func setJSON(t *testing.T, id, scenario, verdict string) string {
	t.Helper()
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(set.Set{
		ID: id, Scenario: scenario, Verdict: report.Verdict(verdict), Source: "\n  \"verdict\": \"pass\",\n",
		Runs: []set.Run{{ID: "a", Verdict: report.Fail}},
	}); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

var hostileNames = []string{"-x.yaml", "$(touch here).yaml", ";touch here;.yaml", "[ab].yaml", "`touch here`.yaml", "a  b\nc.yaml", "~.yaml"}

// What the action says of each set, ends with and keeps, by what chaos ends with.
func TestActionVerdicts(t *testing.T) {
	const held, failed = ": no expectation failed; ", ": expectations failed; "
	unchanged := actionSet{scenario: "unchanged", verdict: "pass", kept: "pass", line: "PASS: `unchanged`" + held + "no significant regression", becomes: true}
	for name, test := range map[string]struct {
		run   actionRun
		code  int
		title string
		last  string // line after those of the sets
	}{
		"nothing worse": {run: actionRun{run: 1, sets: []actionSet{
			unchanged,
			{scenario: "first", verdict: "pass", line: "PASS: `first`" + held + "there is no baseline to compare it with", becomes: true},
			{scenario: "edited", verdict: "pass", kept: "pass", compare: 2, line: "PASS: `edited`" + held + "not compared, because its baseline is of another scenario", becomes: true},
			{scenario: "known", verdict: "fail", kept: "pass", pinned: "fail", line: "WARNING: `known`: expectations failed, as in the baseline; no significant regression"},
		}}, title: "PASS: 4 scenarios, 2 compared with the baseline"},
		"worse": {run: actionRun{run: 1, sets: []actionSet{
			unchanged,
			{scenario: "slower", verdict: "pass", kept: "pass", compare: 1, line: "FAIL: `slower`" + held + "significantly worse than the baseline"},
			{scenario: "pinned", verdict: "pass", pinned: "pass", compare: 1, line: "FAIL: `pinned`" + held + "significantly worse than the baseline"},
			{scenario: "fails", verdict: "fail", kept: "pass", line: "FAIL: `fails`" + failed + "no significant regression"},
			{scenario: "first", verdict: "fail", line: "FAIL: `first`" + failed + "there is no baseline to compare it with"},
			{scenario: "edited", verdict: "fail", kept: "fail", compare: 2, line: "FAIL: `edited`" + failed + "not compared, because its baseline is of another scenario"},
			{scenario: "known", verdict: "fail", kept: "fail", compare: 1, line: "FAIL: `known`: expectations failed, as in the baseline; significantly worse than the baseline"},
		}}, code: 1, title: "FAIL: 7 scenarios, 5 compared with the baseline"},
		"not carried out": {run: actionRun{run: 3, sets: []actionSet{
			{scenario: "broken", verdict: "error", kept: "pass", line: "ERROR: `broken`: the set could not be carried out"},
			{scenario: "slower", verdict: "pass", kept: "pass", compare: 1, line: "FAIL: `slower`" + held + "significantly worse than the baseline"},
			{scenario: "carried-out", verdict: "pass", kept: "pass", line: "PASS: `carried-out`" + held + "no significant regression"},
		}}, code: 3, title: "ERROR: 3 scenarios, 2 compared with the baseline", last: "ERROR: not all runs could be carried out; the log says why"},
		"unreadable baseline": {run: actionRun{sets: []actionSet{
			{scenario: "kept", verdict: "pass", kept: "pass", compare: 3, line: "ERROR: `kept`" + held + "it cannot be compared with its baseline; the log says why. Another name for the baseline starts a new one"},
		}}, code: 3, title: "ERROR: 1 scenario, 0 compared with the baseline"},
		"no set": {run: actionRun{run: 3}, code: 3, title: "ERROR: 0 scenarios, 0 compared with the baseline", last: "ERROR: not all runs could be carried out; the log says why"},
		"a set too few": {run: actionRun{sets: []actionSet{unchanged}, env: map[string]string{"CHAOS_SCENARIOS": "a\nb\n"}},
			code: 3, title: "ERROR: 1 scenario, 1 compared with the baseline", last: "ERROR: 2 scenarios were to be run, and 1 left a set; the log says why"},
		"bad names": {run: actionRun{sets: []actionSet{
			unchanged,
			{scenario: "unchanged", verdict: "pass", line: "ERROR: each scenario needs a name of its own, to have a baseline; the log says which has not"},
			{scenario: "../work/chaos", verdict: "pass", line: "ERROR: each scenario needs a name of its own, to have a baseline; the log says which has not"},
		}}, code: 2, title: "ERROR: 3 scenarios, 1 compared with the baseline"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if slices.ContainsFunc(test.run.sets, func(s actionSet) bool { return s.pinned != "" }) {
				test.run.env = map[string]string{"CHAOS_PINNED": "pinned"}
			}
			got := runAction(t, test.run)
			want, baseline, word, updated := "## "+test.title+"\n\n", map[string]string{}, strings.ToLower(test.title[:strings.Index(test.title, ":")]), false
			for i, s := range test.run.sets {
				want += "- " + s.line + "\n"
				if s.kept != "" {
					baseline[s.scenario] = "old"
				}
				if s.becomes {
					baseline[s.scenario], updated = fmt.Sprint("set-", i), true
				}
			}
			if test.last != "" {
				want += "- " + test.last + "\n"
			}
			lines, _, _ := strings.Cut(got.summary, "\n<details")
			if got.code != test.code || lines != want {
				t.Errorf("exit %d, want %d; summary:\n%s\nwant:\n%s\nprinted:\n%s", got.code, test.code, lines, want, got.printed)
			}
			if told := strings.Count(got.printed, "::error::"); told != strings.Count(want, "- FAIL")+strings.Count(want, "- ERROR") {
				t.Errorf("%d errors are told:\n%s", told, got.printed)
			}
			if want := fmt.Sprintf("verdict=%s\nupdated=%v\n", word, updated); got.output != want {
				t.Errorf("output %q, want %q", got.output, want)
			}
			kept := map[string]string{}
			for _, name := range got.list(t, "kept") {
				var s set.Set
				if err := json.Unmarshal([]byte(got.read(t, "kept", name, "set.json")), &s); err != nil {
					t.Fatal(err)
				}
				kept[name] = s.ID
			}
			if !maps.Equal(kept, baseline) {
				t.Errorf("the baseline is %v, want %v", kept, baseline)
			}
		})
	}
}

// What the action is told is checked, and most of it before anything runs.
func TestActionRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		run  actionRun
		want string
		ran  bool
	}{
		"no scenario":             {actionRun{env: map[string]string{"CHAOS_SCENARIOS": " \n"}}, "scenarios is empty; name files", false},
		"no match":                {actionRun{env: map[string]string{"CHAOS_SCENARIOS": "nothing/*.yaml"}}, `matches "nothing/*.yaml" of scenarios`, false},
		"repeat is no number":     {actionRun{env: map[string]string{"CHAOS_REPEAT": "ten"}}, `repeat is "ten"; write how many`, false},
		"no runs":                 {actionRun{env: map[string]string{"CHAOS_REPEAT": "0"}}, `repeat is "0"; write how many`, false},
		"no such pinned baseline": {actionRun{env: map[string]string{"CHAOS_PINNED": "nowhere"}}, `baseline-dir is "nowhere"; there is no such folder`, false},
		"sets of another run":     {actionRun{env: map[string]string{"CHAOS_OUT": "chaos"}}, "chaos has files in it; name a new folder", false},
		"bad scenario":            {actionRun{run: 2}, "chaos run refused what it was told", true},
		"bad bound":               {actionRun{sets: []actionSet{{scenario: "x", verdict: "pass", kept: "pass"}}, env: map[string]string{"CHAOS_FAIL_ON": "failover_time > +1s\nfailover_tme > +20%"}}, `"failover_tme > +20%" of fail-on fits no scenario`, true},
		"bad bound, no baseline":  {actionRun{sets: []actionSet{{scenario: "x", verdict: "pass"}}, env: map[string]string{"CHAOS_FAIL_ON": "failover_time > 20%"}}, "fits no scenario here; the log says why", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runAction(t, test.run)
			if got.code != 2 || !strings.Contains(got.printed, "::error::") || !strings.Contains(got.printed, test.want) {
				t.Errorf("exit %d:\n%s\nwant: %s", got.code, got.printed, test.want)
			}
			if ran := got.ran[0] != ""; ran != test.ran {
				t.Errorf("ran: %v", ran)
			}
			if text := got.read(t, "kept", "x", "set.json"); text != "" && !strings.Contains(text, `"old"`) {
				t.Error("the set became the baseline")
			}
		})
	}
}

// Interrupted, the script ends as chaos does, and has nothing to tell.
func TestActionInterrupted(t *testing.T) {
	t.Parallel()
	const interrupted = `#!/bin/sh
exit 130`
	got := runAction(t, actionRun{env: map[string]string{"CHAOS": write(t, "chaos", interrupted)}})
	if got.code != exitInterrupted || got.summary != "" {
		t.Errorf("exit %d:\n%s", got.code, got.summary)
	}
}

// Names and bounds reach chaos as they are, an argument each.
func TestActionArguments(t *testing.T) {
	t.Parallel()
	got := runAction(t, actionRun{sets: []actionSet{{scenario: "x", verdict: "pass", kept: "pass"}, {scenario: "y", verdict: "pass", kept: "pass"}}, env: map[string]string{
		"CHAOS_SCENARIOS": "chaos/*.yaml\r\n\n  $(touch here)  \nchaos/[ab].yaml",
		"CHAOS_REPEAT":    "7",
		"CHAOS_ARGS":      "--runtime=local\n--set=workloads.a b.rate=5\n",
		"CHAOS_FAIL_ON":   "failover_time > +20%\nlost_writes > +$(touch here) *\n",
	}})
	want := []string{"--repeat", "7", "--out", filepath.Join(got.dir, "out"), "--runtime=local", "--set=workloads.a b.rate=5", "--"}
	flags := min(len(want), len(got.ran))
	if !slices.Equal(got.ran[:flags], want) {
		t.Fatalf("ran %q", got.ran)
	}
	var files []string
	for _, name := range hostileNames {
		files = append(files, "chaos/"+name)
	}
	slices.Sort(files)
	ran := slices.Clone(got.ran[flags:])
	slices.Sort(ran[:min(len(files), len(ran))])
	if !slices.Equal(ran, append(files, "$(touch here)", "chaos/[ab].yaml")) {
		t.Errorf("ran %q", ran)
	}
	in := func(parts ...string) string { return filepath.Join(append([]string{got.dir}, parts...)...) }
	want = []string{"--out", in("out", "set-0", "compare"), "--fail-on", "failover_time > +20%", "--fail-on", "lost_writes > +$(touch here) *", "--", in("kept", "x"), in("out", "set-0"),
		"--out", in("out", "set-1", "compare"), "--fail-on", "failover_time > +20%", "--", in("kept", "y"), in("out", "set-1")}
	if !slices.Equal(got.compared[max(0, len(got.compared)-len(want)):], want) {
		t.Errorf("compared %q", got.compared)
	}
	if left := got.list(t, "work"); !slices.Equal(left, []string{"chaos"}) {
		t.Errorf("a name was run: %q", left)
	}
}

// The summary has the details folded, and leaves out what GitHub would not show.
func TestActionSummary(t *testing.T) {
	t.Parallel()
	run := actionRun{sets: []actionSet{
		{scenario: "slower", verdict: "pass", kept: "pass", compare: 1},
		{scenario: "edited", verdict: "pass", kept: "pass", compare: 2},
	}}
	got := runAction(t, run)
	fold := func(title, text string) string {
		return "\n<details><summary>" + title + "</summary>\n\n" + text + "\n\n</details>\n"
	}
	want := strings.Replace(fold("slower: compared with the baseline", "what changed\n"), "<details>", "<details open>", 1) + fold("slower: the set", "figures of slower\n") +
		fold("edited: why it is not compared", "    chaos: why,\n    in two lines") + fold("edited: the set", "figures of edited\n")
	if !strings.HasSuffix(got.summary, want) || got.summary != got.read(t, "out", "summary.md") {
		t.Errorf("summary:\n%s", got.summary)
	}
	run.report = strings.Repeat("… of the report\n", 25_005) // of 16 characters, and 18 bytes
	run.env = map[string]string{"LC_ALL": "C.UTF-8"}
	got = runAction(t, run)
	if !strings.Contains(got.summary, "figures of slower\n") || len(got.summary) > 1<<20 ||
		!strings.HasSuffix(got.summary, fold("edited: the set", "There is no room for it here: it is in the artifact.")) {
		t.Errorf("%d bytes of summary, which end with:\n%s", len(got.summary), got.summary[max(0, len(got.summary)-200):])
	}
}
