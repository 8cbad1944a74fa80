package experiment

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// FuzzAcceptedClusters has scenarios ask for any image, name servers and directives. Of
// those that are accepted, the files that deploy the cluster hold what was asked for, and
// nothing beside the topology.
func FuzzAcceptedClusters(f *testing.F) {
	for _, value := range []string{
		"1", "", "/etc/passwd", "a\nprivileged: true", "a\rb", "\x00", "../../x", `"`, `"\x2fetc\x2fpasswd"`, "'a' b", "${HOME}", "yes", "on", "12:30:45", "\xff", "a #b",
	} {
		for _, name := range []string{"hz", "save", "dbfilename", "pidfile", "loadmodule", "rename-command", "user", "bf.x", "search-x", "mine", "hz 10\npidfile"} {
			f.Add("redis:7", "192.0.2.1", name, value)
		}
		f.Add(value, "fe80::1%"+value, "hz", "10")
	}
	services := []string{"command", "container_name", "depends_on", "dns", "healthcheck", "hostname", "image", "labels", "networks", "ports", "sysctls", "volumes"}
	f.Fuzz(func(t *testing.T, image, dns, name, value string) {
		source := fmt.Sprintf("name: t\nduration: 1s\ncluster: {extra_directives: [mine], image: %q, dns: [%q], config: {%q: %q}}\n", image, dns, name, value)
		s, err := parse.Scenario("f.yaml", []byte(source), Catalog(), nil)
		if err != nil {
			return
		}
		plan := docker.DefaultDeployment(s.Cluster.Masters, s.Cluster.Replicas)
		plan.Image, plan.DNS, plan.Config = s.Cluster.Image, s.Cluster.DNS, s.Cluster.Config

		content, err := plan.ComposeFile()
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Services map[string]map[string]any
			Networks map[string]any
			Volumes  map[string]any
		}
		if err := yaml.UnmarshalWithOptions(content, &file, yaml.AllowDuplicateMapKey()); err != nil {
			t.Fatalf("%v in:\n%s", err, content)
		}
		if len(file.Services) != 6 || len(file.Networks) != 2 || len(file.Volumes) != 6 {
			t.Errorf("%d services, %d networks, %d volumes", len(file.Services), len(file.Networks), len(file.Volumes))
		}
		for node, service := range file.Services {
			for _, key := range slices.Sorted(maps.Keys(service)) {
				if !slices.Contains(services, key) {
					t.Errorf("%s has %s: %v", node, key, service[key])
				}
			}
			servers, _ := service["dns"].([]any)
			if service["image"] != strings.ReplaceAll(s.Cluster.Image, "$", "$$") || len(servers) != 1 {
				t.Errorf("%s: image %v, dns %v", node, service["image"], servers)
			}
			if addr, err := netip.ParseAddr(fmt.Sprint(servers...)); err != nil || addr.Zone() != "" {
				t.Errorf("%s: dns %v: %v", node, servers, err)
			}
		}

		conf, err := plan.RedisConf()
		if err != nil {
			t.Fatal(err)
		}
		shared, err := docker.DefaultDeployment(3, 1).RedisConf()
		if err != nil {
			t.Fatal(err)
		}
		own := strings.Split(strings.TrimSuffix(strings.TrimPrefix(string(conf), string(shared)), "\n"), "\n")
		if len(own) != 3 || !strings.HasPrefix(own[2], name+" ") { // an empty line, a comment, and the directive
			t.Errorf("%q", own)
		}
	})
}
