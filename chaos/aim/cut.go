package aim

// Cuts are, by the name of a node, which nodes do not hear it.
type Cuts map[string][]string
