package main

import (
	"encoding/json"
	"os"
	"path/filepath"
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
	file := write(t, "docker-compose.yml", doctored)
	code, stdout, stderr := chaosCommand(t, "doctor", "--json", file)
	var found []doctor.Finding
	err := json.Unmarshal([]byte(stdout), &found)
	if code != exitExpectation || err != nil || len(found) != 3 || found[1].Where != "n1" || !strings.Contains(found[1].Evidence, "cluster-node-timeout 700") {
		t.Errorf("exit %d, %v: %+v\n%s", code, err, found, stderr)
	}
	drafted := filepath.Join(t.TempDir(), "mine.yaml")
	if code, _, stderr := chaosCommand(t, "init", "--from", file, "-o", drafted); code != exitOK {
		t.Fatalf("exit %d\n%s", code, stderr)
	}
	if code, stdout, stderr := chaosCommand(t, "validate", drafted); code != exitOK {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
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

// A draft is valid, and never takes the place of a file that is there, unless that is asked for.
func TestInit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yaml")
	for _, try := range []struct {
		args   []string
		code   int
		stderr string
	}{
		{[]string{"-o", file, "--name", "first"}, exitOK, ""},
		{[]string{"-o", file, "--name", "second"}, exitUsage, "is there already"},
		{[]string{"-o", file, "--name", "third", "--force"}, exitOK, ""},
		{[]string{"-o", filepath.Join(file, "below")}, exitUsage, "not a directory"},
		{[]string{"--from", "nowhere.yml"}, exitUsage, "there is no such file"},
		{[]string{"--from", file, "--from", "127.0.0.1:1"}, exitUsage, "give one of them"},
		{[]string{"--from", "127.0.0.1:1"}, exitNotRun, "asking the servers"},
		{[]string{"nowhere"}, exitUsage, "takes no arguments"},
	} {
		code, stdout, stderr := chaosCommand(t, append([]string{"init"}, try.args...)...)
		if code != try.code || stdout != "" || !strings.Contains(stderr, try.stderr) {
			t.Errorf("%v: exit %d\n%s%s", try.args, code, stdout, stderr)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), "\nname: third\n") {
		t.Errorf("%v\n%s", err, text)
	}
	if code, stdout, _ := chaosCommand(t, "init", "--name", "third"); code != exitOK || stdout != string(text) {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	if code, _, stderr := chaosCommand(t, "validate", file); code != exitOK || stderr != "" {
		t.Errorf("exit %d\n%s", code, stderr)
	}
}
