package faulttest

import (
	"errors"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
	"github.com/redis-chaos/redis-chaos/compose/local"
)

// clusters lists the ways to run one.
func clusters() []*on {
	return []*on{
		{Name: "Docker", open: func(t *testing.T) compose.Deployer {
			enginetest.Need(t)
			return prepared(t, docker.Runtime())
		}},
		{Name: "local, isolated", open: func(t *testing.T) compose.Deployer {
			if os.Getuid() != 0 {
				t.Skip("needs root, for network namespaces")
			}
			return prepared(t, local.Runtime{Mode: local.Isolated})
		}},
		{Name: "local, unprivileged", open: func(t *testing.T) compose.Deployer {
			return prepared(t, local.Runtime{Mode: local.Unprivileged})
		}},
	}
}

func prepared(t *testing.T, r compose.Runtime) compose.Deployer {
	t.Helper()
	d, err := r.Prepare(t.Context(), "")
	if lacks, unavailable := compose.IsUnavailable(err); unavailable {
		t.Skipf("needs a server: %s", lacks)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func pid() int { return os.Getpid() }

func asError(err error, to *redis.Error) bool { return errors.As(err, to) }
