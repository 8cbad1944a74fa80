package discover

import (
	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/compose"
)

// Client is a client of the server at a candidate.
func Client(at Candidate, access compose.Access) *redis.Client {
	return compose.DirectClient(lone{at, access}, at.Addr, patience)
}
