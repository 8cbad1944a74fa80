package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/image"

	"github.com/redis-chaos/redis-chaos/compose/enginetest"
	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
)

// chaosCommand runs the program in this process. The library that reads its
// arguments has a global variable, so no test that calls it runs beside others.
func chaosCommand(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = runProgram(t.Context(), append([]string{"chaos"}, args...), &out, &errs)
	return code, out.String(), errs.String()
}

// chaosProcess runs the program as a process of its own: for tests that run beside others.
func chaosProcess(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), build(t), args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

const shortScenario = "name: test-short\nduration: 1s\nworkloads: [{name: orders, clients: 2, rate: 100, keys: 10}]\nexpect: {lost_writes: 0}\n"

// A bad scenario or bad usage ends with 2 and a message that says where and
// what would be right, without asking any engine.
func TestBadUsageAndBadScenarios(t *testing.T) {
	t.Setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
	file := func(text string) string { return write(t, "s.yaml", text) }
	aFile := write(t, "file", "")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no scenario":               {[]string{"run"}, "no scenario; name files"},
		"unknown command":           {[]string{"rum"}, `no command "rum"`},
		"unknown flag":              {[]string{"run", "master-kill", "--outt", "x"}, "chaos run --help"},
		"flag without its value":    {[]string{"run", "master-kill", "--out"}, "flag needs an argument: -out"},
		"unknown runtime":           {[]string{"run", "master-kill", "--runtime", "lxc"}, "--runtime lxc: known are"},
		"missing file":              {[]string{"run", "no-such.yaml"}, "no-such.yaml: no such file and no scenario of that name"},
		"name nearly right":         {[]string{"run", "master-kil"}, `did you mean "master-kill"?`},
		"broken YAML":               {[]string{"run", file("name: [\n")}, "s.yaml:1:"},
		"unknown key":               {[]string{"run", file("name: x\nduration: 1s\nmastres: 3\n")}, `s.yaml:3:1: unknown key "mastres"`},
		"duration, no unit":         {[]string{"run", file("name: x\nduration: 40\n")}, `s.yaml:2:11: `},
		"no such shard":             {[]string{"run", file("name: x\nduration: 9s\nfaults:\n- at: 1s\n  kill: {role: master, shard: 9}\n")}, "s.yaml:5:31: "},
		"at past duration":          {[]string{"run", file("name: x\nduration: 9s\nfaults:\n- at: 10s\n  kill: {role: master, shard: 0}\n")}, "s.yaml:4:"},
		"unknown fault":             {[]string{"run", file("name: x\nduration: 9s\nfaults:\n- at: 1s\n  explode: {node: redis-master-1}\n")}, "s.yaml:5:3: "},
		"failover of a master":      {[]string{"run", file("name: x\nduration: 9s\nfaults:\n- at: 1s\n  failover: {role: master, shard: 0}\n")}, "s.yaml:5:20: role: a failover is asked of the replica"},
		"failover that lasts":       {[]string{"run", file("name: x\nduration: 9s\nfaults:\n- at: 1s\n  for: 2s\n  failover: {shard: 0}\n")}, "s.yaml:5:8: for: a failover is over once it is done"},
		"failover without replicas": {[]string{"run", file("name: x\nduration: 9s\ncluster: {replicas: 0}\nfaults:\n- at: 1s\n  failover: {shard: 0}\n")}, "s.yaml:6:13: failover: a failover needs a replica"},
		"block of no length":        {[]string{"run", file("name: x\nduration: 9s\nfaults:\n- at: 1s\n  block: {role: master, shard: 0}\n")}, `s.yaml:4:3: faults[0]: missing "for": a block is told when it begins how long it lasts`},
		"block without DEBUG":       {[]string{"run", file("name: x\nduration: 9s\ncluster: {config: {enable-debug-command: no}}\nfaults:\n- at: 1s\n  for: 2s\n  block: {role: master, shard: 0}\n")}, "s.yaml:7:10: block: a block is done by DEBUG SLEEP, and cluster.config has enable-debug-command: no"},
		"DEBUG renamed":             {[]string{"run", file("name: x\nduration: 9s\ncluster: {config: {rename-command: DEBUG x}}\nfaults:\n- {at: 1s, for: 2s, block: {role: master, shard: 0}}\n")}, "s.yaml:3:36: rename-command DEBUG: the tool needs this command for faults[0] (block)"},
		"DEBUG denied":              {[]string{"run", file("name: x\nduration: 9s\ncluster: {config: {user: default on nopass ~* &* +@all -debug}}\nfaults:\n- {at: 1s, for: 2s, block: {role: master, shard: 0}}\n")}, "needs DEBUG for faults[0] (block); write +debug"},
		"CPU without its sign":      {[]string{"run", file("name: x\nduration: 9s\nfaults:\n- at: 1s\n  starve: {role: master, shard: 0, cpu: 5}\n")}, `s.yaml:5:41: cpu: "5" is not a percentage; write it like 5% or 0.5%`},
		"too little CPU":            {[]string{"run", file("name: x\nduration: 9s\nfaults:\n- at: 1s\n  starve: {role: master, shard: 0, cpu: 0.01%}\n")}, "s.yaml:5:41: cpu: 0.01% of a CPU is out of range; write 0.1% to 100%"},
		"bad --set":                 {[]string{"run", "master-kill", "--set", "cluster.mastres=4"}, "--set cluster.mastres=4: "},
		"--out is a file":           {[]string{"run", "master-kill", "--out", aFile}, "is a file; name a folder"},
		"--port too high":           {[]string{"run", "master-kill", "--port", "70000"}, "--port 70000: a port is 1 to 65535"},
		"no such server":            {[]string{"run", "master-kill", "--redis-server", "/nonexistent/redis-server"}, "--redis-server /nonexistent/redis-server: no such file or directory; name the program"},
		"server is no program":      {[]string{"up", "--redis-server", t.TempDir()}, " holds none of usr/bin/redis-server, usr/bin/valkey-server, "},
		"up with bad shape":         {[]string{"up", "--masters", "2"}, "chaos: --masters 2: 2 is out of range; write 3 to 30"},
		"up with bad config":        {[]string{"up", "--config", "port=1"}, "chaos: --config port=1: port cannot be set"},
		"up with unknown config":    {[]string{"up", "--config", "hzz=1"}, `chaos: --config hzz=1: unknown directive "hzz"; did you mean "hz"? Otherwise, one that only your build of the server has is given by --extra-directive as well`},
		"up with a path":            {[]string{"up", "--config", "mine=/x", "--extra-directive", "mine"}, `chaos: --config mine=/x: "/x" is a path`},
		"matrix of nothing":         {[]string{"matrix"}, "chaos matrix takes one scenario, not 0"},
		"matrix of one":             {[]string{"matrix", "master-kill", "--image", "redis:7"}, "nothing to compare; name at least two servers"},
		"matrix with a gap":         {[]string{"matrix", "master-kill", "--image", "redis:7,,redis:8"}, "--image redis:7,,redis:8: an entry of the list is empty"},
		"matrix with a double":      {[]string{"matrix", "master-kill", "--image", "redis:7", "--image", "redis:8,redis:7"}, "--image names redis:7 twice"},
		"matrix of no image":        {[]string{"matrix", "master-kill", "--image", "redis:7,Redis 8"}, "--set cluster.image=Redis 8: "},
		"matrix of local images":    {[]string{"matrix", "master-kill", "--image", "redis:7,redis:8", "--runtime", "local"}, "the local runtime has no images"},
		"matrix of no server":       {[]string{"matrix", "master-kill", "--redis-server", "/nonexistent,/nowhere"}, "--redis-server /nonexistent: no such file or directory; name the program"},
		"matrix of no preset":       {[]string{"matrix", "master-kill", "--preset", "default,quick"}, "--preset quick: known are default, fast-failover, patient"},
		"matrix without clients":    {[]string{"matrix", file("name: x\nduration: 9s\n"), "--preset", "default,patient"}, "has no workload, and so no clients"},
		"matrix, no runs":           {[]string{"matrix", "master-kill", "--preset", "default,patient", "--repeat", "0"}, "--repeat 0: each variant gets 1 to 1000 runs"},
		"matrix, too many at once":  {[]string{"matrix", "master-kill", "--preset", "default,patient", "--parallel", "65"}, "--parallel 65: 1 to 8 runs can be made at once"},
		"matrix of no values":       {[]string{"matrix", "master-kill", "--param", "appendfsync"}, `--param "appendfsync": write NAME=VALUE,VALUE`},
		"matrix of one value":       {[]string{"matrix", "master-kill", "--param", "appendfsync=always"}, "nothing to compare; name at least two servers with --image A,B or --redis-server PATH,PATH, two values with --param NAME=VALUE,VALUE"},
		"matrix of an empty value":  {[]string{"matrix", "master-kill", "--param", "appendfsync=always,,no"}, "an empty value"},
		"matrix, a value twice":     {[]string{"matrix", "master-kill", "--param", "hz=10", "--param", "hz=20"}, "--param cluster.config.hz is given twice; write all its values in one"},
		"matrix of no directive":    {[]string{"matrix", "master-kill", "--param", "apendfsync=always,no"}, `--set cluster.config.apendfsync=always: unknown directive "apendfsync"; did you mean "appendfsync"?`},
		"matrix of a bad value":     {[]string{"matrix", "master-kill", "--param", "cluster.masters=3,2"}, "--set cluster.masters=2: "},
		"matrix of many values":     {[]string{"matrix", "master-kill", "--param", "hz=1,2,3,4,5,6,7,8", "--param", "maxclients=1,2,3,4,5,6,7"}, "56 variants are more than the 50 that a matrix can have"},
		"matrix of a bad scenario":  {[]string{"matrix", file("name: x\n"), "--preset", "default,patient"}, "duration"},
		"matrix of an unknown one":  {[]string{"matrix", "master-kil", "--preset", "default,patient"}, `did you mean "master-kill"?`},
		"matrix --out is a file":    {[]string{"matrix", "master-kill", "--preset", "default,patient", "--out", aFile}, "is a file; name a folder"},
		"validate":                  {[]string{"validate", file("name: x\n")}, "duration"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := chaosCommand(t, test.args...)
			if code != exitUsage || !strings.Contains(stderr, test.want) || stdout != "" {
				t.Errorf("exit %d, stdout %q, stderr:\n%s\nwant exit %d and %q", code, stdout, stderr, exitUsage, test.want)
			}
		})
	}
}

// A machine that cannot run it ends with 3 and a message that says what to do.
func TestRunsThatCannotBeCarriedOut(t *testing.T) {
	out := t.TempDir()
	scenario := write(t, "s.yaml", shortScenario)
	try := func(t *testing.T, want string, args ...string) {
		t.Helper()
		code, stdout, stderr := chaosCommand(t, append([]string{"run", scenario, "--out", out, "--quiet", "--runtime", "docker"}, args...)...)
		if code != exitNotRun || !strings.Contains(stderr, want) {
			t.Errorf("exit %d, stderr:\n%s\nwant exit %d and %q", code, stderr, exitNotRun, want)
		}
		if strings.Contains(stdout, want) {
			t.Errorf("told again on stdout:\n%s", stdout)
		}
	}
	t.Run("no Docker", func(t *testing.T) {
		t.Setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
		try(t, "install Docker")
	})
	t.Run("unreachable engine", func(t *testing.T) {
		t.Setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
		try(t, "no Docker engine answers at tcp://127.0.0.1:1")
	})
	t.Run("no Compose", func(t *testing.T) {
		enginetest.Need(t)
		t.Setenv("PATH", t.TempDir())
		try(t, "neither `docker compose` nor `docker-compose` works here; install Docker Compose v2")
	})
	t.Run("Compose too old", func(t *testing.T) {
		enginetest.Need(t)
		old := write(t, "docker-compose", "#!/bin/sh\necho 1.21.0\n")
		t.Setenv("PATH", filepath.Dir(old)+":/bin:/usr/bin")
		broken := filepath.Join(filepath.Dir(old), "docker")
		if err := os.WriteFile(broken, []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		try(t, "docker-compose 1.21.0 is too old: at least 1.27.0 is needed")
	})
	t.Run("image that is not Redis", func(t *testing.T) {
		e := enginetest.Need(t)
		ref := fmt.Sprintf("redis-chaos-test/not-redis:%d", os.Getpid())
		answer, err := e.ImageImport(t.Context(), image.ImportSource{Source: emptyTar(), SourceName: "-"}, ref, image.ImportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		answer.Close()
		t.Cleanup(func() { e.ImageRemove(context.Background(), ref, image.RemoveOptions{Force: true}) })
		try(t, ref, "--image", ref)
		enginetest.NothingLeft(t, e, out)
	})
	t.Run("image that is nowhere", func(t *testing.T) {
		e := enginetest.Need(t)
		try(t, "example.invalid/team/cache:7", "--image", "example.invalid/team/cache:7")
		enginetest.NothingLeft(t, e, out)
	})
	t.Run("server binary that is not Redis", func(t *testing.T) {
		e := enginetest.Need(t)
		try(t, "redis-server", "--redis-server", write(t, "redis-server", "#!/bin/sh\necho hello\n"))
		enginetest.NothingLeft(t, e, out)
	})
	t.Run("taken port", func(t *testing.T) {
		e := enginetest.Need(t)
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		port := l.Addr().(*net.TCPAddr).Port
		try(t, fmt.Sprintf("host port %d, for redis-master-1, is taken by process %d", port, os.Getpid()), "--fixed-ports", "--port", fmt.Sprint(port))
		enginetest.NothingLeft(t, e, out)
	})
}

// emptyTar is the image of a file system with nothing in it.
func emptyTar() *bytes.Reader { return bytes.NewReader(make([]byte, 1024)) }

// Ports that are taken move; the result is all that is on stdout.
func TestRunWithJSONBesideATakenPort(t *testing.T) {
	t.Parallel()
	e := enginetest.Need(t)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port, out := fmt.Sprint(l.Addr().(*net.TCPAddr).Port), t.TempDir()
	code, stdout, stderr := chaosProcess(t, "run", write(t, "s.yaml", shortScenario), "--runtime", "docker", "--out", out, "--json", "--port", port)
	if code != exitOK {
		t.Fatalf("exit %d:\n%s", code, stderr)
	}
	var result struct {
		Schema, Verdict string
		Writes          struct{ Acked, Lost *int64 }
	}
	if err := json.Unmarshal([]byte(stdout), &result); err != nil {
		t.Fatalf("%v in:\n%s", err, stdout)
	}
	if result.Schema != "redis-chaos/result/v1" || result.Verdict != "pass" || *result.Writes.Acked == 0 || *result.Writes.Lost != 0 {
		t.Errorf("%s", stdout)
	}
	if !strings.Contains(stderr, "some host ports from "+port+" on are taken") {
		t.Errorf("stderr:\n%s", stderr)
	}
	enginetest.NothingLeft(t, e, out)
}

func TestExpectationsDecideTheExitCode(t *testing.T) {
	t.Parallel()
	needServer(t)
	out := t.TempDir()
	code, stdout, _ := chaosProcess(t, "run", write(t, "s.yaml", shortScenario), "--runtime", "local", "--out", out, "--set", "expect.failovers=1")
	if code != exitExpectation || !strings.Contains(stdout, "FAIL: test-short, 1 of 2 expectations did not hold") {
		t.Errorf("exit %d:\n%s", code, stdout)
	}
	journaltest.NothingLeft(t, out)
}

// Later commands connect to the cluster as its user and over TLS, by what is kept for them until it is removed.
func TestUpStatusDown(t *testing.T) {
	t.Parallel()
	e := enginetest.Need(t)
	out, name := t.TempDir(), fmt.Sprintf("test-%d-up", os.Getpid())
	t.Cleanup(func() { e.Remove(context.Background(), name) })
	if code, stdout, stderr := chaosProcess(t, "up", "--name", name, "--replicas", "0", "--tls", "--username", "tool", "--password", "random", "--out", out); code != exitOK || !strings.Contains(stdout, "3 nodes are up") {
		t.Fatalf("exit %d:\n%s%s", code, stdout, stderr)
	}
	if code, _, stderr := chaosProcess(t, "up", "--name", name, "--out", out); code != exitNotRun || !strings.Contains(stderr, "`chaos down "+name+"` removes that cluster") {
		t.Errorf("up twice: exit %d:\n%s", code, stderr)
	}
	code, stdout, _ := chaosProcess(t, "status", name, "--json")
	var s clusterStatus
	if err := json.Unmarshal([]byte(stdout), &s); code != exitOK || err != nil {
		t.Fatalf("exit %d, %v:\n%s", code, err, stdout)
	}
	if s.State != "ok" || len(s.Nodes) != 3 || s.Nodes[0].Slots != "0-5460" || s.Nodes[0].Role != "master" || s.Nodes[0].Epoch == 0 {
		t.Errorf("%+v", s)
	}
	if code, stdout, _ := chaosProcess(t, "status", name); code != exitOK || !strings.Contains(stdout, "redis-master-3") {
		t.Errorf("exit %d:\n%s", code, stdout)
	}
	if code, stdout, _ := chaosProcess(t, "down", name); code != exitOK || stdout != name+": removed\n" {
		t.Errorf("exit %d: %s", code, stdout)
	}
	enginetest.NothingLeft(t, e, out)
}

func TestListAndVersion(t *testing.T) {
	code, stdout, _ := chaosCommand(t, "list")
	for _, name := range []string{"master-kill", "master-stop", "master-pause", "master-pause-short", "master-partition", "planned-failover", "pubsub-failover", "stream-consumers", "replica-kill", "double-master-kill", "third-of-masters", "announce-hostname-stall"} {
		if code != exitOK || !strings.Contains(stdout, name+" ") {
			t.Errorf("%s is not listed:\n%s", name, stdout)
		}
	}
	if code, stdout, _ := chaosCommand(t, "version"); code != exitOK || !strings.HasPrefix(stdout, "redis-chaos ") {
		t.Errorf("exit %d: %s", code, stdout)
	}
	if code, stdout, _ := chaosCommand(t, "run", "--help"); code != exitOK || !strings.Contains(stdout, "--redis-server") {
		t.Errorf("exit %d: %s", code, stdout)
	}
}

// An interrupt or a closed terminal, on the real program at several moments: exit
// code 130, nothing left.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	needServer(t)
	binary := build(t)
	scenario := write(t, "s.yaml", "name: test-interrupt\nduration: 20s\nworkloads: [{name: orders, clients: 2, rate: 100, keys: 10}]\n"+
		"cluster: {config: {cluster-node-timeout: 1000}}\nfaults: [{at: 1s, for: 10s, pause: {role: master, shard: 0}}]\n")
	for _, interrupt := range []struct {
		runtime string
		signal  syscall.Signal
		after   time.Duration
	}{
		{"local", syscall.SIGINT, 300 * time.Millisecond}, {"local", syscall.SIGTERM, time.Second}, {"local", syscall.SIGHUP, 2 * time.Second},
		{"local", syscall.SIGQUIT, time.Second},
		{"local", syscall.SIGINT, 5500 * time.Millisecond}, {"docker", syscall.SIGINT, 2 * time.Second},
	} {
		t.Run(fmt.Sprint(interrupt.runtime, ", ", interrupt.signal, " after ", interrupt.after), func(t *testing.T) {
			t.Parallel()
			nothingLeft := journaltest.NothingLeft
			if interrupt.runtime == "docker" {
				e := enginetest.Need(t)
				nothingLeft = func(t *testing.T, out string) { enginetest.NothingLeft(t, e, out) }
			}
			// Where hangups are ignored, as under nohup, the program would do so, too.
			hangups := make(chan os.Signal, 1)
			signal.Notify(hangups, syscall.SIGHUP)
			defer signal.Stop(hangups)
			stderr := &heard{first: make(chan struct{})}
			out := t.TempDir()
			cmd := exec.Command(binary, "run", scenario, "--runtime", interrupt.runtime, "--out", out)
			cmd.Stderr = stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			select {
			case <-stderr.first: // by then it listens to signals
			case <-time.After(time.Minute):
				t.Error("it tells nothing")
			}
			time.Sleep(interrupt.after)
			if err := cmd.Process.Signal(interrupt.signal); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
				t.Errorf("exit %d:\n%s", code, stderr.text.String())
			}
			if shown := strings.Contains(stderr.text.String(), "\ngoroutine "); shown != (interrupt.signal == syscall.SIGQUIT) {
				t.Errorf("shows its goroutines: %v", shown)
			}
			nothingLeft(t, out)
		})
	}
}

// heard is what a program has printed; first is closed once there is anything.
type heard struct {
	text  bytes.Buffer
	first chan struct{}
}

// Write implements io.Writer.
func (h *heard) Write(p []byte) (int, error) {
	if h.text.Len() == 0 {
		close(h.first)
	}
	return h.text.Write(p)
}

// build builds the program.
func build(t *testing.T) string {
	t.Helper()
	binary, err := program.build()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// `chaos run … | head` ends the run as an interrupt does; a node's connection that
// breaks does not.
func TestReaderGoesAway(t *testing.T) {
	t.Parallel()
	needServer(t)
	binary, out := build(t), t.TempDir()
	scenario := write(t, "s.yaml", "name: test-pipe\nduration: 20s\nworkloads: [{name: orders, clients: 2, rate: 100, keys: 10}]\n")
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "run", scenario, "--runtime", "local", "--out", out)
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	if _, err := reader.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	reader.Close()
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit %d", code)
	}
	journaltest.NothingLeft(t, out)
}
