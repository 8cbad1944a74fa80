// Package keys finds the keys of a run in a cluster that others use as well, and removes them.
package keys

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/compose"
)

// Removal is what came of removing keys.
type Removal struct {
	Removed int64
	// Left is how many were there when all masters were looked through for the last time; nil if some were not.
	Left *int64
}

const (
	patience = 3 * time.Second
	// page is how many keys a server goes through in one step of SCAN: few enough for it to answer others in between.
	page = 1000
	// rounds is how often the cluster is looked through at most: keys move while slots do.
	rounds = 3
)

// Remove removes all keys that begin with prefix, or with { and that, from all masters. It goes on until none is found,
// or ctx ends: the error is why some may be left.
func Remove(ctx context.Context, s compose.Servers, prefix string) (r Removal, err error) {
	for range rounds {
		var found, removed int64
		if found, removed, err = pass(ctx, s, prefix); err != nil {
			err = fmt.Errorf("removing the keys %s*: %w", prefix, err)
		}
		r.Removed += removed
		if err == nil && found == 0 {
			r.Left = &found
			return r, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("removing the keys %s*: there are new ones each time", prefix)
	}
	return r, err
}

// pass removes what it finds on the masters of now, and counts both.
func pass(ctx context.Context, s compose.Servers, prefix string) (found, removed int64, err error) {
	masters := 0
	nodes := s.Nodes()
	counts := make([][2]int64, len(nodes))
	isMaster := make([]bool, len(nodes))
	err = compose.EachNode(nodes, func(i int) (err error) {
		c := compose.DirectClient(s, nodes[i].Addr, patience)
		defer c.Close()
		role, err := c.Info(ctx, "replication").Result()
		if err != nil || !strings.Contains(role, "role:master") {
			return err
		}
		isMaster[i] = true
		counts[i][0], counts[i][1], err = onMaster(ctx, c, prefix)
		return err
	})
	for i, n := range counts {
		found, removed = found+n[0], removed+n[1]
		if isMaster[i] {
			masters++
		}
	}
	if masters == 0 && err == nil {
		err = errors.New("no node is a master")
	}
	return found, removed, err
}

// onMaster is pass for one node.
func onMaster(ctx context.Context, c *redis.Client, prefix string) (found, removed int64, err error) {
	var cursor uint64
	for {
		all, next, err := c.Scan(ctx, cursor, "*"+escaped(prefix)+"*", page).Result()
		if err != nil {
			return found, removed, err
		}
		pipe := c.Pipeline()
		var unlinks []*redis.IntCmd
		for _, key := range all {
			if strings.HasPrefix(strings.TrimPrefix(key, "{"), prefix) {
				unlinks = append(unlinks, pipe.Unlink(ctx, key))
			}
		}
		if found += int64(len(unlinks)); len(unlinks) > 0 {
			_, err = pipe.Exec(ctx)
			for _, u := range unlinks {
				removed += u.Val()
			}
		}
		if err != nil {
			return found, removed, err
		}
		if cursor = next; cursor == 0 {
			return found, removed, nil
		}
	}
}

// escaped is a text as a pattern that matches nothing else.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(text)
}
