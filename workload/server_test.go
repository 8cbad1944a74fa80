package workload

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func TestCheckServer(t *testing.T) {
	onDisk := scenarios.Workload{Name: "orders", WaitAOF: &scenarios.WaitAOF{Local: 1}}
	for _, test := range []struct {
		spec scenarios.Workload
		server, version,
		want string
	}{
		{onDisk, "redis", "7.0.15", "workload orders has waitaof, and redis 7.0.15 knows no WAITAOF: use Redis 7.2 or newer, or Valkey, or wait instead of waitaof"},
		{onDisk, "redis", "6.2.0", "workload orders has waitaof, and redis 6.2.0 knows no WAITAOF: use Redis 7.2 or newer, or Valkey, or wait instead of waitaof"},
		{onDisk, "redis", "7.2.0", ""},
		{onDisk, "redis", "8.0.2", ""},
		{onDisk, "redis", "255.255.255", ""},
		{onDisk, "valkey", "7.2.5", ""},
		{onDisk, "valkey", "unstable", `workload orders has waitaof, which Redis knows from 7.2 on, and the version of valkey is no number: "unstable"`},
		{scenarios.Workload{Name: "orders"}, "redis", "6.2.0", ""},
	} {
		got := ""
		if err := CheckServer(test.spec, record.Server{Name: test.server, Version: test.version}); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s %s\ngot  %s\nwant %s", test.server, test.version, got, test.want)
		}
	}
}
