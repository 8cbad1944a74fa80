package workload

import (
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// sparePoolConns is how many connections a pool has on top of one for each
// client: the library loads the topology through the same pools.
const sparePoolConns = 4

// newClient makes the cluster client that a workload writes through. Its
// clients of the single nodes tell each write of the attempts made there.
func newClient(o scenarios.ClientOptions, clients int, target Target, acks *ackBook, more ...func(*redis.ClusterOptions)) *redis.ClusterClient {
	opt := baseOptions(target)
	opt.PoolSize = clients + sparePoolConns
	opt.NewClient = func(node *redis.Options) *redis.Client {
		c := redis.NewClient(node)
		c.AddHook(attempts{acks.node(nodeName(target, node.Addr)), c})
		return c
	}
	apply(o.Effective(), opt)
	for _, set := range more {
		set(opt)
	}
	return redis.NewClusterClient(opt)
}

// newReader makes the cluster client that results are read back through. The
// scenario's client options are left out: they are part of what is tested.
func newReader(target Target) *redis.ClusterClient {
	opt := baseOptions(target)
	opt.DialTimeout = 2 * time.Second
	opt.ReadTimeout = 3 * time.Second
	opt.MaxRetries, opt.DialerRetries = -1, 1 // see readTries
	opt.ContextTimeoutEnabled = true
	return redis.NewClusterClient(opt)
}

// baseOptions leaves out what the library does that no command asked for.
func baseOptions(target Target) *redis.ClusterOptions {
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

func duration(opt *time.Duration, d *scenarios.Duration) {
	switch {
	case d == nil:
	case *d == 0:
		*opt = -1
	default:
		*opt = d.D()
	}
}
