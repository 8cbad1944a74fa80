package docker

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// FuzzComposeFile renders deployments of any strings, and wants the parsed file to hold
// what the topology says and nothing else: a string stays a value.
func FuzzComposeFile(f *testing.F) {
	for _, hostile := range []string{
		"", "redis:7-alpine", "fe80::1%eth0]\n  privileged: true\n  cap_add: [ALL", "a: b", "a, b", "[a]", "{a: b}", "*node", "&node x", "<<",
		"- a", "# no comment", "a #b", "'", `"`, `\`, `\"`, "|", ">", "!!binary x", "yes", "NULL", "1e3", "0x7", "12:34:56", ".inf", "~", "=", "---", "...",
		"${HOME}", "$$", "$x", "a\tb", "a:\tb", "\u2028", "\u0085", "\ufeff", "\x00", "\x7f", " a ", "a\r\nb", "%YAML 1.1", "@a", "`a`", "? a", "a:", "\xff",
	} {
		f.Add(uint8(1), uint8(1), true, hostile, hostile, "2001:db8::1", hostile, hostile, hostile)
	}
	f.Add(uint8(0), uint8(0), false, "redis:7-alpine", "", "", "up", "", "")
	f.Fuzz(func(t *testing.T, masters, replicas uint8, names bool, image, dns, dns2, runID, owner, prefix string) {
		d := DefaultDeployment(3+int(masters%3), int(replicas%3))
		d.Image, d.RunID, d.Owner, d.Prefix, d.AnnounceNames, d.AnnounceHostname = image, runID, owner, prefix, names, !names
		for _, server := range []string{dns, dns2} {
			if server != "" {
				d.DNS = append(d.DNS, server)
			}
		}
		out, err := d.ComposeFile()
		if slices.ContainsFunc([]string{image, dns, dns2, runID, owner, prefix}, func(s string) bool { return !utf8.ValidString(s) }) {
			if err == nil {
				t.Fatalf("text that is not UTF-8 is rendered:\n%s", out)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := yaml.UnmarshalWithOptions(out, &got, yaml.AllowDuplicateMapKey()); err != nil {
			t.Fatalf("%v in:\n%s", err, out)
		}
		for key, want := range topologyAsYAML(d) {
			if !reflect.DeepEqual(got[key], want) {
				t.Errorf("%s:\ngot  %v\nwant %v", key, got[key], want)
			}
			delete(got, key)
		}
		if len(got) > 0 {
			t.Errorf("there is more: %v", got)
		}
	})
}

// topologyAsYAML is the whole file as a parser returns it.
func topologyAsYAML(d Deployment) map[string]any {
	text := func(s string) any { return strings.ReplaceAll(s, "$", "$$") } // of which Compose makes one again
	labels := func(more ...string) map[string]any {
		all := map[string]any{RunLabel: text(d.RunID)}
		if d.Owner != "" {
			all[OwnerLabel] = text(d.Owner)
		}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	conf := map[string]any{
		"type": "bind", "source": "./redis.conf", "target": "/usr/local/etc/redis/redis.conf", "read_only": true,
		"bind": map[string]any{"propagation": "rprivate"},
	}
	common := func() map[string]any {
		c := map[string]any{
			"image":       text(d.Image),
			"healthcheck": map[string]any{"test": []any{"CMD", "redis-cli", "ping"}, "interval": "5s", "timeout": "3s", "retries": uint64(5)},
			"sysctls":     map[string]any{"net.ipv4.tcp_syn_retries": uint64(2)},
		}
		var servers []any
		for _, server := range d.DNS {
			servers = append(servers, text(server))
		}
		if servers != nil {
			c["dns"] = servers
		}
		return c
	}
	services, volumes := map[string]any{}, map[string]any{}
	for _, n := range d.planned() {
		s := common()
		cluster := map[string]any{"ipv4_address": n.ClusterAddr.String()}
		command := []any{"redis-server", "/usr/local/etc/redis/redis.conf", "--cluster-announce-ip", n.ClusterAddr.String()}
		s["labels"] = labels(NodeLabel, n.Name)
		if d.AnnounceNames {
			command[3], cluster["aliases"] = n.BusName, []any{n.BusName}
			s["labels"] = labels(NodeLabel, n.Name, announceLabel, n.BusName)
		}
		if d.AnnounceHostname {
			command = append(command, "--cluster-announce-hostname", n.Name)
		}
		s["command"], s["hostname"], s["container_name"] = command, n.Name, text(d.Prefix+n.Name)
		s["ports"] = []any{fmt.Sprintf("127.0.0.1:%d:6379", n.HostPort)}
		s["volumes"] = []any{conf, n.Volume + ":/data"}
		s["networks"] = map[string]any{"redis_client_net": map[string]any{"ipv4_address": n.ClientAddr.String()}, "redis_cluster_net": cluster}
		if n.After != "" {
			s["depends_on"] = []any{n.After}
		}
		services[n.Name] = s
		volumes[n.Volume] = map[string]any{"name": text(d.Prefix + n.Volume), "labels": labels()}
	}
	network := func(name, subnet string) map[string]any {
		return map[string]any{
			"name": text(d.Prefix + d.NetworkTag + name), "labels": labels(),
			"ipam": map[string]any{"config": []any{map[string]any{"subnet": subnet}}},
		}
	}
	return map[string]any{
		"x-conf": conf, "x-node": common(), "services": services, "volumes": volumes,
		"networks": map[string]any{
			"redis_client_net":  network("redis_client_net", d.ClientNet.String()),
			"redis_cluster_net": network("redis_cluster_net", d.ClusterNet.String()),
		},
	}
}
