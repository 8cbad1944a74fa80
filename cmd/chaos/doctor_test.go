package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/docker/cli"
	"github.com/redis-chaos/redis-chaos/compose/doctor"
)

// doctored is a compose file with what Compose alone can resolve: an anchor, a merge, a variable and a profile.
const doctored = `
x-node: &node
  image: redis:7
  restart: always
services:
  n1: {<<: *node, command: "redis-server --cluster-enabled yes --appendonly yes --cluster-node-timeout ${DOCTORED_TIMEOUT:-500}", volumes: ["a:/data"]}
  n2: {<<: *node, command: "redis-server --cluster-enabled yes --appendonly yes --cluster-node-timeout 5000", volumes: ["b:/data"]}
  n3: {<<: *node, command: "redis-server --cluster-enabled yes --appendonly yes --cluster-node-timeout 5000", volumes: ["c:/data"]}
  other: {<<: *node, command: redis-server --cluster-enabled yes, profiles: [more]}
volumes: {a: {}, b: {}, c: {}}
`

func TestDoctor(t *testing.T) {
	if _, err := cli.Find(t.Context()); err != nil {
		t.Skipf("needs Docker Compose: %v", err)
	}
	t.Setenv("DOCTORED_TIMEOUT", "700")
	code, stdout, stderr := chaosCommand(t, "doctor", "--json", write(t, "docker-compose.yml", doctored))
	var found []doctor.Finding
	err := json.Unmarshal([]byte(stdout), &found)
	if code != exitExpectation || err != nil || len(found) != 3 || found[1].Where != "n1" || !strings.Contains(found[1].Evidence, "cluster-node-timeout 700") {
		t.Errorf("exit %d, %v: %+v\n%s", code, err, found, stderr)
	}
}

func TestDoctorOfWhatIsNotThere(t *testing.T) {
	file := write(t, "docker-compose.yml", doctored)
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no file":                 {[]string{"nowhere.yml"}, exitUsage, "nowhere.yml: there is no such file, and an address is written host:port"},
		"two files":               {[]string{file, file}, exitUsage, "one compose file at a time"},
		"nobody answers":          {[]string{"127.0.0.1:1"}, exitNotRun, "asking the servers"},
		"a user, and no password": {[]string{"--user", "app", "127.0.0.1:1"}, exitNotRun, "REDISCLI_AUTH is not set"},
		"a CA that is not there":  {[]string{"--cacert", "nowhere.crt", "127.0.0.1:1"}, exitNotRun, "nowhere.crt"},
	} {
		if code, _, stderr := chaosCommand(t, append([]string{"doctor"}, c.args...)...); code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit %d, %s; want %d, %q", name, code, stderr, c.code, c.want)
		}
	}
}
