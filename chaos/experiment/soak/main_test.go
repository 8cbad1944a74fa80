package soak

import (
	"os"
	"testing"

	"github.com/redis/go-redis/v9/logging"
)

func TestMain(m *testing.M) {
	logging.Disable() // go-redis's pools log each failed dial, which is what a run is about
	os.Exit(m.Run())
}
