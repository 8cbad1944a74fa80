package scenarios

// Catalog tells which kinds of fault and workload exist, and which causes can be found.
type Catalog struct {
	// Faults maps a kind to a constructor of its settings with their defaults;
	// the value returned is a pointer that YAML is decoded into.
	Faults map[string]func() FaultSpec
	// Workloads maps a type to a constructor of its settings with their defaults; the value
	// returned is a pointer to a struct that YAML is decoded into, or has no settings.
	Workloads map[string]func() WorkloadSpec
	// Libraries maps a client library to the keys of a workload, such as "client.pool_size",
	// that it cannot follow, and the types, such as "type: pubsub", that it cannot do.
	Libraries map[string][]string
	// Causes maps an expectation about causes, such as outage_causes, to those that
	// can be found.
	Causes map[string][]string
}

// Commander is implemented by the settings of faults that are done by commands, and of
// workloads that send some, which the nodes must take.
type Commander interface {
	// Commands lists them by their names.
	Commands() []string
}
