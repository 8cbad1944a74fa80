package compose

import "sync"

// EachNode calls f with the index of each node at once and joins the errors.
func EachNode(nodes []Node, f func(i int) error) error {
	names, errs := make([]string, len(nodes)), make([]error, len(nodes))
	var wg sync.WaitGroup
	for i, n := range nodes {
		names[i] = n.Name
		wg.Go(func() { errs[i] = f(i) })
	}
	wg.Wait()
	return JoinByNode(names, errs)
}
