package experiment

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"

	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/docker/cli"
	"github.com/redis-chaos/redis-chaos/compose/docker/image"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
	"github.com/redis-chaos/redis-chaos/report"
)

// shellImage is an image with the local server and a shell: for entrypoints that are no server.
func shellImage(t *testing.T, e *docker.Engine) string {
	t.Helper()
	server, err := image.Ensure(t.Context(), e, "redis:7-alpine", image.Options{Labels: map[string]string{docker.RunLabel: fmt.Sprintf("test-%d-shell", os.Getpid())}})
	if err != nil {
		t.Fatal(err)
	}
	shell, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Skipf("needs a shell to put into an image: %v", err)
	}
	const name = "redis-chaos/test:shell"
	var files bytes.Buffer
	w := tar.NewWriter(&files)
	for name, content := range map[string]string{"Dockerfile": "FROM " + server.Ref + "\nCOPY sh /bin/sh\nENTRYPOINT []\n", "sh": string(shell)} {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	answer, err := e.ImageBuild(t.Context(), &files, build.ImageBuildOptions{Tags: []string{name}, Remove: true})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if said, err := io.ReadAll(answer.Body); err != nil || strings.Contains(string(said), "errorDetail") {
		t.Fatalf("%v: %s", err, said)
	}
	return name
}

// project is a Compose project of a test, in a folder of its own.
type project struct {
	*docker.Engine
	name, file string
}

func newProject(t *testing.T, e *docker.Engine, kind, file string) *project {
	t.Helper()
	p := &project{Engine: e, name: fmt.Sprintf("test-%d-%s", os.Getpid(), kind), file: filepath.Join(t.TempDir(), "docker-compose.yml")}
	if err := os.WriteFile(p.file, []byte(file), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.remove(t) })
	return p
}

func (p *project) up(t *testing.T, how ...string) {
	t.Helper()
	command, err := cli.Find(t.Context())
	if err == nil {
		err = command.Up(t.Context(), p.name, p.file, p.DaemonHost(), append([]string{"-d"}, how...)...)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (p *project) labelled() filters.Args {
	return filters.NewArgs(filters.Arg("label", "com.docker.compose.project="+p.name))
}

// state is what there is of the project: containers and where they are, networks and volumes.
func (p *project) state(t *testing.T) (all []string) {
	t.Helper()
	ctx := context.Background()
	containers, err := p.ContainerList(ctx, container.ListOptions{All: true, Filters: p.labelled()})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range containers {
		info, err := p.ContainerInspect(ctx, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("container %s %s", c.ID, info.Name))
		for name, on := range info.NetworkSettings.Networks {
			all = append(all, fmt.Sprintf("%s on %s as %v", info.Name, name, slices.Sorted(slices.Values(on.Aliases))))
		}
	}
	networks, err := p.NetworkList(ctx, network.ListOptions{Filters: p.labelled()})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range networks {
		all = append(all, "network "+n.ID)
	}
	volumes, err := p.VolumeList(ctx, volume.ListOptions{Filters: p.labelled()})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range volumes.Volumes {
		all = append(all, "volume "+v.Name)
	}
	slices.Sort(all)
	return all
}

func (p *project) remove(t *testing.T) {
	ctx := context.Background()
	containers, err := p.ContainerList(ctx, container.ListOptions{All: true, Filters: p.labelled()})
	if err != nil {
		t.Error(err)
	}
	for _, c := range containers {
		if err := p.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}); err != nil {
			t.Error(err)
		}
	}
	networks, err := p.NetworkList(ctx, network.ListOptions{Filters: p.labelled()})
	if err != nil {
		t.Error(err)
	}
	for _, n := range networks {
		if err := p.NetworkRemove(ctx, n.ID); err != nil {
			t.Error(err)
		}
	}
}

// run runs a scenario on the project, and wants it to pass.
func (p *project) run(t *testing.T, cluster, faults string) *report.Result {
	t.Helper()
	outcome, err := Run(t.Context(), parsed(t, fmt.Sprintf(`
name: test-own-project
duration: 5s
cluster: {compose: %q, project: %s, %s}
workloads: [{name: orders, clients: 2, rate: 100, keys: 30}]
faults: [%s]
expect: {recovered: true}
`, p.file, p.name, cluster, faults)), options(t))
	if err != nil {
		t.Fatal(err)
	}
	r := outcome.Result
	if r.Verdict != report.Pass || r.Writes.Acked == 0 {
		t.Errorf("%s: %+v, %d acked", r.Verdict, r.Expectations, r.Writes.Acked)
	}
	for _, f := range r.Faults {
		if f.Effective == nil || f.Healed == nil {
			t.Errorf("%s of %v took hold at %v, and was healed at %v", f.Kind, f.Targets, f.Effective, f.Healed)
		}
	}
	return r
}

// TestOwnProjects runs scenarios on clusters as users have them in compose files. All have three masters alone, which
// shows as much of the finding and hitting of nodes as six nodes do.
func TestOwnProjects(t *testing.T) {
	t.Parallel()
	e := enginetest.Need(t)
	if _, err := cli.Find(t.Context()); err != nil {
		t.Skipf("needs Docker Compose: %v", err)
	}
	img := shellImage(t, e)

	// One scaled service with a password under an entrypoint, one network, no ports, a container that has exited, and a
	// server that is no node.
	t.Run("scaled, found running", func(t *testing.T) {
		t.Parallel()
		secret := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(secret, []byte("of-the-test"), 0o600); err != nil {
			t.Fatal(err)
		}
		p := newProject(t, e, "scaled", `
version: "3.8"
services:
  node:
    image: `+img+`
    command: ["sh", "-c", "redis-server --cluster-enabled yes --cluster-node-timeout 1000 --save '' --requirepass of-the-test --masterauth of-the-test; exit 1"]
    volumes: ["/data"]
  cache: {image: `+img+`, command: redis-server --save ''}
  init: {image: `+img+`, command: ["sh", "-c", "exit 0"]}
`)
		p.up(t, "--scale", "node=3")
		before := p.state(t)
		r := p.run(t, `auth: {password: "file:`+secret+`"}, bootstrap: true, masters: 3, replicas: 0`,
			`{at: 500ms, for: 1s, kill: {node: node-2}}, {at: 2s, for: 1s, disconnect: {service: node, count: 1}}`)
		if got := r.Faults[0].Targets; !slices.Equal(got, []string{"node-2"}) {
			t.Errorf("killed: %q", got)
		}
		if after := p.state(t); !slices.Equal(after, before) {
			t.Errorf("before:\n%s\nafter:\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
		}
	})

	// Three servers under a supervisor in one container.
	t.Run("one container", func(t *testing.T) {
		t.Parallel()
		if os.Geteuid() != 0 {
			t.Skip("needs root: the servers in a container are signalled by it")
		}
		p := newProject(t, e, "one", `
version: "3.8"
services:
  redis:
    image: `+img+`
    command:
      - sh
      - -c
      - |
        for p in 7000 7001 7002; do
          (while :; do redis-server --port $$p --cluster-enabled yes --cluster-config-file nodes-$$p.conf --cluster-node-timeout 1000 --save '' --protected-mode no; done) &
        done
        wait
`)
		r := p.run(t, `up: true, bootstrap: true, masters: 3, replicas: 0`, `{at: 500ms, for: 1s, kill: {node: redis-7001}}, {at: 2s, for: 1s, pause: {node: redis-7002}}`)
		if got := r.Faults[1].Targets; !slices.Equal(got, []string{"redis-7002"}) {
			t.Errorf("paused: %q", got)
		}
		if !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.HasPrefix(n, "redis-7001 was started ") }) {
			t.Errorf("what started the server again is not told: %q", r.Notes)
		}
		if i := slices.IndexFunc(r.Notes, func(n string) bool { return strings.Contains(n, "log of") }); i >= 0 {
			t.Error(r.Notes[i])
		}
		if left := p.state(t); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
	})

	// What nodes announce is the machine's address and a published port, which they do not listen on, and a container
	// that was killed is to be started again by the engine.
	t.Run("behind NAT", func(t *testing.T) {
		t.Parallel()
		gateway := bridgeAddr(t, e)
		file := "version: '3.8'\nservices:\n"
		for i := range 3 {
			port := 19479 + os.Getpid()%1000*3 + i // with the bus, below the ports that the kernel gives to connections
			file += fmt.Sprintf(`
  node%d:
    image: %s
    restart: always
    command: redis-server --cluster-enabled yes --cluster-node-timeout 1000 --save '' --protected-mode no --cluster-announce-ip %s --cluster-announce-port %d --cluster-announce-bus-port %d
    ports: ["%d:6379", "%d:16379"]
`, i+1, img, gateway, port, port+10000, port, port+10000)
		}
		p := newProject(t, e, "nat", file)
		r := p.run(t, `up: true, bootstrap: true, masters: 3, replicas: 0`, `{at: 500ms, for: 2s, kill: {node: node2}}`)
		if f := r.Faults[0]; f.Healed != nil && f.Effective != nil && (*f.Healed-*f.Effective).D() < time.Second {
			t.Errorf("the kill was undone after %s", (*f.Healed - *f.Effective).D())
		}
		if left := p.state(t); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
	})
}

// bridgeAddr is the address of the engine's machine on its default network.
func bridgeAddr(t *testing.T, e *docker.Engine) string {
	t.Helper()
	bridge, err := e.NetworkInspect(t.Context(), "bridge", network.InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	on, err := net.InterfaceByName(bridge.Options["com.docker.network.bridge.name"])
	if err != nil {
		t.Skipf("needs the interface to Docker's default network, and its engine on this machine: %v", err)
	}
	addrs, err := on.Addrs()
	if err != nil || len(addrs) == 0 {
		t.Fatalf("%v of %s: %v", addrs, on.Name, err)
	}
	at, err := netip.ParsePrefix(addrs[0].String())
	if err != nil {
		t.Fatal(err)
	}
	return at.Addr().String()
}
