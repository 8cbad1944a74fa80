package software

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
		got, ok := ParseVersion(test.output)
		if got != test.want || ok != test.ok {
			t.Errorf("ParseVersion(%q) = %v, %v, want %v, %v", test.output, got, ok, test.want, test.ok)
		}
	}
}

func TestSupported(t *testing.T) {
	for version, want := range map[string]bool{
		"5.0.14": false, "6.0.20": false, "6.2.0": true, "7.0.15": true, "8.0-rc1": true, "10.0.0": true,
	} {
		if err := (Server{Redis, version}).Supported(); (err == nil) != want {
			t.Errorf("supported(%s) = %v, want supported: %v", version, err, want)
		}
	}
}
