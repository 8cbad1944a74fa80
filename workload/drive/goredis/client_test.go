package goredis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// An explicit 0 is none, which the library has other values for.
func TestClientOptions(t *testing.T) {
	half, two := units.Duration(500*time.Millisecond), 2
	o := scenarios.ClientOptions{
		ReadTimeout: &half, MaxRedirects: new(int), MinRetryBackoff: new(units.Duration), MinIdleConns: &two,
	}
	opened, err := Library{}.Open(drive.ClientOptions{Target: nowhere{}, Scenario: o, Concurrent: 16})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	got := opened.(*Client).redis.Options()
	if got.ReadTimeout != o.ReadTimeout.D() || got.WriteTimeout != o.ReadTimeout.D() {
		t.Errorf("timeouts: %v, %v", got.ReadTimeout, got.WriteTimeout)
	}
	// What the library makes of -1.
	if got.MaxRedirects != 0 || got.MinRetryBackoff != 0 {
		t.Errorf("an explicit 0: %d redirects, backoff %v", got.MaxRedirects, got.MinRetryBackoff)
	}
	if got.PoolSize < 16 || got.MinIdleConns != 2 {
		t.Errorf("pool of %d, at least %d idle", got.PoolSize, got.MinIdleConns)
	}
}

// The library's own errors have names.
func TestNamed(t *testing.T) {
	for err, want := range map[error]string{
		redis.ErrPoolTimeout: "pool_timeout", redis.ErrPoolExhausted: "pool_timeout",
		redis.ErrAutoPipelineTimeout: "autopipeline_timeout", redis.ErrClosed: "closed",
	} {
		if got := failure.Kind(history.Failed, fmt.Errorf("GET: %w", named(err))); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}

// nowhere is a cluster that is not there.
type nowhere struct{ drive.Target }

func (nowhere) Addrs() []string { return []string{"127.0.0.1:1"} }
func (nowhere) Dial(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("there is no cluster")
}
