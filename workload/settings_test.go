package workload

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/goredis"
)

// TestSettings has the record tell what the library has made of the options.
func TestSettings(t *testing.T) {
	library := record.ClientSettings{
		Preset: "default", DialTimeout: 5000, DialerRetries: 5, ReadTimeout: 5000, WriteTimeout: 5000, PoolSize: 8, PoolTimeout: 6000,
		MaxRedirects: 3, MinRetryBackoff: 10, MaxRetryBackoff: 1000, ClusterStateReload: 60_000,
	}
	short := library
	short.ReadTimeout, short.WriteTimeout, short.PoolTimeout, short.MaxRedirects = 500, 500, 1500, 0
	endless := library
	endless.ReadTimeout, endless.WriteTimeout, endless.PoolTimeout = 0, 0, 30_000
	fast := record.ClientSettings{
		Preset: "fast-failover", DialTimeout: 200, DialerRetries: 1, ReadTimeout: 300, WriteTimeout: 300, PoolSize: 8, PoolTimeout: 300,
		MaxRedirects: 3, MinRetryBackoff: 5, MaxRetryBackoff: 50, ClusterStateReload: 200,
	}
	patient := record.ClientSettings{
		Preset: "patient", DialTimeout: 1000, DialerRetries: 1, ReadTimeout: 700, WriteTimeout: 5000, PoolSize: 8, PoolTimeout: 30_000,
		MaxRedirects: 60, MinRetryBackoff: 100, MaxRetryBackoff: 500, ClusterStateReload: 1000,
	}
	own, theirs := library, library
	own.Autopipeline, theirs.LibraryAutopipeline = true, true
	for _, test := range []struct {
		given scenarios.ClientOptions
		want  record.ClientSettings
	}{
		{scenarios.ClientOptions{}, library},
		{scenarios.ClientOptions{Preset: scenarios.PresetDefault}, library},
		{scenarios.ClientOptions{ReadTimeout: ms(500), MaxRedirects: ptr(0)}, short},
		{scenarios.ClientOptions{ReadTimeout: ms(0), WriteTimeout: ms(0)}, endless},
		{scenarios.ClientOptions{Preset: scenarios.PresetFastFailover}, fast},
		{scenarios.ClientOptions{Preset: scenarios.PresetPatient, ReadTimeout: ms(700)}, patient},
		{scenarios.ClientOptions{Autopipeline: true}, own},
		{scenarios.ClientOptions{LibraryAutopipeline: true}, theirs},
	} {
		s := newFakeServer(t, ":1")
		load := drive.NewLoad(scenarios.Workload{Name: "w", Clients: 4, Client: test.given}, s, newRecord(), goredis.Library{})
		client := open(t, goredis.Library{}, s, test.given, 4)
		// The timeouts of some are so short that a busy machine outlasts them.
		eventually(t, "the master answers", func() bool { return client.Reach(t.Context()) == nil })
		if got := load.Settings(t.Context(), client); *got != test.want {
			t.Errorf("%+v\ngot  %+v\nwant %+v", test.given, *got, test.want)
		}
	}
}
