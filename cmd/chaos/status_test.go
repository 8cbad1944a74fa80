package main

import (
	"slices"
	"testing"
)

// A cluster that serves every slot is not down because a node is.
func TestStateOfACluster(t *testing.T) {
	master := func(name string, served int) nodeStatus {
		return nodeStatus{Name: name, Role: "master", State: "ok", Link: "1 online", served: served}
	}
	replica := nodeStatus{Name: "r", Role: "replica", State: "ok", Link: "up"}
	gone := nodeStatus{Name: "x", Error: "connection refused"}
	for name, test := range map[string]struct {
		nodes    []nodeStatus
		state    string
		problems []string
	}{
		"whole":               {[]nodeStatus{master("a", 8192), master("b", 8192), replica}, "ok", nil},
		"a node is down":      {[]nodeStatus{master("a", 8192), master("b", 8192), gone}, "degraded", []string{"x does not answer"}},
		"slots not served":    {[]nodeStatus{master("a", 8192), replica, gone}, "fail", []string{"x does not answer", "nodes that answer serve 8192 of 16384 slots"}},
		"by a node's word":    {[]nodeStatus{master("a", 16384), {Name: "b", State: "fail"}}, "fail", []string{"b says that the cluster's state is fail"}},
		"a link that is down": {[]nodeStatus{master("a", 16384), {Name: "r", Role: "replica", State: "ok", Link: "down"}}, "degraded", []string{"r has no link to its master"}},
	} {
		s := clusterStatus{State: "ok", Nodes: test.nodes}
		if s.judge(); s.State != test.state || !slices.Equal(s.Problems, test.problems) {
			t.Errorf("%s: %s, %q; want %s, %q", name, s.State, s.Problems, test.state, test.problems)
		}
	}
}
