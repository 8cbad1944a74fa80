package image

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/software"
)

func TestParseRequest(t *testing.T) {
	tests := []struct {
		ref   string
		name  string
		major int
		local bool
	}{
		{"redis", software.Redis, -1, false},
		{"redis:7-alpine", software.Redis, 7, false},
		{"redis:8.0", software.Redis, 8, false},
		{"redis:alpine", software.Redis, -1, false},
		{"redis:20240101", software.Redis, -1, false},
		{"redis/redis-stack-server:7.2.0-v10", software.Redis, 7, false},
		{"localhost:5000/team/bitnami-redis:v6.2", software.Redis, 6, false},
		{"valkey/valkey:8.1-alpine", software.Valkey, 8, false},
		{"ghcr.io/x/valkey_cluster", software.Valkey, -1, false},
		{"redis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", software.Redis, -1, false},
		{"nginx:1", "", 1, false},
		{"redis/redisinsight:2", "", 2, false},
		{"redis-chaos/local:redis-7.0.15", software.Redis, 7, true},
		{"redis-chaos/local:valkey-8.1.1", software.Valkey, 8, true},
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
		server software.Server
		want   bool
	}{
		{"redis:7-alpine", software.Server{Name: software.Redis, Version: "7.0.15"}, true},
		{"redis", software.Server{Name: software.Redis, Version: "6.2.1"}, true},
		{"redis:8.0", software.Server{Name: software.Redis, Version: "7.0.15"}, false},
		{"valkey/valkey", software.Server{Name: software.Redis, Version: "7.0.15"}, false},
		{"redis:7", software.Server{Name: software.Valkey, Version: "7.2.6"}, false},
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
