package compose

import "sync"

// AtOnce calls f with each index below n at once, and gives the errors in that order.
func AtOnce(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var running sync.WaitGroup
	for i := range n {
		running.Go(func() { errs[i] = f(i) })
	}
	running.Wait()
	return errs
}

// EachNode calls f with the index of each node at once, and joins the errors by the names of the
// nodes.
func EachNode(nodes []Node, f func(i int) error) error {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.Name
	}
	return JoinByNode(names, AtOnce(len(nodes), f))
}
