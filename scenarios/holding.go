package scenarios

// Holding is implemented by the settings of faults that hold something of each of their targets for
// themselves: of two faults that hold the same of a node at one time, healing one would undo the other, or the
// second cannot be done at all.
type Holding interface {
	// Holds lists what that is: "process", "directive maxmemory".
	Holds() []string
}

// Named is implemented by the settings of faults that know some of their targets by name, whatever the roles are by
// then.
type Named interface {
	// NamedNodes are those.
	NamedNodes() []string
}

// HeldBy is what a fault's settings hold of its targets.
func HeldBy(spec FaultSpec) []string {
	if h, ok := spec.(Holding); ok {
		return h.Holds()
	}
	return nil
}
