package docker

import (
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

var update = flag.Bool("update", false, "rewrite docker-compose.yml as it is rendered")

// The committed file is what the tool renders: there is no second definition.
func TestCommittedComposeFileIsRendered(t *testing.T) {
	want, err := DefaultDeployment(3, 1).ComposeFile()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("../docker-compose.yml", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("compose/docker-compose.yml differs from what the tool renders; go test ./compose/docker -run CommittedComposeFile -update")
	}
}

func TestComposeFileOfEveryShape(t *testing.T) {
	for _, shape := range []struct{ masters, replicas int }{{3, 0}, {3, 1}, {3, 5}, {7, 2}, {30, 5}} {
		d := DefaultDeployment(shape.masters, shape.replicas)
		d.RunID, d.Prefix = "r1", "r1-"
		out, err := d.ComposeFile()
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Services map[string]struct {
				Image, Container_name string
				Command, Ports        []string
				Depends_on            []string
				Labels                map[string]string
				Networks              map[string]struct{ Ipv4_address string }
			}
			Networks, Volumes map[string]struct {
				Name   string
				Labels map[string]string
			}
		}
		if err := yaml.UnmarshalWithOptions(out, &file, yaml.AllowDuplicateMapKey()); err != nil {
			t.Fatalf("%d×%d: %v", shape.masters, shape.replicas, err)
		}
		nodes := shape.masters * (1 + shape.replicas)
		if len(file.Services) != nodes || len(file.Volumes) != nodes || len(file.Networks) != 2 {
			t.Fatalf("%d×%d: %d services, %d volumes, %d networks", shape.masters, shape.replicas,
				len(file.Services), len(file.Volumes), len(file.Networks))
		}
		seen := map[string]bool{}
		for name, s := range file.Services {
			if s.Image != "redis:7-alpine" || s.Container_name != "r1-"+name || s.Labels[RunLabel] != "r1" || s.Labels[NodeLabel] != name {
				t.Errorf("%s: %+v", name, s)
			}
			for _, unique := range []string{s.Ports[0], s.Networks["redis_client_net"].Ipv4_address, s.Networks["redis_cluster_net"].Ipv4_address} {
				if seen[unique] {
					t.Errorf("%s: %s is used twice", name, unique)
				}
				seen[unique] = true
			}
			if !strings.Contains(strings.Join(s.Command, " "), "--cluster-announce-ip "+s.Networks["redis_cluster_net"].Ipv4_address) {
				t.Errorf("%s announces another address than its own: %v", name, s.Command)
			}
		}
		before := map[string]string{} // which node each one starts after
		for name, s := range file.Services {
			if len(s.Depends_on) == 1 {
				before[name] = s.Depends_on[0]
			}
		}
		for i, n := range d.Nodes()[1:] {
			if first := d.Nodes()[i].Name; before[n.Name] != first {
				t.Errorf("%s starts after %q, want %s: one at a time", n.Name, before[n.Name], first)
			}
		}
		for name, v := range file.Volumes {
			if v.Labels[RunLabel] != "r1" {
				t.Errorf("volume %s has no run label", name)
			}
		}
	}
}

// A node that announces a name does so by one that is known on the cluster network
// alone, and asks the given name servers for all others.
func TestComposeFileWithAnnouncedNames(t *testing.T) {
	d := DefaultDeployment(3, 1)
	d.AnnounceNames, d.DNS = true, []string{"192.0.2.1", "192.0.2.2"}
	out, err := d.ComposeFile()
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct {
			Command, DNS []string
			Labels       map[string]string
			Networks     map[string]struct{ Aliases []string }
		}
	}
	if err := yaml.UnmarshalWithOptions(out, &file, yaml.AllowDuplicateMapKey()); err != nil {
		t.Fatal(err)
	}
	s := file.Services["redis-replica-2"]
	const name = "redis-replica-2-bus"
	if !strings.Contains(strings.Join(s.Command, " "), "--cluster-announce-ip "+name+" ") || s.Labels[announceLabel] != name ||
		!slices.Equal(s.Networks["redis_cluster_net"].Aliases, []string{name}) || s.Networks["redis_client_net"].Aliases != nil || !slices.Equal(s.DNS, d.DNS) {
		t.Errorf("%+v", s)
	}
}

// The folder's path may hold a colon: redis.conf is mounted by the long syntax, and with
// an option that keeps Compose v2 from making the short one of it.
func TestComposeFileMountsRedisConfInFull(t *testing.T) {
	out, err := DefaultDeployment(3, 1).ComposeFile()
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct{ Volumes []any }
	}
	if err := yaml.UnmarshalWithOptions(out, &file, yaml.AllowDuplicateMapKey()); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"type": "bind", "source": "./redis.conf", "target": "/usr/local/etc/redis/redis.conf", "read_only": true,
		"bind": map[string]any{"propagation": "rprivate"},
	}
	for name, s := range file.Services {
		if len(s.Volumes) != 2 || !reflect.DeepEqual(s.Volumes[0], any(want)) {
			t.Errorf("%s: %v", name, s.Volumes)
		}
	}
}
