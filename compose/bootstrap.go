package compose

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
)

// DirectClient is a client of one node: one connection at a time, no retries,
// every call bounded by timeout.
func DirectClient(r Runtime, addr string, timeout time.Duration) *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr:                     addr,
		Dialer:                   r.Dial,
		DialTimeout:              timeout,
		ReadTimeout:              timeout,
		WriteTimeout:             timeout,
		PoolTimeout:              timeout,
		MaxRetries:               -1,
		DialerRetries:            1,
		PoolSize:                 2,
		ContextTimeoutEnabled:    true,
		DisableIdentity:          true,
		Protocol:                 2,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}

const (
	// bootstrapTimeout bounds the whole of bootstrapping.
	bootstrapTimeout = 60 * time.Second
	// gossipTimeout is the cluster-node-timeout while bootstrapping, in ms: nodes
	// ping each other every half of it, so news travels sooner than by default.
	gossipTimeout = 1000
	// fullMesh is the largest cluster in which every node is made to MEET every other.
	fullMesh = 24
)

// joiner bootstraps one cluster.
type joiner struct {
	nodes   []Node
	clients []*redis.Client
	masters int
	// timeouts are the nodes' own values of the directives that are changed
	// while bootstrapping.
	before []map[string]string
}

// Bootstrap joins empty nodes, masters first, into a cluster, and fills in
// their IDs and shards.
//
// A master that starts without slots refuses to be ok for 2 s, and then for
// another cluster-node-timeout (CLUSTER_WRITABLE_DELAY and the rejoin delay in
// clusterUpdateState, cluster.c). A replica has neither delay. So the slots are
// first given to a replica of each shard, the master-to-be is made its replica,
// and then takes over: it was never a master in state fail.
func Bootstrap(ctx context.Context, r Runtime, nodes []Node, masters int) (err error) {
	ctx, cancel := context.WithTimeout(ctx, bootstrapTimeout)
	defer cancel()
	j := &joiner{nodes: nodes, masters: masters, before: make([]map[string]string, len(nodes))}
	for i := range nodes {
		nodes[i].Shard, nodes[i].Replica = i%masters, i >= masters
		client := DirectClient(r, nodes[i].Addr, 5*time.Second)
		defer client.Close()
		j.clients = append(j.clients, client)
	}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"preparing the nodes", j.prepare},
		{"introducing the nodes to each other", j.meet},
		{"waiting for every node to know every other", j.awaitAcquainted},
		{"making replicas", j.replicate},
		{"promoting the masters", j.takeOver},
		{"waiting for every node to agree and every replica to be online", j.awaitFormed},
		{"restoring the configuration", j.restore},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

// each calls f for every node at once.
func (j *joiner) each(f func(i int, c *redis.Client) error) error {
	index := make([]int, len(j.nodes))
	for i := range index {
		index[i] = i
	}
	return inParallel(index, func(i int) error {
		if err := f(i, j.clients[i]); err != nil {
			return fmt.Errorf("%s: %w", j.nodes[i].Name, err)
		}
		return nil
	})
}

// seed is the node that first holds the slots of a shard.
func (j *joiner) seed(shard int) int {
	if len(j.nodes) > j.masters {
		return j.masters + shard
	}
	return shard
}

// prepare learns the nodes' ids, gives each its own epoch, quickens gossip and
// replication, and assigns the slots.
func (j *joiner) prepare(ctx context.Context) error {
	return j.each(func(i int, c *redis.Client) error {
		id, err := c.ClusterMyID(ctx).Result()
		if err != nil {
			return err
		}
		j.nodes[i].ID = id
		j.before[i] = map[string]string{}
		for directive, during := range map[string]int{"cluster-node-timeout": gossipTimeout, "repl-diskless-sync-delay": 0} {
			values, err := c.ConfigGet(ctx, directive).Result()
			if err != nil {
				return err
			}
			if now, _ := strconv.Atoi(values[directive]); now <= during {
				continue
			}
			j.before[i][directive] = values[directive]
			if err := c.ConfigSet(ctx, directive, strconv.Itoa(during)).Err(); err != nil {
				return err
			}
		}
		if err := c.Do(ctx, "cluster", "set-config-epoch", i+1).Err(); err != nil {
			return err
		}
		shard := j.nodes[i].Shard
		if i != j.seed(shard) {
			return nil
		}
		return addSlots(ctx, c, slots.Share(shard, j.masters))
	})
}

// addSlots uses ADDSLOTSRANGE (Redis >= 7.0), else ADDSLOTS.
func addSlots(ctx context.Context, c *redis.Client, r slots.Range) error {
	err := c.ClusterAddSlotsRange(ctx, r.First, r.Last).Err()
	if err != nil && strings.Contains(strings.ToLower(err.Error()), "unknown subcommand") {
		var all []int
		for s := r.First; s <= r.Last; s++ {
			all = append(all, s)
		}
		err = c.ClusterAddSlots(ctx, all...).Err()
	}
	return err
}

// meet introduces every node to every other, or in large clusters to some
// others: gossip does the rest.
func (j *joiner) meet(ctx context.Context) error {
	return j.each(func(i int, c *redis.Client) error {
		pipe := c.Pipeline()
		for k := range i {
			if len(j.nodes) > fullMesh && k > 2 && k < i-4 {
				continue
			}
			host, port, err := net.SplitHostPort(j.nodes[k].Addr)
			if err != nil {
				return err
			}
			pipe.ClusterMeet(ctx, host, port)
		}
		if pipe.Len() == 0 {
			return nil
		}
		_, err := pipe.Exec(ctx)
		return err
	})
}

func (j *joiner) awaitAcquainted(ctx context.Context) error {
	return j.each(func(_ int, c *redis.Client) error {
		return poll(ctx, func() error {
			text, err := c.ClusterNodes(ctx).Result()
			if err != nil {
				return err
			}
			known, err := view.ParseNodes(text)
			if err != nil {
				return err
			}
			var settled int
			for _, n := range known {
				if n.Flag == "ok" && n.LinkUp {
					settled++
				}
			}
			if settled != len(j.nodes) || len(known) != len(j.nodes) {
				return fmt.Errorf("knows %d of %d nodes", settled, len(j.nodes))
			}
			return nil
		})
	})
}

// replicate makes every node but the seeds a replica of its shard's seed.
func (j *joiner) replicate(ctx context.Context) error {
	return j.each(func(i int, c *redis.Client) error {
		seed := j.seed(j.nodes[i].Shard)
		if i == seed {
			return nil
		}
		return poll(ctx, func() error { return c.ClusterReplicate(ctx, j.nodes[seed].ID).Err() })
	})
}

// takeOver makes each master-to-be that is still a replica take its slots over.
func (j *joiner) takeOver(ctx context.Context) error {
	return j.each(func(i int, c *redis.Client) error {
		if j.nodes[i].Replica || i == j.seed(j.nodes[i].Shard) {
			return nil
		}
		if err := poll(ctx, func() error { return clusterOK(ctx, c) }); err != nil {
			return err
		}
		return c.Do(ctx, "cluster", "failover", "takeover").Err()
	})
}

func clusterOK(ctx context.Context, c *redis.Client) error {
	info, err := c.ClusterInfo(ctx).Result()
	if err != nil {
		return err
	}
	if !strings.Contains(info, "cluster_state:ok") {
		return errors.New("cluster_state is not ok")
	}
	return nil
}

// awaitFormed waits until every node sees the whole topology as planned, in
// state ok, and every master has its replicas online.
func (j *joiner) awaitFormed(ctx context.Context) error {
	return j.each(func(i int, c *redis.Client) error {
		return poll(ctx, func() error {
			v, err := view.Fetch(ctx, c)
			if err != nil {
				return err
			}
			return j.formed(i, v)
		})
	})
}

// formed tells what is missing in the view of node i.
func (j *joiner) formed(i int, v view.View) error {
	if v.State != "ok" {
		return errors.New("cluster_state is not ok")
	}
	byID := map[string]view.Node{}
	for _, n := range v.Nodes {
		byID[n.ID] = n
	}
	for _, n := range j.nodes {
		seen, ok := byID[n.ID]
		switch {
		case !ok || seen.Flag != "ok":
			return fmt.Errorf("does not see %s", n.Name)
		case seen.Master == n.Replica:
			return fmt.Errorf("sees %s in the wrong role", n.Name)
		case n.Replica && seen.OfID != j.nodes[n.Shard].ID:
			return fmt.Errorf("sees %s with the wrong master", n.Name)
		}
	}
	if j.nodes[i].Replica {
		if !v.Replication.LinkUp {
			return errors.New("has no link to its master")
		}
		return nil
	}
	online := 0
	for _, r := range v.Replication.Replicas {
		if r.Online {
			online++
		}
	}
	if want := len(j.nodes)/j.masters - 1; online != want {
		return fmt.Errorf("has %d of %d replicas online", online, want)
	}
	return nil
}

func (j *joiner) restore(ctx context.Context) error {
	return j.each(func(i int, c *redis.Client) error {
		for directive, value := range j.before[i] {
			if err := c.ConfigSet(ctx, directive, value).Err(); err != nil {
				return fmt.Errorf("CONFIG SET %s %s: %w", directive, value, err)
			}
		}
		return nil
	})
}

// poll calls f until it succeeds or ctx ends, and then tells f's last error.
func poll(ctx context.Context, f func() error) error {
	for {
		err := f()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
