package project

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/discover"
)

// inspected is a container as the engine tells of it: its addresses by the ids of its networks.
func inspected(id, service, number string, networks map[string]string, ports nat.PortMap) container.InspectResponse {
	c := container.InspectResponse{
		ContainerJSONBase: &container.ContainerJSONBase{
			ID: id, Name: "/" + id, State: &container.State{Status: container.StateRunning, Pid: 1000},
			HostConfig: &container.HostConfig{RestartPolicy: container.RestartPolicy{Name: "always"}},
		},
		Config:          &container.Config{Labels: map[string]string{serviceLabel: service, numberLabel: number}},
		NetworkSettings: &container.NetworkSettings{Networks: map[string]*network.EndpointSettings{}},
	}
	c.NetworkSettings.Ports = ports
	for id, ip := range networks {
		c.NetworkSettings.Networks[id] = &network.EndpointSettings{NetworkID: id, IPAddress: ip, Aliases: []string{service}}
	}
	return c
}

func TestCandidates(t *testing.T) {
	published := nat.PortMap{
		"6379/tcp":  {{HostIP: "0.0.0.0", HostPort: "7001"}, {HostIP: "::", HostPort: "7001"}},
		"16379/tcp": {{HostIP: "0.0.0.0", HostPort: "17001"}},
	}
	containers := []Container{
		of(inspected("a", "node", "1", map[string]string{"n1": "10.0.0.2"}, published)),
		of(inspected("b", "node", "2", map[string]string{"n1": "10.0.0.3", "n2": "10.1.0.3"}, nil)),
	}
	exited := of(inspected("init", "init", "1", nil, nil))
	exited.State = container.StateExited
	containers = append(containers, exited)
	var got []string
	for _, c := range Candidates(containers, nil, "unix:///var/run/docker.sock") {
		got = append(got, c.Name+" "+c.Addr)
	}
	if want := []string{"node-1 10.0.0.2:6379", "node-1 127.0.0.1:7001", "node-2 10.0.0.3:6379", "node-2 10.1.0.3:6379"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if far := Candidates(containers[:1], nil, "tcp://engine.example:2375")[1].Addr; far != "engine.example:7001" {
		t.Errorf("a port that an engine elsewhere publishes: %s", far)
	}
	if silent := Silent(containers); len(silent) != 1 || silent[0].Name != "init" || silent[0].Why != "its container has exited (0)" {
		t.Errorf("silent: %+v", silent)
	}
	if containers[0].Restarts != "always" {
		t.Errorf("restart policy: %q", containers[0].Restarts)
	}
}

func TestWithoutBuses(t *testing.T) {
	for _, test := range []struct{ ports, want []int }{
		{[]int{16379, 6379}, []int{6379}},
		{[]int{7000, 7001, 17000, 17001, 17002}, []int{7000, 7001, 17002}},
		{nil, nil},
	} {
		if got := withoutBuses(test.ports); !slices.Equal(got, test.want) {
			t.Errorf("%v: %v, want %v", test.ports, got, test.want)
		}
	}
}

// A container that is started again has another address, and another one may have the one that it had.
func TestWays(t *testing.T) {
	at := func(a, b string) []Container {
		return []Container{
			of(inspected("a", "node", "1", map[string]string{"n1": a, "n2": strings.Replace(a, "10.0", "10.1", 1)}, nil)),
			of(inspected("b", "node", "2", map[string]string{"n1": b, "n2": strings.Replace(b, "10.0", "10.1", 1)}, nil)),
		}
	}
	before := at("10.0.0.2", "10.0.0.3")
	nodes := []discover.Node{
		{Name: "one", Announced: "10.1.0.2:6379", At: discover.Candidate{Addr: "10.0.0.2:6379", In: "a"}},
		{Name: "two", Announced: "10.1.0.3:6379", At: discover.Candidate{Addr: "10.0.0.3:6379", In: "b"}},
	}
	nets := Of(nodes, map[string]Container{"a": before[0], "b": before[1]})
	if nets[compose.ClusterNetwork] != "n2" || nets[compose.ClientNetwork] != "n1" {
		t.Fatalf("networks: %v", nets)
	}
	w := NewWays(nets)
	for i, n := range nodes {
		w.Add(n.Name, before[i], n.At, 6379, n.Announced, "announced-by-"+n.Name+":6379")
	}
	check := func(addr, want string) {
		t.Helper()
		if to, ok := w.To(addr); to.Addr != want || ok != (want != "") {
			t.Errorf("%s is dialled at %q, want %q", addr, to.Addr, want)
		}
	}
	check("10.1.0.2:6379", "10.0.0.2:6379")
	check("10.1.0.9:6379", "")
	w.Update(at("10.0.0.9", "10.0.0.3"))
	check("10.1.0.9:6379", "10.0.0.9:6379")
	check("announced-by-one:6379", "10.0.0.9:6379")
	w.Update(at("10.0.0.9", "10.0.0.2"))
	check("10.1.0.2:6379", "10.0.0.2:6379")
	if got := w.Addr("two"); got != "10.1.0.2:6379" {
		t.Errorf("two is at %s", got)
	}
	w.Update(at("", "")) // off its networks
	check("announced-by-one:6379", "10.0.0.9:6379")
}

func TestName(t *testing.T) {
	t.Setenv(nameVariable, "")
	dir := filepath.Join(t.TempDir(), "My Cluster.2")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "docker-compose.yml")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want string) {
		t.Helper()
		if got, err := Name(file); got != want || err != nil {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	write("docker-compose.yml", "services: {a: {image: redis}}\n")
	check("mycluster2")
	write("docker-compose.yml", "name: ${STAGE}-redis\nservices: {}\n")
	check("mycluster2")
	write("docker-compose.yml", "name: sessions\n")
	check("sessions")
	write(".env", "A=b\nCOMPOSE_PROJECT_NAME='staging'\n")
	check("staging")
	t.Setenv(nameVariable, "other")
	check("other")
}

func TestStateOf(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skipf("needs /proc of Linux: %v", err)
	}
	is := StateOf(os.Getpid())
	if is.Start == "" || is.Stopped {
		t.Errorf("this process: %+v", is)
	}
	if none := StateOf(1 << 30); none != (State{}) {
		t.Errorf("of no process: %+v", none)
	}
}
