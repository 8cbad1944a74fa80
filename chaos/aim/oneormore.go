package aim

import (
	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// OneOrMore is a list that is written without brackets where it has one item.
type OneOrMore[T string | int] []T

// MarshalNode implements codec.Marshaler.
func (o OneOrMore[T]) MarshalNode() (*document.Node, error) {
	if len(o) == 1 {
		return codec.Encode(o[0])
	}
	return codec.Encode([]T(o))
}
