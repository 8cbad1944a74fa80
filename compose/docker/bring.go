package docker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/discover"
	"github.com/redis-chaos/redis-chaos/compose/docker/cli"
	"github.com/redis-chaos/redis-chaos/compose/docker/project"
	"github.com/redis-chaos/redis-chaos/compose/slots"
)

var _ compose.Bringer = containerHost{}

// Brings implements compose.Bringer.
func (containerHost) Brings(b compose.Brought) bool { return b.Compose != "" || b.Project != "" }

const (
	// foundPatience is how long a cluster that was found running may take to be healthy: a link may just be down.
	foundPatience = 5 * time.Second
	// upPatience is how long one may take whose containers were started.
	upPatience = 2 * time.Minute
	// hopelessPatience is the same while no cluster is seen at all: containers that start, and refuse connections.
	hopelessPatience = 30 * time.Second
	// bringPause is the time between two looks at it.
	bringPause = 200 * time.Millisecond
)

// bringing is a cluster of the user's on the way to a run.
type bringing struct {
	containerHost
	compose.Brought
	project    string
	run        *Registration
	containers []project.Container
	notes      []string
}

// Bring implements compose.Bringer: the cluster is that of a Compose project, which runs or is started.
func (h containerHost) Bring(ctx context.Context, of compose.Brought) (_ *compose.Found, err error) {
	b := &bringing{containerHost: h, Brought: of, project: of.Project}
	if b.project == "" {
		if b.project, err = project.Name(of.Compose); err != nil {
			return nil, err
		}
	}
	var command cli.Command
	var before *started
	if b.Up {
		if command, err = cli.Find(ctx); err != nil {
			return nil, err
		}
	}
	b.run = &Registration{Warn: b.Warn, engine: h.Engine}
	holder := rand.Text()
	name := "project-" + b.project
	b.run.entry, err = h.claim(ctx, name, func() (_ marks, err error) {
		if b.Up {
			before, err = h.snapshot(ctx, b.project)
		}
		return marks{Engine: h.DaemonHost(), Holder: holder, Started: before}, err
	})
	if err != nil {
		return nil, err
	}
	leave := func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTimeout)
		defer cancel()
		return errors.Join(h.removeStarted(ctx, before), b.run.Keep())
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, leave(ctx))
		}
	}()
	if err := h.removeDeadLifelines(ctx, name); err != nil {
		return nil, err
	}
	if b.Up {
		b.Progress(fmt.Sprintf("starting the project %s with %s", b.project, command))
		if err := command.Up(ctx, b.project, b.Compose, h.DaemonHost(), "-d", "--no-recreate"); err != nil {
			return nil, err
		}
	}
	found, err := b.find(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("project %s: %w", b.project, err)
	}
	d, err := b.cluster(ctx, name, holder, found)
	if err != nil {
		return nil, err
	}
	b.noteRestarts(d)
	image, server := b.image(ctx, found.Nodes[0])
	if image != "" { // else its containers are gone, as those that a killed run has started
		if err := b.run.holdAs(ctx, image, marks{Owner: holder}.labels(name)); err != nil {
			return nil, err
		}
	}
	layout, err := slots.LayoutOf(found.Shards)
	if err != nil {
		return nil, err
	}
	if b.Shaped && d.lacks(compose.Shaping) == "" {
		if err := d.warmUp(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("making ready to change what becomes of packets: %w", err), d.shaping.letGo())
		}
	}
	return &compose.Found{
		Deployed: compose.Deployed{
			Cluster: d, Layout: layout, Server: compose.Server{Name: server.Name, Version: server.Version, Image: image},
			Engine: fmt.Sprintf("%s %s", h.product.Title, h.Version),
		},
		Name:  name,
		Lacks: d.lacks,
		Notes: b.notes,
		Leave: func(ctx context.Context) error {
			d.shaping.end()
			return errors.Join(d.shaping.letGo(), leave(ctx))
		},
	}, nil
}

// image is that of a node's container, and the server in it.
func (b *bringing) image(ctx context.Context, n discover.Node) (image string, server compose.Server) {
	if info, err := b.ContainerInspect(ctx, n.At.In); err == nil && info.Config != nil {
		image = info.Config.Image
	}
	return image, compose.Server{Name: n.Server.Name, Version: n.Server.Version}
}

// find finds the cluster: as it was when it was well, if it is brought to be healed.
func (b *bringing) find(ctx context.Context, name string) (*discover.Cluster, error) {
	place, err := b.place(ctx)
	if err != nil {
		return nil, err
	}
	if b.Unwell {
		m, err := project.Recall(place, name)
		if err == nil {
			b.containers = m.Containers
			return m.Found, nil
		}
		if !errors.Is(err, project.ErrForgotten) {
			return nil, err
		}
	}
	found, err := b.await(ctx)
	var unhealthy *discover.UnhealthyError
	if errors.As(err, &unhealthy) {
		return nil, fmt.Errorf("%w; `chaos heal` with the scenario undoes what a run that was killed may have left", err)
	}
	if err != nil {
		return nil, err
	}
	return found, project.Remember(place, name, project.Memory{Found: found, Containers: b.containers})
}

// await waits until the cluster is healthy. Lone nodes are joined, if that is asked for.
func (b *bringing) await(ctx context.Context) (*discover.Cluster, error) {
	patience := foundPatience
	if b.Up {
		patience = upPatience
	}
	formed, began := false, time.Now()
	for deadline := began.Add(patience); ; {
		c, err := b.look(ctx)
		var unformed *discover.UnformedError
		var unhealthy *discover.UnhealthyError
		switch {
		case err == nil:
			return c, nil
		case errors.As(err, &unformed) && b.Bootstrap && !formed && len(unformed.Nodes) >= b.Masters*(1+b.Replicas):
			if err := b.bootstrap(ctx, unformed.Nodes); err != nil {
				return nil, err
			}
			formed, deadline = true, time.Now().Add(patience)
			continue
		case time.Now().After(deadline):
			return nil, err
		case errors.As(err, &unformed), errors.As(err, &unhealthy):
		case !b.Up && !b.Bootstrap, time.Since(began) > hopelessPatience:
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(bringPause):
		}
	}
}

// look asks the servers of the project who they are.
func (b *bringing) look(ctx context.Context) (_ *discover.Cluster, err error) {
	if b.containers, err = project.List(ctx, b.Client, b.project, b.Services); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(b.containers, project.Container.Running) {
		return nil, b.nothingRuns()
	}
	var seen project.Processes
	if b.isBeside() {
		seen = project.See(b.containers)
	}
	candidates := project.Candidates(b.containers, seen, b.DaemonHost())
	return discover.Survey{Candidates: candidates, Silent: project.Silent(b.containers), Access: b.Access, AddressMap: b.AddressMap}.Find(ctx)
}

// nothingRuns is the error of a project without containers that run.
func (b *bringing) nothingRuns() error {
	what := "no container of it runs"
	if len(b.Services) > 0 {
		what = "no container of the services " + strings.Join(b.Services, ", ") + " runs"
	}
	return fmt.Errorf("%s on %s (%s); start it, have it started (`up: true`), or name its project as `docker-compose ls` does (`project: NAME`)", what, b.product.Title, b.DaemonHost())
}

// bootstrap joins lone nodes, those of the first containers as masters.
func (b *bringing) bootstrap(ctx context.Context, alone []discover.Node) error {
	if want := b.Masters * (1 + b.Replicas); len(alone) != want {
		return fmt.Errorf("%d masters with %d replicas each are %d nodes, and %d are there to be joined; write masters and replicas that fit", b.Masters, b.Replicas, want, len(alone))
	}
	d, err := b.cluster(ctx, "", "", &discover.Cluster{Nodes: alone})
	if err != nil {
		return err
	}
	b.Progress("joining the nodes into a cluster")
	if err := compose.Bootstrap(ctx, d, d.Nodes(), b.Masters); err != nil {
		return fmt.Errorf("joining the nodes into a cluster: %w", err)
	}
	b.notes = append(b.notes, fmt.Sprintf("The cluster was not formed, and was joined of %d nodes for the run.", len(alone)))
	return nil
}

// cluster makes a cluster of what was found.
func (b *bringing) cluster(ctx context.Context, name, owner string, found *discover.Cluster) (*Cluster, error) {
	byID := map[string]project.Container{}
	for _, c := range b.containers {
		byID[c.ID] = c
	}
	nets := project.Of(found.Nodes, byID)
	d := &Cluster{
		engine: b.Engine, runID: name, owner: owner, access: b.Access, containers: map[string]string{}, networks: nets,
		sites: map[string]*site{}, found: time.Now(), ways: project.NewWays(nets), signalled: make(chan compose.Happening, 64),
	}
	in := map[string]int{}
	for _, n := range found.Nodes {
		in[n.At.In]++
	}
	for _, n := range found.Nodes {
		c := byID[n.At.In]
		d.containers[n.Name] = c.ID
		s := &site{container: c, port: n.Server.Port, pid: n.Server.PID, shared: in[c.ID] > 1}
		// In a process namespace of its own the first process is 1, and in the machine's it is what the engine says.
		s.inner = n.Server.PID != 1 && n.Server.PID != c.PID
		d.sites[n.Name] = s
		var known []string
		for addr, at := range found.Dial {
			if at.Addr == n.At.Addr {
				known = append(known, addr)
			}
		}
		d.ways.Add(n.Name, c, n.At, s.port, append(known, n.At.Addr)...)
		d.nodes = append(d.nodes, compose.Node{
			Name: n.Name, ID: n.ID, Announced: n.Announced, Shard: n.Shard, Replica: n.Replica, Service: c.Service,
			HostAddr: c.Published(s.port),
		})
	}
	for _, o := range found.Others {
		b.Progress(fmt.Sprintf("%s is no node: %s", o.Name, o.Why))
	}
	return d, b.settings(ctx, d)
}

// noteRestarts tells a reader of the report which nodes are started again by the engine when they are killed as processes.
func (b *bringing) noteRestarts(d *Cluster) {
	names := map[string][]string{} // by policy
	for _, n := range d.nodes {
		if s := d.sites[n.Name]; s.inner && s.container.Restarts != "" {
			names[s.container.Restarts] = append(names[s.container.Restarts], n.Name)
		}
	}
	for _, policy := range slices.Sorted(maps.Keys(names)) {
		b.notes = append(b.notes, fmt.Sprintf("The restart policy %s has the engine start servers again by itself when they end: %s.", policy, strings.Join(names[policy], ", ")))
	}
}

// settings asks the servers where they keep their data and their logs.
func (b *bringing) settings(ctx context.Context, d *Cluster) error {
	return compose.EachNode(d.nodes, func(i int) error {
		s := d.sites[d.nodes[i].Name]
		c := compose.DirectClient(d, d.ways.Addr(d.nodes[i].Name), foundPatience)
		defer c.Close()
		for name, to := range map[string]*string{"dir": &s.data, "logfile": &s.logfile} {
			got, err := c.ConfigGet(ctx, name).Result()
			if err != nil && compose.RefusedBy(err) == "" && !b.Unwell {
				return fmt.Errorf("CONFIG GET %s: %w", name, err)
			}
			*to = got[name]
		}
		return nil
	})
}

// dialUsers dials a node of the user's, whose address may be another one since its container was started.
func (d *Cluster) dialUsers(ctx context.Context, network, addr string) (net.Conn, error) {
	to, known := d.ways.To(addr)
	if !known && d.ways.Outdated() {
		if err := d.findWays(ctx); err != nil {
			return nil, err
		}
		to, known = d.ways.To(addr)
	}
	if !known {
		return nil, compose.UnknownError(network, addr)
	}
	return d.access.Dial(ctx, to.By, network, to.Addr)
}

// findWays looks which addresses the containers have by now.
func (d *Cluster) findWays(ctx context.Context) error {
	var all []project.Container
	for _, id := range slices.Sorted(maps.Values(d.containers)) {
		c, err := project.Look(ctx, d.engine.Client, id)
		if errdefs.IsNotFound(err) {
			continue // somebody has removed it, which whoever needs it is told
		}
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	d.ways.Update(all)
	return nil
}

// rejoin puts a node of the user's on a network again as it was on it before: with its names, and at its address if the
// engine lets it have that.
func (d *Cluster) rejoin(ctx context.Context, node string, n compose.Network) error {
	id := d.networks[n]
	was := d.sites[node].container.Networks[id]
	if was == nil {
		return errors.New("it was not on that network")
	}
	again := &network.EndpointSettings{Aliases: was.Aliases, Links: was.Links, DriverOpts: was.DriverOpts, IPAMConfig: was.IPAMConfig, MacAddress: was.MacAddress}
	if again.IPAMConfig == nil || again.IPAMConfig.IPv4Address == "" {
		again.IPAMConfig = &network.EndpointIPAMConfig{IPv4Address: was.IPAddress}
		err := d.engine.NetworkConnect(ctx, id, d.containers[node], again)
		if err == nil || isOnNetwork(err) || !refusesAddress(err) {
			return err
		}
		again.IPAMConfig = was.IPAMConfig
	}
	if err := d.engine.NetworkConnect(ctx, id, d.containers[node], again); err != nil {
		return err
	}
	return d.findWays(ctx)
}

// started is what a Compose project had before it was started: what it has beyond that is removed again.
type started struct {
	Project string
	// Parts are the ids of its containers, networks and volumes, and Running those of the containers that ran.
	Parts, Running []string
}

// snapshot is what a project has.
func (e *Engine) snapshot(ctx context.Context, name string) (*started, error) {
	s := &started{Project: name}
	parts, err := e.parts(ctx, labelArgs(map[string]string{project.NameLabel: name}))
	for _, p := range parts {
		s.Parts = append(s.Parts, p.id)
		if p.kind == containerPart && p.running {
			s.Running = append(s.Running, p.id)
		}
	}
	return s, err
}

// removeStarted removes what a project has beyond what it had, and stops what did not run. Nil is nothing.
func (e *Engine) removeStarted(ctx context.Context, before *started) error {
	if before == nil {
		return nil
	}
	parts, err := e.parts(ctx, labelArgs(map[string]string{project.NameLabel: before.Project}))
	if err != nil {
		return err
	}
	var made []part
	var errs []error
	for _, p := range parts {
		switch {
		case !slices.Contains(before.Parts, p.id):
			made = append(made, p)
		case p.kind == containerPart && p.running && !slices.Contains(before.Running, p.id):
			errs = append(errs, wrap("stop", p.name, e.ContainerStop(ctx, p.id, container.StopOptions{})))
		}
	}
	return errors.Join(append(errs, e.removeParts(ctx, made)...)...)
}
