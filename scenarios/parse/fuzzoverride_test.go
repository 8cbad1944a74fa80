package parse

import (
	"strings"
	"testing"
)

// Whatever stands behind --set, it is applied, or refused as a whole by a message that says
// which one it is.
func FuzzOverride(f *testing.F) {
	for _, c := range invalidSetCases() {
		f.Add(strings.Join(c.sets, "\n"))
	}
	for _, sets := range []string{
		"duration=50s", "cluster={masters: 5, replicas: 2}", "cluster.config.save=[900 1, 300 10]", "workloads.orders.rate=[{from: 0s, rate: 5}]",
		"workloads[0].client.read_timeout=1s", "expect.workloads.orders.lost_writes=0", "expect.lost_writes=> 0", "expect_set.failover_time.p95=8s", "expect_set.workloads.orders.lost_writes.every=0", "expect_set.workloads.=1",
		"faults=[]", "workloads[0][0][0]=1",
		"cluster=[[[[[[[[", "a.b.c.d.e=1", "duration=\xff\xfe", "=", "[0]=1", "cluster.masters=&a 3", "name=\x1b[2J", "",
	} {
		f.Add(sets)
	}
	const source = "name: x\nduration: 40s\ncluster: {masters: 3}\nworkloads: [{name: orders, rate: 10}, {name: carts}]\nexpect: {recovered: true}\n"
	f.Fuzz(func(t *testing.T, text string) {
		const longest = 2000 // longer ones only take longer
		if len(text) > longest {
			return
		}
		sets := strings.Split(text, "\n")
		s, err := Scenario("f.yaml", []byte(source), fakeCatalog(), sets)
		for _, p := range problemsOf(t, s, err) {
			// A value that is missing or does not fit another one may be blamed on the file.
			if p.Msg == "" || strings.HasPrefix(p.Error(), "f.yaml") && p.Line < 1 {
				t.Errorf("%q: %#v", sets, p)
			}
		}
	})
}
