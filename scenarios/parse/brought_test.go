package parse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

func TestClustersOfTheUsers(t *testing.T) {
	for cluster, want := range map[string]string{
		"{compose: c.yml, addrs: [a:1]}":                 "f.yaml:3:20: cluster: compose and addrs each say where the cluster is; write one of them",
		"{up: true}":                                     "f.yaml:3:15: up: it is of a compose file of your own; write compose: docker-compose.yml beside it, or leave it out",
		"{allow_data_loss: true}":                        "f.yaml:3:28: allow_data_loss: it is of a cluster of your own; write compose: docker-compose.yml or addrs: [host:port] beside it, or leave it out",
		"{addrs: [a:1], image: x}":                       "f.yaml:3:32: image: it is of clusters that this program deploys, and this one is your own; leave it out",
		"{addrs: [a:1], masters: 3}":                     "f.yaml:3:34: masters: a cluster of your own has the nodes that it has; leave it out, or write bootstrap: true to have empty nodes joined",
		"{addrs: [a]}":                                   `f.yaml:3:19: addrs[0]: "a" is not an address; write host:port, such as 10.0.0.5:6379`,
		"{addrs: [a:1, a:1]}":                            "f.yaml:3:24: addrs[1]: a:1 is named twice; leave one out",
		"{addrs: [a:1], address_map: {b: 'c:1'}}":        `f.yaml:3:42: b: "b" is not an address; write host:port, such as 10.0.0.5:6379`,
		"{compose: c.yml, project: A b}":                 `f.yaml:3:36: project: "A b" is not the name of a Compose project; write lower-case letters, digits, dashes and underscores`,
		"{compose: c.yml, bootstrap: true, masters: 2}":  "f.yaml:3:53: masters: 2 is out of range; write 3 to 30",
		"{addrs: ['[::1]:7000', 'r.example:6379']}":      "",
		"{compose: c.yml, services: [a, b], up: true}":   "",
		"{compose: c.yml, bootstrap: true, replicas: 2}": "",
		"{addrs: a:1, address_map: {'10.0.0.1:1': '[::1]:2'}, allow_data_loss: true}": "",
	} {
		s, err := Scenario("f.yaml", []byte(minimal+"cluster: "+cluster+"\n"), fakeCatalog(), nil)
		switch {
		case want == "" && err != nil, want != "" && (err == nil || err.Error() != want):
			t.Errorf("%s:\n got %v\nwant %s", cluster, err, want)
		case err == nil:
			checkRoundTrip(t, s)
		}
	}
}

// A path in a scenario is relative to its folder, and has to be there for a run, but not for a report on one.
func TestComposeFileOfTheUsers(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "s.yaml")
	if err := os.WriteFile(file, []byte(minimal+"cluster: {compose: theirs.yml}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(t.Context(), file, fakeCatalog(), nil); err == nil || !strings.HasPrefix(err.Error(), file+":3:20: compose: stat "+dir) {
		t.Errorf("no such file: %v", err)
	}
	if _, err := Scenario(file, []byte(minimal+"cluster: {compose: theirs.yml}\n"), fakeCatalog(), nil); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "theirs.yml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, _, err := Load(t.Context(), file, fakeCatalog(), nil)
	if err != nil || s.Cluster.Compose != filepath.Join(dir, "theirs.yml") {
		t.Errorf("%v", err)
	}
}

// What cannot be judged before the cluster is found is judged then, with the position in the file.
func TestScenarioOnTheClusterThatWasFound(t *testing.T) {
	s, err := Scenario("f.yaml", []byte(minimal+"cluster: {addrs: [a:1]}\nworkloads: [{name: w, wait: {replicas: 1, timeout: 100ms}}]\n"), fakeCatalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	found := []scenarios.Member{{Name: "a"}, {Name: "b", Shard: 1}, {Name: "c", Shard: 2}}
	want := "f.yaml:4:40: workloads[0] waits for 1 replicas of each write, but a master has only 0 (cluster.replicas); wait for fewer or deploy more"
	if err := s.Suits(s.Cluster.With(found)); err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	if err := s.Suits(s.Cluster.With(append(found, scenarios.Member{Name: "d", Shard: 1, Replica: true}))); err != nil {
		t.Error(err)
	}
}
