package variants

import (
	"slices"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func names(all []Variant) (names []string) {
	for _, v := range all {
		names = append(names, v.Name)
	}
	return names
}

func TestNames(t *testing.T) {
	s := &scenarios.Scenario{Workloads: []scenarios.Workload{{Name: "orders"}}}
	for name, test := range map[string]struct {
		images, servers, values, presets []string
		want, folders                    []string
	}{
		"images":                      {images: []string{"redis:7.0", "valkey/valkey:8"}, want: []string{"redis:7.0", "valkey/valkey:8"}, folders: []string{"redis-7.0", "valkey-valkey-8"}},
		"servers":                     {servers: []string{".cache/servers/redis-7.0", "./b/redis-8.0/"}, want: []string{"redis-7.0", "redis-8.0"}, folders: []string{"redis-7.0", "redis-8.0"}},
		"servers of one name":         {servers: []string{"old/src/redis-server", "new/src/redis-server", "/usr/bin/valkey-server"}, want: []string{"old/src/redis-server", "new/src/redis-server", "valkey-server"}, folders: []string{"old-src-redis-server", "new-src-redis-server", "valkey-server"}},
		"one within the other":        {servers: []string{"redis-server", "old/redis-server"}, want: []string{"redis-server", "old/redis-server"}, folders: []string{"redis-server", "old-redis-server"}},
		"both":                        {images: []string{"redis:7.0"}, servers: []string{"a/redis-7.0"}, want: []string{"redis:7.0", "redis-7.0"}, folders: []string{"redis-7.0", "redis-7.0-2"}},
		"one server twice":            {servers: []string{"a/b", "./a/b"}, want: []string{"a/b", "a/b (2)"}, folders: []string{"a-b", "a-b-2"}},
		"presets":                     {presets: []string{"default", "patient"}, want: []string{"default", "patient"}, folders: []string{"default", "patient"}},
		"servers and presets":         {servers: []string{"a", "b"}, presets: []string{"default", "patient"}, want: []string{"a, default", "a, patient", "b, default", "b, patient"}, folders: []string{"a-default", "a-patient", "b-default", "b-patient"}},
		"values":                      {values: []string{"hz=10", "hz=20"}, want: []string{"hz=10", "hz=20"}, folders: []string{"hz-10", "hz-20"}},
		"servers, values and presets": {images: []string{"a:1"}, values: []string{"hz=10", "hz=20"}, presets: []string{"default", "patient"}, want: []string{"a:1, hz=10, default", "a:1, hz=10, patient", "a:1, hz=20, default", "a:1, hz=20, patient"}, folders: []string{"a-1-hz-10-default", "a-1-hz-10-patient", "a-1-hz-20-default", "a-1-hz-20-patient"}},
		"no letters":                  {servers: []string{"/x/…", "/x/+"}, want: []string{"…", "+"}, folders: []string{"1", "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			settings := []Setting{{Scenario: s}}
			if test.values != nil {
				settings = nil
			}
			for _, value := range test.values {
				settings = append(settings, Setting{Name: value, Values: []string{"cluster.config." + value}, Scenario: s})
			}
			all := Of(settings, test.images, test.servers, test.presets)
			if got := names(all); !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
			if got := folderNames(all); !slices.Equal(got, test.folders) {
				t.Errorf("folders %q, want %q", got, test.folders)
			}
		})
	}
}

// A preset replaces what presets are about, of all workloads, and leaves the scenario alone.
func TestPresetsReplaceOptions(t *testing.T) {
	timeout, size := units.Duration(time.Second), 7
	s := &scenarios.Scenario{Workloads: []scenarios.Workload{{Client: scenarios.ClientOptions{Preset: "patient", ReadTimeout: &timeout, PoolSize: &size}}, {}}}
	for i, v := range Of([]Setting{{Scenario: s}}, nil, nil, []string{"default", "fast-failover"}) {
		for _, w := range v.Scenario.Workloads {
			if want := scenarios.Presets()[i]; w.Client.Preset != want || w.Client.ReadTimeout != nil {
				t.Errorf("%s: %+v", want, w.Client)
			}
		}
		if v.Scenario.Workloads[0].Client.PoolSize == nil {
			t.Error("the size of the pool is no matter of presets")
		}
	}
	if s.Workloads[0].Client.ReadTimeout == nil || s.Workloads[0].Client.Preset != "patient" {
		t.Errorf("the scenario was changed: %+v", s.Workloads[0].Client)
	}
}
