package goredis

import (
	"context"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Settings implements drive.ClusterClient. Some are only decided by the library's clients of
// single nodes, which are all alike.
func (c *Client) Settings(ctx context.Context) *record.ClientSettings {
	master, err := c.redis.MasterForKey(ctx, "")
	if err != nil {
		return nil
	}
	cluster, node := c.redis.Options(), master.Options()
	return &record.ClientSettings{
		DialTimeout:        milliseconds(node.DialTimeout),
		DialerRetries:      node.DialerRetries,
		ReadTimeout:        milliseconds(node.ReadTimeout),
		WriteTimeout:       milliseconds(node.WriteTimeout),
		PoolSize:           node.PoolSize,
		PoolTimeout:        milliseconds(node.PoolTimeout),
		MinIdleConns:       node.MinIdleConns,
		MaxRedirects:       cluster.MaxRedirects,
		MinRetryBackoff:    milliseconds(cluster.MinRetryBackoff),
		MaxRetryBackoff:    milliseconds(cluster.MaxRetryBackoff),
		ClusterStateReload: milliseconds(cluster.ClusterStateReloadInterval),
	}
}

// milliseconds is a time in milliseconds; the library's negative ones are none.
func milliseconds(d time.Duration) record.Millis {
	return max(0, record.Millis(float64(d.Microseconds())/1000))
}
