package sweep

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/tune"
)

func TestParseParameter(t *testing.T) {
	for text, want := range map[string]tune.Parameter{
		"cluster-node-timeout=500ms,1s":                   {Path: "cluster.config.cluster-node-timeout", Values: []string{"500ms", "1s"}},
		"cluster.config.cluster-node-timeout=2s":          {Path: "cluster.config.cluster-node-timeout", Values: []string{"2s"}},
		"appendfsync=always, everysec":                    {Path: "cluster.config.appendfsync", Values: []string{"always", "everysec"}},
		"cluster.replicas=1,2":                            {Path: "cluster.replicas", Values: []string{"1", "2"}},
		"duration=10s":                                    {Path: "duration", Values: []string{"10s"}},
		"workloads.orders.rate=[{from: 1, rate: 2}],3":    {Path: "workloads.orders.rate", Values: []string{"[{from: 1, rate: 2}]", "3"}},
		"workloads.orders.client.max_redirects=3,8":       {Path: "workloads.orders.client.max_redirects", Values: []string{"3", "8"}},
		"faults[0].kill={role: master, shard: 0}":         {Path: "faults[0].kill", Values: []string{"{role: master, shard: 0}"}},
		"cluster.config.min-replicas-to-write=0,1":        {Path: "cluster.config.min-replicas-to-write", Values: []string{"0", "1"}},
		"cluster-replica-validity-factor=0,10":            {Path: "cluster.config.cluster-replica-validity-factor", Values: []string{"0", "10"}},
		"workloads.orders.client.read_timeout=100ms,5s":   {Path: "workloads.orders.client.read_timeout", Values: []string{"100ms", "5s"}},
		"cluster.config.client-output-buffer-limit=[a,b]": {Path: "cluster.config.client-output-buffer-limit", Values: []string{"[a,b]"}},
	} {
		got, err := ParseParameter(text)
		if err != nil || got.Path != want.Path || !slices.Equal(got.Values, want.Values) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"cluster-node-timeout":                     "write NAME=VALUE,VALUE",
		"=1s":                                      "write NAME=VALUE,VALUE",
		"cluster-node-timeout=":                    "an empty value",
		"cluster-node-timeout=1s,,2s":              "an empty value",
		"cluster-node-timeout=1s,2s,1s":            "1s stands there twice",
		"cluster-node-timeout=500":                 "has no unit; write 500ms or 500s",
		"cluster-node-timeout=soon":                "is no time",
		"cluster-node-timeout=-1s":                 "whole milliseconds",
		"cluster-node-timeout=1500us":              "whole milliseconds",
		"cluster.config.cluster-node-timeout=5000": "has no unit; write 5000ms or 5000s",
	} {
		if got, err := ParseParameter(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v; want %q", text, got, err, want)
		}
	}
}

func TestGrid(t *testing.T) {
	points, err := Grid([]tune.Parameter{{Path: "a", Values: []string{"1", "2"}}, {Path: "b", Values: []string{"x", "y"}}})
	if err != nil || !slices.EqualFunc(points, [][]string{{"1", "x"}, {"1", "y"}, {"2", "x"}, {"2", "y"}}, slices.Equal) {
		t.Errorf("%v, %v", points, err)
	}
	many := make([]string, 11)
	if _, err := Grid([]tune.Parameter{{Path: "a", Values: many}, {Path: "b", Values: many}}); err == nil || !strings.Contains(err.Error(), "more than 100 combinations") {
		t.Errorf("%v", err)
	}
	if _, err := Grid([]tune.Parameter{{Path: "a"}}); err == nil {
		t.Error("a parameter without values")
	}
}

func TestParsePoint(t *testing.T) {
	parameters, first, err := ParsePoint("cluster-node-timeout=1s; cluster.replicas=2", nil)
	if err != nil || !slices.Equal(first, []string{"1s", "2"}) {
		t.Fatalf("%v, %v", first, err)
	}
	parameters, second, err := ParsePoint("cluster-node-timeout=2s;cluster.replicas=2", parameters)
	if err != nil || !slices.Equal(second, []string{"2s", "2"}) || len(parameters) != 2 || !slices.Equal(parameters[0].Values, []string{"1s", "2s"}) || !slices.Equal(parameters[1].Values, []string{"2"}) {
		t.Errorf("%v, %+v, %v", second, parameters, err)
	}
	for text, want := range map[string]string{
		"cluster-node-timeout=1s,2s;cluster.replicas=1":                "has 2 values",
		"cluster-node-timeout=1s":                                      "of the same parameters",
		"cluster.replicas=1;cluster-node-timeout=1s":                   "in the same order",
		"cluster-node-timeout=1s;cluster.replicas=1;cluster.masters=3": "of the same parameters",
		"cluster-node-timeout=1;cluster.replicas=1":                    "has no unit",
	} {
		if _, _, err := ParsePoint(text, slices.Clone(parameters)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
