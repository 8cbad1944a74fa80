// Package goredis is the client library go-redis, as loads drive it and as keys are read
// back. Nothing else of what workloads do knows it.
package goredis

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/drive"
)

// Library is go-redis, by its cluster client.
type Library struct{}

var (
	_ drive.Library       = Library{}
	_ drive.ClusterClient = (*Client)(nil)
	_ drive.Pipeliner     = (*Client)(nil)
	_ drive.Getter        = (*Client)(nil)
	_ drive.Subscribing   = (*Client)(nil)
	_ drive.ReadBack      = (*Client)(nil)
)

// Client is one cluster client of the library.
type Client struct {
	redis *redis.ClusterClient
	// auto is the library's own pipelines, nil if it is not to make them.
	auto *redis.AutoPipeliner
}

// sparePoolConns is how many connections a pool has on top of one for each
// command under way: the library loads the topology through the same pools.
const sparePoolConns = 4

// Lacks implements drive.Library: nothing.
func (Library) Lacks() []string { return nil }

// Open implements drive.Library. The library's clients of the single nodes tell each write
// of the attempts made there, and each read who answers.
func (Library) Open(o drive.ClientOptions) (drive.ClusterClient, error) {
	opt := baseOptions(o.Target)
	if o.Concurrent > 0 {
		opt.PoolSize = o.Concurrent + sparePoolConns
	}
	apply(o.Scenario, opt)
	opt.ReadOnly = o.ReadFrom == drive.ReadFromReplica
	opt.RouteRandomly = o.ReadFrom == drive.ReadFromAny
	opt.NewClient = func(node *redis.Options) *redis.Client {
		c := redis.NewClient(node)
		if o.Node != nil {
			c.AddHook(attempts{o.Node(node.Addr), c})
		}
		if o.ReadFrom != "" {
			c.AddHook(answers{drive.NodeName(o.Target, node.Addr)})
		}
		return c
	}
	c := &Client{redis: redis.NewClusterClient(opt)}
	if !o.Scenario.LibraryAutopipeline {
		return c, nil
	}
	var err error
	c.auto, err = c.redis.AutoPipeline()
	return c, err
}

// NewReadBack makes the cluster client that results are read back through. The
// scenario's client options are left out: they are part of what is tested.
func NewReadBack(target drive.Target) *Client {
	opt := baseOptions(target)
	opt.DialTimeout = 2 * time.Second
	opt.ReadTimeout = 3 * time.Second
	opt.MaxRetries, opt.DialerRetries = -1, 1 // whoever reads back tries again
	opt.ContextTimeoutEnabled = true
	return &Client{redis: redis.NewClusterClient(opt)}
}

// baseOptions leaves out what the library does that no command asked for.
func baseOptions(target drive.Target) *redis.ClusterOptions {
	return &redis.ClusterOptions{
		Addrs:                    target.Addrs(),
		Dialer:                   target.Dial,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}

// apply sets the options that a scenario gives. An explicit 0 means none; the
// library takes 0 for its default, and -1 for none.
func apply(o scenarios.ClientOptions, opt *redis.ClusterOptions) {
	duration(&opt.DialTimeout, o.DialTimeout)
	duration(&opt.ReadTimeout, o.ReadTimeout)
	duration(&opt.WriteTimeout, o.WriteTimeout)
	duration(&opt.PoolTimeout, o.PoolTimeout)
	duration(&opt.MinRetryBackoff, o.MinRetryBackoff)
	duration(&opt.MaxRetryBackoff, o.MaxRetryBackoff)
	duration(&opt.ClusterStateReloadInterval, o.ClusterStateReloadInterval)
	if o.DialerRetries != nil {
		opt.DialerRetries = *o.DialerRetries
	}
	if o.PoolSize != nil {
		opt.PoolSize = *o.PoolSize
	}
	if o.MinIdleConns != nil {
		opt.MinIdleConns = *o.MinIdleConns
	}
	if o.MaxRedirects != nil {
		opt.MaxRedirects = *o.MaxRedirects
		if opt.MaxRedirects == 0 {
			opt.MaxRedirects = -1
		}
	}
}

func duration(opt *time.Duration, d *units.Duration) {
	switch {
	case d == nil:
	case *d == 0:
		*opt = -1
	default:
		*opt = d.D()
	}
}

// Reach implements drive.ClusterClient.
func (c *Client) Reach(ctx context.Context) error {
	// A command that waits for its answer does not heed a cancelled context.
	defer context.AfterFunc(ctx, func() { _ = c.redis.Close() })()
	err := c.redis.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		return node.Ping(ctx).Err()
	})
	if errors.Is(err, redis.Nil) {
		return errNoEndpoints
	}
	return err
}

// errNoEndpoints: the client library takes a null for an address in the answer to
// CLUSTER SLOTS for the answer.
var errNoEndpoints = errors.New("CLUSTER SLOTS names no addresses, as with cluster-preferred-endpoint-type unknown-endpoint, and go-redis does not know what to do then; set it to ip or hostname")

// Abort implements drive.ClusterClient. The library's own pipelines are waited for when its
// client is closed, so the clients of the single nodes are closed before.
func (c *Client) Abort() {
	if c.auto != nil {
		_ = c.redis.ForEachShard(context.Background(), func(_ context.Context, node *redis.Client) error { return node.Close() })
	}
	_ = c.redis.Close()
}

// Close implements drive.ClusterClient.
func (c *Client) Close() error { return c.redis.Close() }
