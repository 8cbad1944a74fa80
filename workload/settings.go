package workload

import (
	"cmp"
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// settings is what the library has made of the options that were given. Some are only
// decided by its clients of single nodes, which are all alike. Nil if it has none.
func settings(ctx context.Context, given scenarios.ClientOptions, rdb *redis.ClusterClient) *record.ClientSettings {
	master, err := rdb.MasterForKey(ctx, "")
	if err != nil {
		return nil
	}
	cluster, node := rdb.Options(), master.Options()
	return &record.ClientSettings{
		Preset:               cmp.Or(given.Preset, scenarios.PresetDefault),
		DialTimeoutMS:        inMS(node.DialTimeout),
		DialerRetries:        node.DialerRetries,
		ReadTimeoutMS:        inMS(node.ReadTimeout),
		WriteTimeoutMS:       inMS(node.WriteTimeout),
		PoolSize:             node.PoolSize,
		PoolTimeoutMS:        inMS(node.PoolTimeout),
		MinIdleConns:         node.MinIdleConns,
		MaxRedirects:         cluster.MaxRedirects,
		MinRetryBackoffMS:    inMS(cluster.MinRetryBackoff),
		MaxRetryBackoffMS:    inMS(cluster.MaxRetryBackoff),
		ClusterStateReloadMS: inMS(cluster.ClusterStateReloadInterval),
		Autopipeline:         given.Autopipeline,
		LibraryAutopipeline:  given.LibraryAutopipeline,
	}
}

// inMS is a time in milliseconds; the library's negative ones are none.
func inMS(d time.Duration) float64 { return max(0, float64(d.Microseconds())/1000) }
