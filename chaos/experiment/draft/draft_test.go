package draft_test

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/draft"
	"github.com/redis-chaos/redis-chaos/compose/doctor"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// nodes are services of a compose file, with other services beside them.
func nodes(count int, service doctor.Service, config doctor.Config, others ...doctor.Service) doctor.Setup {
	s := doctor.Setup{Project: &doctor.Project{Services: others}}
	for i := range count {
		of := service
		of.Name, of.Count = "n"+string(rune('1'+i)), 1
		s.Project.Services = append(s.Project.Services, of)
		s.Nodes = append(s.Nodes, doctor.Node{Name: of.Name, Container: of.Name, Config: config, Service: &of})
	}
	return s
}

// live are servers that run, each replica of the master before it.
func live(server, version string, replicas bool) (s doctor.Setup) {
	for i := range 6 {
		n := doctor.Node{Name: "node-" + string(rune('1'+i)), Config: doctor.Config{"cluster-node-timeout": {"3000"}}, Live: &doctor.Live{Server: server, Version: version}}
		n.Live.Replica = replicas && i%2 == 1
		s.Nodes = append(s.Nodes, n)
	}
	return s
}

var creator = doctor.Service{Name: "init", Command: []string{"redis-cli", "--cluster", "create", "--cluster-replicas", "1"}}

// What is drafted is a valid scenario, and fits.
func TestScenario(t *testing.T) {
	cluster := doctor.Config{"cluster-enabled": {"yes"}}
	for name, c := range map[string]struct {
		of    draft.Cluster
		wants []string
		not   string
	}{
		"one of ours": {draft.Cluster{}, []string{"masters: 3", "cluster-node-timeout: 5000", `failover_time: "<= 12s"`, "    for: 17s", "kill: {"}, "compose:"},
		"a compose file": {
			draft.Cluster{Compose: "my file.yml", Setup: nodes(6, doctor.Service{}, doctor.Config{"cluster-node-timeout": {"2000"}}, creator)},
			[]string{"compose: my file.yml", "services: [n1, n2, n3, n4, n5, n6]", `failover_time: "<= 6s"`, "failovers: 1", "up: true"}, "bootstrap",
		},
		"that nothing forms":          {draft.Cluster{Compose: "c.yml", Setup: nodes(6, doctor.Service{}, cluster)}, []string{"bootstrap: true", "masters: 3", "replicas: 1", "cluster-node-timeout is 15000", `failover_time: "<= 32s"`}, "services:"},
		"that nothing forms, of five": {draft.Cluster{Compose: "c.yml", Setup: nodes(5, doctor.Service{}, cluster)}, []string{"masters: 5", "replicas: 0", "failovers: 0"}, "failover_time"},
		"that is started again":       {draft.Cluster{Compose: "c.yml", Setup: nodes(6, doctor.Service{Restart: "always"}, cluster, creator)}, []string{"    pause: {role: master, shard: 0}", "With restart: always"}, "    kill: "},
		"with a password and TLS":     {draft.Cluster{Compose: "c.yml", Password: "REDISCLI_AUTH", TLS: &scenarios.TLS{CA: "ca.crt"}, Setup: nodes(6, doctor.Service{}, cluster, creator)}, []string{"password: ${REDISCLI_AUTH}", "ca: ca.crt"}, "skip_verify"},
		"with TLS alone":              {draft.Cluster{Compose: "c.yml", TLS: &scenarios.TLS{}, Setup: nodes(6, doctor.Service{}, cluster, creator)}, []string{"skip_verify: true"}, "auth:"},
		"addresses":                   {draft.Cluster{Addrs: []string{"10.0.0.5:6379", "[::1]:6379"}, User: "app", Password: "REDISCLI_AUTH", Setup: live("redis", "7.0.15", true)}, []string{`addrs: [10.0.0.5:6379, "[::1]:6379"]`, "username: app", "node-2 (replica)", `failover_time: "<= 8s"`}, "compose:"},
		"addresses of Valkey":         {draft.Cluster{Addrs: []string{"10.0.0.5:6379"}, Setup: live("valkey", "9.1.0", true)}, []string{`failover_time: "<= 7s"`}, "auth:"},
		"addresses without replicas":  {draft.Cluster{Addrs: []string{"10.0.0.5:6379"}, Setup: live("redis", "7.0.15", false)}, []string{"failovers: 0"}, "failover_time"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := draft.Scenario("mine", c.of)
			if err != nil {
				t.Fatal(err)
			}
			if s, err := parse.Scenario("mine.yaml", []byte(text), experiment.Catalog(), nil); err != nil || len(s.Warnings) > 0 {
				t.Errorf("%v, warnings %v", err, s)
			}
			for _, want := range c.wants {
				if !strings.Contains(text, want) {
					t.Errorf("no %q", want)
				}
			}
			for line := range strings.Lines(text) {
				if stated, _, _ := strings.Cut(line, "#"); strings.Contains(stated, c.not) {
					t.Errorf("it has %s", line)
				}
			}
			if t.Failed() {
				t.Log(text)
			}
		})
	}
	if _, err := draft.Scenario("few", draft.Cluster{Compose: "c.yml", Setup: nodes(2, doctor.Service{}, cluster)}); err == nil || !strings.Contains(err.Error(), "takes 3 at least") {
		t.Errorf("two nodes: %v", err)
	}
}
