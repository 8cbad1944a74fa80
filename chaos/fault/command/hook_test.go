package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// hooked is a hook of the fake runtime's node, prepared in a folder of its own.
func hooked(t *testing.T, h *Hook) *Hook {
	t.Helper()
	h.Dir, h.Timeout = t.TempDir(), max(h.Timeout, units.Duration(time.Minute))
	prepared, err := h.Attribute("run-1", "faults[0]").(*Hook).Prepare(t.Context(), &faulttest.Calls{}, "n")
	if err != nil {
		t.Fatal(err)
	}
	return prepared.(*Hook)
}

// The commands of a hook are told whom it is done to, and what they print is kept, within bounds.
func TestHooksAreToldTheirTarget(t *testing.T) {
	h := hooked(t, &Hook{
		InjectBy: []string{`echo "$CHAOS_PHASE $CHAOS_NODE $CHAOS_ADDR $CHAOS_RUN_ID $CHAOS_FAULT" | tee told; i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done`},
		HealBy:   []string{"sh", "-c", `echo "$0 $CHAOS_PHASE $CHAOS_NODE"; rm -f told`, "two words"}, Verify: []string{"test ! -e told"},
	})
	if err := h.Inject(t.Context(), nil, "n"); err != nil {
		t.Fatal(err)
	}
	told, err := os.ReadFile(filepath.Join(h.Dir, "told"))
	if want := "inject n n:6379 run-1 faults[0]\n"; string(told) != want || err != nil {
		t.Errorf("it is told %q, want %q (%v)", told, want, err)
	}
	if h.Healthy(t.Context(), nil, "n") == nil {
		t.Error("it counts as healed")
	}
	if err := h.Heal(t.Context(), nil, "n"); err != nil {
		t.Error(err)
	}
	if err := h.Healthy(t.Context(), nil, "n"); err != nil {
		t.Error(err)
	}
	got := h.Outcome().Text
	if !strings.HasPrefix(got, "inject: … ") || !strings.HasSuffix(got, "| line 1999; heal: two words heal n") || len(got) > mostPrinted+100 {
		t.Errorf("what is kept: %q", got)
	}
	want := "cd " + h.Dir + "; CHAOS_PHASE=heal CHAOS_ADDR=n:6379 "
	if got := strings.Join(h.ByCommands(compose.Node{}), "; "); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, ` sh -c 'echo "$0 $CHAOS_PHASE $CHAOS_NODE"; rm -f told' 'two words'`) {
		t.Errorf("by hand: %s", got)
	}
}

// A hook that fails says what it printed, and one that hangs is ended with all that it has started.
func TestHooksThatFail(t *testing.T) {
	h := hooked(t, &Hook{InjectBy: []string{"echo no such pod >&2; exit 3"}})
	if err := h.Inject(t.Context(), nil, "n"); err == nil || err.Error() != "the inject command of the hook (echo no such pod >&2; exit 3): exit status 3; it printed no such pod" {
		t.Errorf("%v", err)
	}
	h = hooked(t, &Hook{InjectBy: []string{"(sleep 0.7; touch late) & echo waiting; wait"}})
	h.Timeout = units.Duration(200 * time.Millisecond)
	if err := h.Inject(t.Context(), nil, "n"); err == nil || !strings.HasSuffix(err.Error(), "it did not end within 200ms; it printed waiting") {
		t.Errorf("%v", err)
	}
	time.Sleep(900 * time.Millisecond) // in which what it started would have made the file
	if _, err := os.Stat(filepath.Join(h.Dir, "late")); err == nil {
		t.Error("what it had started goes on")
	}
}

// Another process heals a hook with what the first one knew.
func TestHooksAreHealedByAnotherProcess(t *testing.T) {
	h := hooked(t, &Hook{InjectBy: []string{"touch it"}, HealBy: []string{`echo "$CHAOS_NODE of $CHAOS_RUN_ID" >healed`}, Effect: "ends"})
	entries, err := chaos.Note("run-1", 0, scenarios.Fault{Kind: "hook", Spec: h}, []chaos.Fault{h}, []string{"n"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := chaos.Restore(entries[0], func(settings string) (scenarios.Fault, error) {
		return parse.Fault("noted", []byte(settings), scenarios.Catalog{Faults: Kinds()})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Heal(t.Context(), nil, "n"); err != nil {
		t.Fatal(err)
	}
	if told, err := os.ReadFile(filepath.Join(h.Dir, "healed")); string(told) != "n of run-1\n" || err != nil {
		t.Errorf("%q, %v", told, err)
	}
}

func TestHookSettings(t *testing.T) {
	set := func(change func(h *Hook)) *Hook {
		h := kinds{}.Hook().(*Hook)
		h.Selector, h.InjectBy, h.HealBy = faulttest.Target(), []string{"true"}, []string{"true"}
		change(h)
		return h
	}
	faulttest.Accepts(t, set(func(*Hook) {}), "")
	faulttest.Accepts(t, set(func(h *Hook) { h.InjectBy = nil }), "no command; write inject: ")
	faulttest.Accepts(t, set(func(h *Hook) { h.HealBy = nil }), "no command that undoes it; write heal: ")
	faulttest.Accepts(t, set(func(h *Hook) { h.Effect = "stops" }), `effect: unknown effect "stops"; known: cuts_off, disturbs, ends, freezes, slows`)
	faulttest.Accepts(t, set(func(h *Hook) { h.Timeout = 0 }), "timeout: 0s is out of range; write 100ms to 10m")
}

// A hook that is not there is an error of the scenario that is to be run, and no matter of one that is only read again.
func TestHooksThatAreNotThere(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cut.sh"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for hook, want := range map[string]string{
		`inject: ./cut.sh now, heal: [./cut.sh, back]`:           "",
		`inject: "if true; then cut; fi", heal: "X=1 cut"`:       "",
		`inject: cut.sh now, heal: "true"`:                       `:5:43: inject: no program "cut.sh" is in PATH; install it, or write its path`,
		`inject: "true", heal: [./notes.txt, back]`:              ":5:57: heal: ./notes.txt is no program: ",
		`inject: "true", heal: "true", verify: "./gone -x || y"`: ":5:73: verify: ./gone is no program: ",
		`inject: "true", dir: .., heal: ./cut.sh`:                ":5:66: heal: ./cut.sh is no program: ",
	} {
		text := "name: t\nduration: 30s\ncluster: {}\nfaults:\n  - {at: 1s, hook: {role: master, " + hook + "}}\n"
		file := filepath.Join(dir, "s.yaml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		catalog := scenarios.Catalog{Faults: Kinds()}
		s, _, err := parse.Load(t.Context(), file, catalog, nil)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), file+want)) {
			t.Errorf("%s:\n got %v\nwant %s", hook, err, want)
		}
		if err == nil && s.Faults[0].Spec.(*Hook).Dir != dir {
			t.Errorf("%s: it runs in %s", hook, s.Faults[0].Spec.(*Hook).Dir)
		}
		if _, err := parse.Scenario("s.yaml", []byte(text), catalog, nil); err != nil {
			t.Errorf("%s: %v", hook, err)
		}
	}
}
