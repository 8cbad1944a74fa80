package scenarios

import "github.com/redis-chaos/redis-chaos/scenarios/codec"

// decoder reads a scenario, and judges what it has read.
type decoder struct {
	*codec.Decoder
	catalog Catalog
}
