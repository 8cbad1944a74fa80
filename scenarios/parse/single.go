package parse

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// Fault reads one fault as it stands in a scenario, such as one that a run has noted. file is what its
// messages call what was read.
func Fault(file string, data []byte, catalog scenarios.Catalog) (f scenarios.Fault, err error) {
	ps := &document.Problems{File: file}
	root := document.ReadTree(ps, data)
	if root == nil {
		return f, fmt.Errorf("reading a fault: %w", ps.Err())
	}
	d := &decoder{Decoder: codec.NewDecoder(ps), catalog: catalog}
	codec.Reads(d.Decoder, d.decodeFault)
	d.Decode(root, &f)
	return f, ps.Err()
}
