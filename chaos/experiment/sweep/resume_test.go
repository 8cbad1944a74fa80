package sweep

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/tune"
)

// A sweep goes on with the runtime and the server that it began with.
func TestAdopt(t *testing.T) {
	unpacked := record.Server{Name: "valkey", Version: "9.1.2", Binary: "/servers/valkey"}
	built := record.Server{Name: "redis", Version: "7.0.15", Image: "redis-chaos/local:x", Built: "/usr/bin/redis-server"}
	instead := built
	instead.Asked = "redis:7"
	for name, test := range map[string]struct {
		was  tune.Tune
		opts experiment.Options
		want experiment.Options
		err  string
	}{
		"nothing is said":        {tune.Tune{Runtime: "local", Server: unpacked}, experiment.Options{Runtime: "auto"}, experiment.Options{Runtime: "local", RedisServer: "/servers/valkey"}, ""},
		"the same is said":       {tune.Tune{Runtime: "local", Server: unpacked}, experiment.Options{Runtime: "local", RedisServer: "v"}, experiment.Options{Runtime: "local", RedisServer: "v"}, ""},
		"another runtime":        {tune.Tune{Runtime: "local", Server: unpacked}, experiment.Options{Runtime: "docker"}, experiment.Options{Runtime: "docker"}, "with the local runtime"},
		"an image of a server":   {tune.Tune{Runtime: "docker", Server: built}, experiment.Options{}, experiment.Options{Runtime: "docker", RedisServer: "/usr/bin/redis-server"}, ""},
		"an image that stood in": {tune.Tune{Runtime: "docker", Server: instead}, experiment.Options{}, experiment.Options{Runtime: "docker"}, ""},
		"nothing was run yet":    {tune.Tune{Runtime: "auto"}, experiment.Options{Runtime: "docker"}, experiment.Options{Runtime: "docker"}, ""},
	} {
		p := &Plan{resumed: &test.was}
		err := p.Adopt(&test.opts)
		if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: %v", name, err)
		}
		if test.opts.Runtime != test.want.Runtime || test.opts.RedisServer != test.want.RedisServer {
			t.Errorf("%s: %q, %q", name, test.opts.Runtime, test.opts.RedisServer)
		}
	}
	if err := (&Plan{}).Adopt(&experiment.Options{Runtime: "docker"}); err != nil {
		t.Error(err)
	}
	p := &Plan{resumed: &tune.Tune{Server: unpacked}}
	if p.isOther(unpacked) || p.isOther(record.Server{}) || !p.isOther(built) {
		t.Error("what another server is")
	}
}
