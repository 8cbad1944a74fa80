package parse

import (
	"errors"
	"io/fs"
	"reflect"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// checkRoundTrip wants Parse to read back what YAML writes.
func checkRoundTrip(t *testing.T, s *scenarios.Scenario) {
	t.Helper()
	data, err := s.YAML()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Scenario("again.yaml", data, fakeCatalog(), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	want := *s
	want.Warnings, back.Warnings, want.Suits, back.Suits = nil, nil, nil, nil // which are of another file
	if s = &want; !reflect.DeepEqual(s, back) {
		t.Errorf("got  %+v\nwant %+v\n%s", back, s, data)
	}
}

func roundTripSources(t testing.TB) []string {
	sources := []string{
		overridable,
		minimal,
		steps(everyMoment),
		`name: long
description: |
  Two lines: "quoted", # not a comment
    and a tab	here, é, ` + "\u2028" + `
cluster:
  zones: 3
  config: {save: "", a: "true", b: yes, c: "null", d: "- x", e: " padded ", f: '''it'' s', g: "a: b", h: "#", i: "x #y", j: "\\", k: "@x", user: [default on nopass ~* &* +@all, a off], client-output-buffer-limit: [pubsub 1mb 1mb 60], l: "1:", m: "a  b"}
  extra_directives: [a, b, c, d, e, f, g, h, i, j, k, l, m]
workloads:
  - {name: a, rate: 0.25, value_size: 1MiB, client: {read_timeout: 1m30s, pool_size: 3}}
  - {name: b, type: register, ttl: 1m30s, read_ratio: 0.25, keys: 20, start: 2s, stop: 1h, distribution: uniform}
  - {name: j, type: jar, jar: {lids: 0}}
  - {name: s, type: jar, shelf: {}}
  - {name: p, pipeline: 16, client: {autopipeline: true}}
  - {name: c, waitaof: {local: 1, replicas: 0, timeout: 1s}, client: {preset: patient}, rate: [{from: 0s, rate: 500}, {from: 1m, rate: 0}, {from: 90s, rate: 0.5}]}
  - {name: d, value_size: 64-4KB, transaction: true, rate: {from: 500, to: 5000, over: 30s}, wait: {replicas: 1, timeout: 100ms}, distribution: zipf}
seed: -5
faults:
  - {at: 0s, partition: {groups: [[a, b], [c]], shards: [0, 1], from: {port: 80}, options: {"x y": "z: 1"}}}
  - {at: 1h, for: 0.5ms, delay: {latency: 1ms, loss: 0, bytes: 0, both: false}}
  - {at: 3s, kill: {}}
duration: 2h
expect: {recovered: false, lost_ratio: "< 0.1%", failovers: "> 0", split_brain: 0, workloads.a.lost_writes: 0, workloads.b.availability: 99%, outage_causes: [master_down, full_coverage], missed_causes: [], loss_causes: died, workloads.a.loss_causes: [], failover_time: "== 6s"}
expect_set:
  failover_time: {p95: "<= 8s", median: 6s, mean: "== 5s"}
  lost_writes: {every: 0, mean: 0.5, max: "== 3"}
  availability: {median: 99%}
  recovered: {every: true}
  workloads.b.availability: {min: 99%, every: "> 98%"}
  passed: 95%
`,
	}
	return sources
}

func TestYAMLRoundTrip(t *testing.T) {
	for _, source := range roundTripSources(t) {
		s, err := Scenario("f.yaml", []byte(source), fakeCatalog(), nil)
		if err != nil {
			t.Errorf("%v\n%s", err, source)
			continue
		}
		checkRoundTrip(t, s)
	}
}

func TestYAMLReadsWell(t *testing.T) {
	source, _ := scenarios.Find("master-kill")
	s, err := Scenario("f.yaml", source, fakeCatalog(), []string{
		"duration=30s", "description=It's > 0: a test", "cluster={}", "seed=7",
		"workloads=[{name: orders, client: {preset: fast-failover, read_timeout: 500ms}}]",
		"faults=[{at: 5s, for: 20s, kill: {role: master, nodes: [a, b]}}, {at: 6s, pause: {}}]",
		"expect={failover_time: <= 8s, lost_writes: 0, recovered: true}",
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.YAML()
	if err != nil {
		t.Fatal(err)
	}
	want := `name: master-kill
description: "It's > 0: a test"
cluster:
  masters: 3
  replicas: 1
  image: redis:7-alpine
  announce: address
workloads:
  - name: orders
    type: set
    clients: 16
    keys: 1000
    distribution: uniform
    value_size: 64B
    pipeline: 1
    client:
      preset: fast-failover
      read_timeout: 500ms
duration: 30s
seed: 7
recovery_timeout: 1m
observe:
  probes: 5ms
  topology: 50ms
faults:
  - at: 5s
    for: 20s
    kill:
      role: master
      nodes:
        - a
        - b
      signal: KILL
  - at: 6s
    pause: {}
expect:
  failover_time: "<= 8s"
  lost_writes: 0
  recovered: true
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLibrary(t *testing.T) {
	names := scenarios.Library()
	if !slices.IsSorted(names) || !slices.Contains(names, "master-kill") {
		t.Errorf("names: %q", names)
	}
	t.Chdir(t.TempDir())
	for _, name := range []string{"master-kill", "master-kill.yaml", "scenarios/master-kill.yaml", "./scenarios/master-kill.yaml"} {
		s, source, err := Load(t.Context(), name, fakeCatalog(), []string{"duration=35s"})
		if err != nil || s.Name != "master-kill" || len(source) == 0 || s.Duration.String() != "35s" {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	if _, _, err := Load(t.Context(), "master-kil", fakeCatalog(), nil); err == nil ||
		err.Error() != "master-kil: no such file and no scenario of that name; did you mean \"master-kill\"? (`chaos list` shows the names)" {
		t.Errorf("%v", err)
	}
	if _, _, err := Load(t.Context(), "elsewhere/master-kill.yaml", fakeCatalog(), nil); err == nil {
		t.Error("a file in another folder is not the library's")
	}
	if _, _, err := Load(t.Context(), ".", fakeCatalog(), nil); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
