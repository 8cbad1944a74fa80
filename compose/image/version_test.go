package image

import "testing"

func TestParseVersion(t *testing.T) {
	tests := []struct {
		output string
		want   Server
		ok     bool
	}{
		{"Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0\n", Server{Redis, "7.0.15"}, true},
		{"Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1\n", Server{Valkey, "8.1.1"}, true},
		{"Server v=7.2.6 sha=00000000:0 malloc=libc bits=64 build=1\n", Server{Valkey, "7.2.6"}, true},
		{"Valkey server v=9.0.0-rc1 sha=0:0\n", Server{Valkey, "9.0.0-rc1"}, true},
		{"a warning first\nRedis server v=255.255.255 sha=0:1", Server{Redis, "255.255.255"}, true},
		{"redis-cli 7.0.15\n", Server{}, false},
		{"KeyDB server v=6.3.4 sha=0:0\n", Server{}, false},
		{"", Server{}, false},
	}
	for _, test := range tests {
		got, ok := parseVersion(test.output)
		if got != test.want || ok != test.ok {
			t.Errorf("parseVersion(%q) = %v, %v, want %v, %v", test.output, got, ok, test.want, test.ok)
		}
	}
}

func TestSupported(t *testing.T) {
	for version, want := range map[string]bool{
		"5.0.14": false, "6.0.20": false, "6.2.0": true, "7.0.15": true, "8.0-rc1": true, "10.0.0": true,
	} {
		if err := (Server{Redis, version}).supported(); (err == nil) != want {
			t.Errorf("supported(%s) = %v, want supported: %v", version, err, want)
		}
	}
}

func TestParseRequest(t *testing.T) {
	tests := []struct {
		ref   string
		name  string
		major int
		local bool
	}{
		{"redis", Redis, -1, false},
		{"redis:7-alpine", Redis, 7, false},
		{"redis:8.0", Redis, 8, false},
		{"redis:alpine", Redis, -1, false},
		{"redis:20240101", Redis, -1, false},
		{"redis/redis-stack-server:7.2.0-v10", Redis, 7, false},
		{"localhost:5000/team/bitnami-redis:v6.2", Redis, 6, false},
		{"valkey/valkey:8.1-alpine", Valkey, 8, false},
		{"ghcr.io/x/valkey_cluster", Valkey, -1, false},
		{"redis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", Redis, -1, false},
		{"nginx:1", "", 1, false},
		{"redis/redisinsight:2", "", 2, false},
		{"redis-chaos/local:redis-7.0.15", Redis, 7, true},
		{"redis-chaos/local:valkey-8.1.1", Valkey, 8, true},
	}
	for _, test := range tests {
		got, err := parseRequest(test.ref)
		want := request{test.ref, test.name, test.major, test.local}
		if err != nil || got != want {
			t.Errorf("parseRequest(%q) = %+v, %v, want %+v", test.ref, got, err, want)
		}
	}
	if _, err := parseRequest("Redis:7"); err == nil {
		t.Error("an invalid reference is no error")
	}
}

func TestRequestAccepts(t *testing.T) {
	tests := []struct {
		ref    string
		server Server
		want   bool
	}{
		{"redis:7-alpine", Server{Redis, "7.0.15"}, true},
		{"redis", Server{Redis, "6.2.1"}, true},
		{"redis:8.0", Server{Redis, "7.0.15"}, false},
		{"valkey/valkey", Server{Redis, "7.0.15"}, false},
		{"redis:7", Server{Valkey, "7.2.6"}, false},
	}
	for _, test := range tests {
		req, err := parseRequest(test.ref)
		if err != nil {
			t.Fatal(err)
		}
		if err := req.accepts(test.server); (err == nil) != test.want {
			t.Errorf("%s accepts %s: %v, want accepted: %v", test.ref, test.server, err, test.want)
		}
	}
}
