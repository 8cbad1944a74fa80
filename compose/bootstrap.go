package compose

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
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
func DirectClient(s Servers, addr string, timeout time.Duration) *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr:                     addr,
		Dialer:                   boundedDialer(s.Dial),
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

// mostAnswer is how many bytes a node may send on a connection of a DirectClient between two
// commands: the client library keeps a line in memory until it ends.
const mostAnswer = 16 << 20

type dialer = func(ctx context.Context, network, addr string) (net.Conn, error)

// boundedDialer has connections fail that receive too much.
func boundedDialer(dial dialer) dialer {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &boundedConn{Conn: conn}, nil
	}
}

// boundedConn is a connection whose other side answers with no more than mostAnswer bytes. It
// is read and written by one goroutine at a time.
type boundedConn struct {
	net.Conn
	received int // since the last command
}

// Read implements net.Conn.
func (c *boundedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.received += n; c.received > mostAnswer {
		return 0, fmt.Errorf("%s answers with more than %d bytes", c.RemoteAddr(), mostAnswer)
	}
	return n, err
}

// Write implements net.Conn.
func (c *boundedConn) Write(p []byte) (int, error) {
	c.received = 0
	return c.Conn.Write(p)
}

const (
	// bootstrapTimeout bounds the whole of bootstrapping.
	bootstrapTimeout = 60 * time.Second
	// gossipTimeout is the cluster-node-timeout while bootstrapping, in ms: nodes
	// ping each other every half of it, so news travels sooner than by default.
	gossipTimeout = 1000
	// fullMesh is the largest cluster in which every node is made to MEET every
	// other. In larger ones that costs more than waiting for gossip does.
	fullMesh = 24
)

// joiner bootstraps one cluster.
type joiner struct {
	nodes   []Node
	clients []*redis.Client
	masters int
	layout  slots.Layout
	// before is the nodes' own values of the directives that are changed while
	// bootstrapping.
	before []map[string]string
}

// Bootstrap joins empty nodes, masters first, into a cluster, and fills in
// their IDs and shards.
//
// A master that starts without slots refuses to be ok for 2 s, and then for
// another cluster-node-timeout (CLUSTER_WRITABLE_DELAY and the rejoin delay in
// clusterUpdateState, cluster.c). A replica has neither delay. So the slots are
// first given to a replica of each shard, the master-to-be is made its replica,
// and then takes over: it was never a master in state fail. That it is ok before
// it has heard of all slots is what cluster-require-full-coverage is off for.
//
// What changes about a node, others hear of with its next ping, which can take
// half the gossip timeout. A MEET to who knows it already tells them at once.
func Bootstrap(ctx context.Context, s Servers, nodes []Node, masters int) (err error) {
	ctx, cancel := context.WithTimeout(ctx, bootstrapTimeout)
	defer cancel()
	j := &joiner{nodes: nodes, masters: masters, layout: slots.Equal(masters), before: make([]map[string]string, len(nodes))}
	for i := range nodes {
		nodes[i].Shard, nodes[i].Replica = i%masters, i >= masters
		client := DirectClient(s, nodes[i].Addr, 5*time.Second)
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
		{"announcing the replicas", j.announceSeeds},
		{"waiting for every node to agree and every replica to be online", j.awaitFormed},
		{"restoring the configuration", j.restore},
	} {
		err := step.do(ctx)
		if err == nil {
			continue
		}
		if ended := Ended(ctx); ended != nil && !errors.Is(err, ended) {
			// A connection tells of its deadline, and not of the context that it is from.
			err = fmt.Errorf("%w: %v", ended, err)
		}
		return fmt.Errorf("%s: %w", step.what, err)
	}
	return nil
}

// Ended is why ctx has ended, and nil if it has not. A connection that has its deadline
// from ctx can fail shortly before ctx.Err() tells of it.
func Ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return nil
}

// each calls f for every node at once.
func (j *joiner) each(f func(i int, c *redis.Client) error) error {
	return EachNode(j.nodes, func(i int) error { return f(i, j.clients[i]) })
}

// seed is the node that first holds the slots of a shard.
func (j *joiner) seed(shard int) int {
	if len(j.nodes) > j.masters {
		return j.masters + shard
	}
	return shard
}

// epoch is the config epoch that a node starts with. The seeds have the lowest:
// a master-to-be takes over with an epoch above its own, which must be above
// those of all seeds, of which it may not have heard yet.
func (j *joiner) epoch(i int) int {
	n := len(j.nodes)
	return (i+n-j.masters)%n + 1
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
		for _, d := range []struct{ directive, during string }{
			{"cluster-node-timeout", strconv.Itoa(gossipTimeout)},
			{"repl-diskless-sync-delay", "0"},
			{"cluster-require-full-coverage", "no"},
		} {
			if err := j.change(ctx, i, d.directive, d.during); err != nil {
				return err
			}
		}
		if err := c.Do(ctx, "cluster", "set-config-epoch", j.epoch(i)).Err(); err != nil {
			return err
		}
		shard := j.nodes[i].Shard
		if i != j.seed(shard) {
			return nil
		}
		return addSlots(ctx, c, j.layout.Ranges(shard)...)
	})
}

// change sets a directive of node i for the time of bootstrapping, unless a lower
// number is set already.
func (j *joiner) change(ctx context.Context, i int, directive, during string) error {
	values, err := j.clients[i].ConfigGet(ctx, directive).Result()
	if err != nil {
		return err
	}
	now := values[directive]
	if a, err := strconv.Atoi(now); err == nil {
		if b, err := strconv.Atoi(during); err == nil && a < b {
			return nil
		}
	}
	if now == during {
		return nil
	}
	j.before[i][directive] = now
	return j.clients[i].ConfigSet(ctx, directive, during).Err()
}

// addSlots uses ADDSLOTSRANGE (Redis >= 7.0), else ADDSLOTS.
func addSlots(ctx context.Context, c *redis.Client, ranges ...slots.Range) error {
	for _, r := range ranges {
		err := c.ClusterAddSlotsRange(ctx, r.First, r.Last).Err()
		if err != nil && strings.Contains(strings.ToLower(err.Error()), "unknown subcommand") {
			var all []int
			for s := r.First; s <= r.Last; s++ {
				all = append(all, s)
			}
			err = c.ClusterAddSlots(ctx, all...).Err()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// meet introduces every node to every other, or in large clusters to some
// others: gossip does the rest.
func (j *joiner) meet(ctx context.Context) error {
	return j.each(func(i int, c *redis.Client) error {
		var others []Node
		for k := range i {
			if len(j.nodes) <= fullMesh || k <= 2 || k >= i-4 {
				others = append(others, j.nodes[k])
			}
		}
		return meetAll(ctx, c, others)
	})
}

// meetAll introduces a node to others, or tells them what is new about it.
func meetAll(ctx context.Context, c *redis.Client, others []Node) error {
	if len(others) == 0 {
		return nil
	}
	pipe := c.Pipeline()
	for _, n := range others {
		host, port, err := net.SplitHostPort(n.Addr)
		if err != nil {
			return err
		}
		pipe.ClusterMeet(ctx, host, port)
	}
	_, err := pipe.Exec(ctx)
	return err
}

// meetAgain is how long nodes may take to know each other before they are introduced
// once more: a handshake that is held up for cluster-node-timeout is given up.
const meetAgain = 10 * time.Second

// awaitAcquainted waits until every node knows every other.
func (j *joiner) awaitAcquainted(ctx context.Context) error {
	for {
		bounded, cancel := context.WithTimeout(ctx, meetAgain)
		err := j.acquainted(bounded)
		cancel()
		if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		if err := j.meet(ctx); err != nil {
			return err
		}
	}
}

func (j *joiner) acquainted(ctx context.Context) error {
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

// takeOver makes each master-to-be that is still a replica take its slots over,
// as soon as it knows of them.
func (j *joiner) takeOver(ctx context.Context) error {
	return j.each(func(i int, c *redis.Client) error {
		seed := j.seed(j.nodes[i].Shard)
		if j.nodes[i].Replica || i == seed {
			return nil
		}
		if err := meetAll(ctx, j.clients[seed], []Node{j.nodes[i]}); err != nil {
			return err
		}
		ready := func() error {
			v, err := view.Fetch(ctx, c)
			if err != nil {
				return err
			}
			if v.State != "ok" {
				return errors.New("cluster_state is not ok")
			}
			if owner, ok := v.Owner(j.layout.First(j.nodes[i].Shard)); !ok || owner.ID != j.nodes[seed].ID {
				return errors.New("has not heard of its slots")
			}
			return nil
		}
		if err := poll(ctx, ready); err != nil {
			return err
		}
		return c.Do(ctx, "cluster", "failover", "takeover").Err()
	})
}

// announceSeeds tells everybody that the seeds are replicas now.
func (j *joiner) announceSeeds(ctx context.Context) error {
	if len(j.nodes) > fullMesh {
		return nil
	}
	return j.each(func(i int, c *redis.Client) error {
		if !j.nodes[i].Replica || i != j.seed(j.nodes[i].Shard) {
			return nil
		}
		demoted := func() error {
			v, err := view.Fetch(ctx, c)
			if err != nil {
				return err
			}
			if me, ok := v.Myself(); !ok || me.OfID != j.nodes[j.nodes[i].Shard].ID {
				return errors.New("is not the replica of its master yet")
			}
			return nil
		}
		if err := poll(ctx, demoted); err != nil {
			return err
		}
		return meetAll(ctx, c, slices.Delete(slices.Clone(j.nodes), i, i+1))
	})
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
