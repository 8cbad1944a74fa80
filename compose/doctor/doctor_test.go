package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// guide is what Compose 1.29 prints of a file as many guides have it.
func guide(conf string) string {
	text := "networks:\n  redis_cluster_net:\n    driver: bridge\nservices:\n"
	for i := range 6 {
		name := fmt.Sprintf("redis-master-%d", i+1)
		if i > 2 {
			name = fmt.Sprintf("redis-replica-%d", i-2)
		}
		text += fmt.Sprintf(`  %[1]s:
    command: redis-server /usr/local/etc/redis/redis.conf --cluster-announce-ip %[1]s
    image: redis:7-alpine
    networks:
      redis_cluster_net: null
    ports:
    - published: %[2]d
      target: 6379
    volumes:
    - %[3]s:/usr/local/etc/redis/redis.conf:ro
    - data_%[1]s:/data:rw
`, name, 6379+i, conf)
	}
	return text + "volumes:\n  data_x: {}\nversion: '3.8'\n"
}

const guideConf = "port 6379\ncluster-enabled yes\ncluster-config-file nodes.conf\ncluster-node-timeout 5000\nprotected-mode no\nbind 0.0.0.0\nappendonly yes\ndir /data\n"

// sixNodes is a sound file, as Compose 2 prints one, with changes to a node.
func sixNodes(change func(i int, service string) string) string {
	text := "name: sound\nservices:\n"
	for i := range 6 {
		service := fmt.Sprintf(`  n%[1]d:
    command:
      - redis-server
      - --cluster-enabled
      - "yes"
      - --appendonly
      - "yes"
      - --cluster-node-timeout
      - "5000"
    entrypoint: null
    image: redis:7
    networks:
      net:
        ipv4_address: 10.9.0.%[1]d
    volumes:
      - type: volume
        source: data-%[1]d
        target: /data
        volume: {}
`, i+1)
		text += change(i, service)
	}
	return text + "  init:\n    command: [redis-cli, --cluster, create, a, --cluster-replicas, \"1\", --cluster-yes]\n    image: redis:7\n    networks:\n      net: null\n"
}

func inAll(old, new string) func(int, string) string {
	return func(_ int, s string) string { return strings.Replace(s, old, new, 1) }
}

func inFirst(old, new string) func(int, string) string {
	return func(i int, s string) string {
		if i > 0 {
			return s
		}
		return strings.Replace(s, old, new, 1)
	}
}

// with adds directives to the command of all nodes.
func with(args ...string) func(int, string) string {
	text := ""
	for _, a := range args {
		text += fmt.Sprintf("      - %q\n", a)
	}
	return inAll("    entrypoint: null\n", text)
}

func TestComposeFiles(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want string // a line each: CHECK SEVERITY WHERE, then what the evidence has
	}{
		"a sound one":                       {sixNodes(with()), ""},
		"names are announced":               {sixNodes(with("--cluster-announce-ip", "n1")), "announced-name fail n1, n2, n3, n4, n5, n6: cluster-announce-ip is a name (n1)"},
		"loopback":                          {sixNodes(with("--cluster-announce-ip", "127.0.0.1")), "announced-loopback fail n1, n2, n3, n4, n5, n6\nannounced-port fail n1, n2, n3, n4, n5, n6: does not publish its port 6379\nannounced-twice fail n1, n2, n3, n4, n5, n6: 6 nodes announce 127.0.0.1:6379\nnat note all nodes that announce an address of the host"},
		"no bus port":                       {sixNodes(inFirst("    entrypoint: null\n", "      - --cluster-announce-ip\n      - 192.0.2.1\n    ports:\n      - mode: ingress\n        target: 6379\n        published: \"6379\"\n        host_ip: 127.0.0.1\n        protocol: tcp\n")), "announced-port fail n1: does not publish its bus port 16379"},
		"another port":                      {sixNodes(inFirst("    entrypoint: null\n", "      - --cluster-announce-ip\n      - 192.0.2.1\n    ports:\n      - \"127.0.0.1:7000:6379/tcp\"\n")), "announced-port fail n1: announces its port as 6379, and publishes it as 7000"},
		"its own address":                   {sixNodes(inFirst("    entrypoint: null\n", "      - --cluster-announce-ip\n      - 10.9.0.1\n")), ""},
		"networks apart":                    {sixNodes(inFirst("      net:\n        ipv4_address: 10.9.0.1\n", "      other: null\n")), "networks fail the networks: n2, n3, n4, n5, n6 on net; n1 on other"},
		"ports twice":                       {sixNodes(inAll("    entrypoint: null\n", "    ports:\n      - 127.0.0.1:6379:6379\n")), "host-ports fail n1, n2, n3, n4, n5, n6: 6 containers publish port 6379 of 127.0.0.1"},
		"bound to loopback":                 {sixNodes(with("--bind", "127.0.0.1 -::1")), "bind fail n1, n2, n3, n4, n5, n6"},
		"no volume":                         {sixNodes(inFirst("target: /data", "target: /elsewhere")), "volume warn n1: dir is /data"},
		"a volume without a name":           {sixNodes(inFirst("        source: data-1\n", "")), "volume warn n1: without a name"},
		"a volume for two":                  {sixNodes(inFirst("source: data-1", "source: data-2")), "volume-shared fail n1, n2: data-2"},
		"a volume for a scaled service":     {sixNodes(inFirst("    entrypoint: null\n", "    deploy:\n      replicas: 2\n")), "volume-shared fail n1-1, n1-2: data-1"},
		"a volume for each task of a Swarm": {strings.Replace(sixNodes(inFirst("    entrypoint: null\n", "    deploy:\n      replicas: 2\n")), "name: sound\n", "volumes: {data-1: {name: \"{{.Task.Slot}}\"}}\n", 1), ""},
		"a dir of its own":                  {sixNodes(with("--dir", "/var/lib/redis")), "volume warn n1, n2, n3, n4, n5, n6: dir is /var/lib/redis"},
		"empty restart":                     {sixNodes(with("--appendonly", "no", "--save", "")) + "", "persistence warn n1, n2, n3, n4, n5, n6: no AOF"},
		"empty restart, at once":            {sixNodes(inAll("    entrypoint: null\n", "      - --appendonly\n      - \"no\"\n      - --save\n      - \"\"\n    restart: always\n")), "empty-restart fail n1, n2, n3, n4, n5, n6: restart: always"},
		"snapshots and restart":             {sixNodes(inAll("      - --appendonly\n      - \"yes\"\n", "")), "persistence note n1, n2, n3, n4, n5, n6: since the last snapshot"},
		"low timeout":                       {sixNodes(inAll(`"5000"`, `"500"`)), "node-timeout warn n1, n2, n3, n4, n5, n6: cluster-node-timeout 500"},
		"eviction":                          {sixNodes(with("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")), "eviction warn n1, n2, n3, n4, n5, n6: allkeys-lru, maxmemory 64mb"},
		"full coverage":                     {sixNodes(with("--cluster-require-full-coverage", "yes")), "full-coverage note n1, n2, n3, n4, n5, n6"},
		"min-replicas, as many":             {sixNodes(with("--min-slaves-to-write", "1")), "min-replicas warn n1, n2, n3, n4, n5, n6: min-replicas-to-write 1, and 1 replica"},
		"min-replicas, more":                {sixNodes(with("--min-replicas-to-write", "2")), "min-replicas fail n1, n2, n3, n4, n5, n6: min-replicas-to-write 2, and 1 replica"},
		"no failover":                       {sixNodes(with("--cluster-slave-no-failover", "yes")), "no-failover warn n1, n2, n3, n4, n5, n6"},
		"a health check that kills":         {sixNodes(inFirst("    entrypoint: null\n", "    healthcheck:\n      test:\n        - CMD-SHELL\n        - redis-cli ping || kill 1\n")), "health-check fail n1: redis-cli ping || kill 1"},
		"autoheal":                          {sixNodes(inFirst("    entrypoint: null\n", "    healthcheck:\n      test: [CMD, redis-cli, ping]\n")) + "  heal: {image: \"willfarrell/autoheal\"}\n", "health-check warn n1: service heal"},
		"protected mode":                    {sixNodes(with("--protected-mode", "yes")), "protected-mode fail n1, n2, n3, n4, n5, n6"},
		"protected mode with a password":    {sixNodes(with("--protected-mode", "yes", "--requirepass", "s3cret", "--masterauth", "s3cret")), ""},
		"open":                              {sixNodes(inFirst("    entrypoint: null\n", "    ports: [\"6379:6379\"]\n")), "open warn n1"},
		"no masterauth":                     {sixNodes(with("--requirepass", "s3cret")), "masterauth fail n1, n2, n3, n4, n5, n6"},
		"another masterauth":                {sixNodes(with("--requirepass", "s3cret", "--masterauth", "t0ken")), "masterauth warn n1, n2, n3, n4, n5, n6"},
		"TLS for clients alone":             {sixNodes(with("--tls-port", "6380", "--port", "0", "--tls-cert-file", "/certs/c", "--tls-key-file", "/certs/k")), "tls warn n1, n2, n3, n4, n5, n6: nothing is mounted there"},
		"TLS without a key":                 {sixNodes(with("--tls-port", "6380", "--tls-cert-file", "/data/c")), "tls fail n1, n2, n3, n4, n5, n6: no tls-key-file"},
		"TLS without the bus":               {sixNodes(with("--tls-port", "6380", "--port", "0", "--tls-cert-file", "/data/c", "--tls-key-file", "/data/k")), "tls fail n1, n2, n3, n4, n5, n6: no tls-cluster yes"},
		"TLS without replication":           {sixNodes(with("--tls-port", "6380", "--port", "0", "--tls-cert-file", "/data/c", "--tls-key-file", "/data/k", "--tls-cluster", "yes")), "tls fail n1, n2, n3, n4, n5, n6: no tls-replication yes"},
		"TLS beside the clear":              {sixNodes(with("--tls-port", "6380", "--tls-cert-file", "/data/c", "--tls-key-file", "/data/k", "--tls-cluster", "yes", "--tls-replication", "yes")), "tls warn n1, n2, n3, n4, n5, n6: in the clear"},
		"no port at all":                    {sixNodes(with("--port", "0")), "tls fail n1, n2, n3, n4, n5, n6: listens nowhere"},
		"another image":                     {sixNodes(inFirst("redis:7", "valkey/valkey:8")), "versions warn the cluster: valkey/valkey:8: n1; redis:7: n2, n3, n4, n5, n6"},
		"nobody forms it":                   {strings.Replace(sixNodes(with()), "[redis-cli,", "[echo,", 1), "formed note the compose file"},
		"two nodes": {"services:\n  a: {image: \"redis:7\", command: redis-server --cluster-enabled yes --appendonly yes, volumes: [\"a:/data\"]}\n  b: {image: \"redis:7\", command: redis-server --cluster-enabled yes --appendonly yes, volumes: [\"b:/data\"]}\n",
			"masters fail the cluster: 2 nodes in all\nformed note the compose file"},
		"three nodes": {"services:\n  a: {image: \"redis:7\", command: redis-server --cluster-enabled yes --appendonly yes, volumes: [\"data-{{.Task.Slot}}:/data\"], scale: 3}\n",
			"replicas warn the cluster: 3 nodes\nformed note the compose file"},
		"all in one": {"services:\n  c: {image: \"grokzen/redis-cluster:7.0.10\", environment: {MASTERS: \"3\", SLAVES_PER_MASTER: \"1\"}, ports: [\"127.0.0.1:7000-7005:7000-7005\"]}\n",
			"volume warn c:1, c:2, c:3, c:4, c:5, c:6: /redis-data\none-host warn c: 6 nodes are in this container"},
	} {
		t.Run(name, func(t *testing.T) { checkFound(t, c.text, c.want) })
	}
}

// checkFound wants what is found in a compose file, as Compose prints it, to be just what is expected.
func checkFound(t *testing.T, text, want string) {
	t.Helper()
	p, err := ParseProject(text)
	if err != nil {
		t.Fatal(err)
	}
	nodes, told := NodesOf(p)
	if len(nodes) == 0 {
		t.Fatalf("no nodes; %q", told)
	}
	found := Examine(Setup{Nodes: nodes, Project: p})
	left := map[string]Finding{}
	for _, f := range found {
		if f.Evidence == "" || f.Remedy == "" || strings.Contains(f.Evidence+f.Remedy, "s3cret") {
			t.Errorf("%+v", f)
		}
		left[fmt.Sprintf("%s %s %s", f.Check, f.Severity, f.Where)] = f
	}
	for line := range strings.Lines(want) {
		what, evidence, _ := strings.Cut(strings.TrimSpace(line), ": ")
		f, is := left[what]
		if !is || !strings.Contains(f.Evidence, evidence) {
			t.Errorf("no %s with %q; found %+v", what, evidence, found)
		}
		delete(left, what)
	}
	for what, f := range left {
		t.Errorf("also %s: %s", what, f.Evidence)
	}
}

func TestGuide(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "redis.conf")
	if err := os.WriteFile(conf, []byte(guideConf), 0o644); err != nil {
		t.Fatal(err)
	}
	all := "redis-master-1, redis-master-2, redis-master-3, redis-replica-1, redis-replica-2, redis-replica-3"
	checkFound(t, guide(conf), "announced-name fail "+all+": is a name (redis-master-1, redis-master-2,\nopen warn "+all+"\nformed note the compose file")
	p, err := ParseProject(guide(filepath.Join(filepath.Dir(conf), "none.conf")))
	if err != nil {
		t.Fatal(err)
	}
	if nodes, told := NodesOf(p); len(nodes) != 0 || len(told) != 6 || !strings.Contains(told[0], "there is no file") {
		t.Errorf("%d nodes, told %q", len(nodes), told)
	}
}

func TestProfiles(t *testing.T) {
	for _, c := range []struct {
		active []string
		want   int
	}{{nil, 1}, {[]string{"other"}, 1}, {[]string{"other", "more"}, 2}} {
		p, err := ParseProject("services: {a: {image: x}, b: {image: x, profiles: [more, most]}}\n")
		if err != nil {
			t.Fatal(err)
		}
		if p.Activate(c.active); len(p.Services) != c.want {
			t.Errorf("%v: %d services, want %d", c.active, len(p.Services), c.want)
		}
	}
}

func TestWhatIsNoComposeFile(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "the file is empty",
		"services: {}\n":    "has no services",
		"services: [a]\n":   "has no services",
		"a: [b\n":           "not valid YAML",
		"services: &a {}\n": "YAML",
	} {
		if _, err := ParseProject(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
