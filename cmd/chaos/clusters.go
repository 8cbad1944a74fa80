package main

import (
	"context"

	"github.com/redis-chaos/redis-chaos/compose"
)

// standing lists the runs that there is something of, and those that have nodes, of all hosts
// whose clusters go on without the program that made them.
func standing(ctx context.Context, hosts []compose.Host) (present, clusters []string, err error) {
	for _, h := range hosts {
		s, ok := h.(compose.Standing)
		if !ok {
			continue
		}
		runs, err := s.Runs(ctx)
		if err != nil {
			return nil, nil, err
		}
		up, err := s.Clusters(ctx)
		if err != nil {
			return nil, nil, err
		}
		present, clusters = append(present, runs...), append(clusters, up...)
	}
	return present, clusters, nil
}
