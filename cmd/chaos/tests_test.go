package main

import (
	"os"
	"testing"

	"github.com/redis/go-redis/v9/logging"
)

// TestMain makes this program one that crashes where its environment asks for it.
func TestMain(m *testing.M) {
	if how := os.Getenv(crashing); how != "" {
		crash(how)
	}
	logging.Disable() // go-redis's pools log each failed dial, which is what these tests are about
	os.Exit(m.Run())
}
