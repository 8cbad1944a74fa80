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
		Preset: "default", DialTimeoutMS: 5000, DialerRetries: 5, ReadTimeoutMS: 5000, WriteTimeoutMS: 5000, PoolSize: 8, PoolTimeoutMS: 6000,
		MaxRedirects: 3, MinRetryBackoffMS: 10, MaxRetryBackoffMS: 1000, ClusterStateReloadMS: 60_000,
	}
	short := library
	short.ReadTimeoutMS, short.WriteTimeoutMS, short.PoolTimeoutMS, short.MaxRedirects = 500, 500, 1500, 0
	endless := library
	endless.ReadTimeoutMS, endless.WriteTimeoutMS, endless.PoolTimeoutMS = 0, 0, 30_000
	fast := record.ClientSettings{
		Preset: "fast-failover", DialTimeoutMS: 200, DialerRetries: 1, ReadTimeoutMS: 300, WriteTimeoutMS: 300, PoolSize: 8, PoolTimeoutMS: 300,
		MaxRedirects: 3, MinRetryBackoffMS: 5, MaxRetryBackoffMS: 50, ClusterStateReloadMS: 200,
	}
	patient := record.ClientSettings{
		Preset: "patient", DialTimeoutMS: 1000, DialerRetries: 1, ReadTimeoutMS: 700, WriteTimeoutMS: 5000, PoolSize: 8, PoolTimeoutMS: 30_000,
		MaxRedirects: 60, MinRetryBackoffMS: 100, MaxRetryBackoffMS: 500, ClusterStateReloadMS: 1000,
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
