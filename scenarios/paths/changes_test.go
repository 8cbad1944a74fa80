package paths

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestChanges(t *testing.T) {
	const base = `name: x
cluster:
  masters: 3
  dns: [192.0.2.1]
  config:
    cluster-node-timeout: 5000
    save: [900 1, 300 10]
workloads:
  - name: orders
    type: set
    client:
      dial_timeout: 500ms
  - name: news
    type: pubsub
faults:
  - at: 6s
    kill:
      role: master
expect: {}
`
	for name, test := range map[string]struct {
		old, new string
		want     []string
	}{
		"nothing":             {"", "", nil},
		"a directive":         {"timeout: 5000", "timeout: 2000", []string{"cluster.config.cluster-node-timeout: 5000 → 2000"}},
		"another directive":   {"    save:", "    hz: 50\n    save:", []string{"cluster.config.hz:  → 50"}},
		"a list of values":    {"300 10", "300 20", []string{"cluster.config.save: [900 1, 300 10] → [900 1, 300 20]"}},
		"a client's option":   {"500ms", "1s", []string{"workloads.orders.client.dial_timeout: 500ms → 1s"}},
		"a workload's name":   {"name: news", "name: chat", []string{"workloads.news: {name: news, type: pubsub} → ", "workloads.chat:  → {name: chat, type: pubsub}"}},
		"the kind of a fault": {"kill:", "pause:", []string{"faults[0].kill: {role: master} → ", "faults[0].pause:  → {role: master}"}},
		"one fault more":      {"expect:", "  - at: 9s\n    pause: {}\nexpect:", []string{"faults[1]:  → {at: 9s, pause: {}}"}},
		"no faults":           {"faults:\n  - at: 6s\n    kill:\n      role: master\n", "faults: []\n", []string{"faults[0]: {at: 6s, kill: {role: master}} → "}},
		"a value for a list":  {"[192.0.2.1]", "192.0.2.1", []string{"cluster.dns: [192.0.2.1] → 192.0.2.1"}},
		"only quotes":         {"500ms", `"500ms"`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			other := base
			if test.old != "" {
				if !strings.Contains(base, test.old) {
					t.Fatalf("%q is not in the scenario", test.old)
				}
				other = strings.Replace(base, test.old, test.new, 1)
			}
			changes, err := Changes([]byte(base), []byte(other))
			var got []string
			for _, c := range changes {
				got = append(got, fmt.Sprintf("%s: %s → %s", c.Path, c.A, c.B))
			}
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%q, %v\nwant %q", got, err, test.want)
			}
		})
	}
}

func TestChangesOfWhatIsNoScenario(t *testing.T) {
	for _, text := range []string{"", "x", "a: [", "a: &b 1", strings.Repeat("[", 100), "\xff"} {
		if _, err := Changes([]byte("name: x"), []byte(text)); err == nil {
			t.Errorf("%q has no error", text)
		}
	}
	// Names that occur twice, and many items, are only a file that is odd.
	twice := []byte("workloads: [{name: a}, {name: a}]")
	if changes, err := Changes(twice, twice); err != nil || len(changes) > 0 {
		t.Errorf("%v, %v", changes, err)
	}
	many := []byte("a: [" + strings.Repeat("{},", 5_000) + "{}]")
	changes, err := Changes(many, []byte("a: []"))
	if err != nil || len(changes) != 5_001 {
		t.Errorf("%d changes, %v", len(changes), err)
	}
}
