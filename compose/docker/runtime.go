package docker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker/cli"
	"github.com/redis-chaos/redis-chaos/compose/docker/image"
	"github.com/redis-chaos/redis-chaos/compose/slots"
)

// containerRuntime runs clusters in the containers of a product. It implements compose.Runtime.
type containerRuntime struct{ product Product }

// Runtime is that of Docker's containers.
func Runtime() compose.Runtime { return For(Docker()) }

// For is the runtime of the containers of a product.
func For(p Product) compose.Runtime { return containerRuntime{p} }

// Name implements compose.Runtime.
func (r containerRuntime) Name() string { return r.product.Name }

// Parts implements compose.Runtime.
func (containerRuntime) Parts() string { return "containers, networks and volumes" }

// Unfinished implements compose.Runtime.
func (r containerRuntime) Unfinished() ([]string, error) { return r.product.unfinished() }

// Open implements compose.Runtime.
func (r containerRuntime) Open(ctx context.Context) (compose.Host, error) {
	e, err := r.product.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return containerHost{e}, nil
}

// Prepare implements compose.Runtime. It looks for the engine and Compose at the same time: each
// takes a moment.
func (r containerRuntime) Prepare(ctx context.Context, _ string) (compose.Deployer, error) {
	type found struct {
		command cli.Command
		err     error
	}
	commands := make(chan found, 1)
	go func() {
		c, err := cli.Find(ctx)
		commands <- found{c, err}
	}()
	e, err := r.product.Connect(ctx)
	c := <-commands
	if err != nil {
		return nil, err
	}
	if c.err != nil {
		e.Close()
		return nil, c.err
	}
	return deployer{containerHost{e}, c.command}, nil
}

// containerHost is an engine, with what it holds as compose knows it.
type containerHost struct{ *Engine }

var _ compose.Standing = containerHost{}

// Place implements compose.Host.
func (h containerHost) Place(ctx context.Context) (string, error) { return h.place(ctx) }

// Lacks implements compose.Standing and compose.Deployer.
func (h containerHost) Lacks(a compose.Ability) string {
	switch a {
	case compose.Shaping:
		return h.cannotShape()
	case compose.LimitingMemory:
		if h.product.FixedMemory {
			return h.product.Title + " changes no limit of memory while a container runs; run with Docker"
		}
	case compose.Seeing:
		return h.cannotSee()
	case compose.Timeshifting:
		return h.cannotShiftTime()
	case compose.Disking:
		return h.cannotDisk()
	case compose.Filing:
		return h.cannotFile()
	case compose.Readdressing:
		return "the containers of a cluster that stands announce the addresses that they were made with, and would do so again after any restart; run with a cluster of the run's own"
	}
	return ""
}

// Attach implements compose.Standing.
func (h containerHost) Attach(ctx context.Context, runID string) (compose.Cluster, error) {
	c, err := h.Engine.Attach(ctx, runID)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// deployer is an engine, and the Compose that deploys to it.
type deployer struct {
	containerHost
	command cli.Command
}

// Lacks implements compose.Deployer. Clusters of runs that deploy their own end with them.
func (d deployer) Lacks(a compose.Ability) string {
	if a == compose.Readdressing {
		return ""
	}
	return d.containerHost.Lacks(a)
}

// Where implements compose.Deployer.
func (d deployer) Where() string { return "in containers" }

// cleanTimeout bounds the removal of what a deployment that failed has made.
const cleanTimeout = 3 * time.Minute

// Deploy implements compose.Deployer. Dir keeps the compose file and redis.conf, which the
// containers go on using.
func (d deployer) Deploy(ctx context.Context, o compose.Order) (_ *compose.Deployed, err error) {
	plan := DefaultDeployment(o.Masters, o.Replicas)
	plan.RunID, plan.Config, plan.Zones = o.RunID, o.Config, o.Zones
	if !o.PlainNames {
		plan.Prefix = o.RunID + "-"
	}
	run, err := d.Register(ctx, plan)
	if err != nil {
		return nil, err
	}
	run.Warn = o.Warn
	defer func() {
		if err == nil {
			return
		}
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTimeout)
		defer cancel()
		removing := run.Remove(clean)
		if left, ok := removing.(*LeftError); ok { // the run is over, whatever came of it
			o.Warn(left.Error())
			return
		}
		err = errors.Join(err, removing)
	}()
	img, err := d.image(ctx, o, run)
	if err != nil {
		return nil, err
	}
	plan.Image = img.Ref
	plan.AnnounceNames, plan.DNS, plan.Disks = o.AnnounceNames, o.DNS, o.Disks
	plan.Access, plan.AccessFolder = o.Access.For(img.Server.Version), accessTarget
	if plan.Access.TLS != nil {
		if err := image.CheckTLS(ctx, d.Engine, img, image.Options{Labels: run.Labels()}); err != nil {
			return nil, err
		}
	}
	plan.AnnounceHostname = compose.AnnouncesHostname(img.Server.Version)
	cluster, err := run.Deploy(ctx, d.command, plan, o.Dir, o.Ports, o.Progress)
	if err != nil {
		return nil, err
	}
	if o.Shaped {
		if err := cluster.warmUp(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("making ready to change what becomes of packets: %w", err), cluster.shaping.letGo())
		}
	}
	engine := fmt.Sprintf("%s %s, %s", d.product.Title, d.Version, d.command)
	keep := func() error {
		kept := d.keepAccess(context.WithoutCancel(ctx), o.RunID, cluster.owner, plan.Access)
		return errors.Join(kept, cluster.shaping.letGo(), run.Keep())
	}
	if o.Disks { // which end with this program
		engine, keep = engine+", "+compose.OnDisks, nil
	}
	return &compose.Deployed{
		Cluster: cluster,
		Server:  compose.Server{Name: img.Server.Name, Version: img.Server.Version, Image: img.Ref, Asked: img.Asked, Built: img.Binary},
		Config:  plan.EffectiveConfig(),
		Layout:  slots.Equal(o.Masters),
		Engine:  engine,
		Keep:    keep,
	}, nil
}

// image makes sure of the server's image.
func (d deployer) image(ctx context.Context, o compose.Order, run *Registration) (image.Image, error) {
	opts := image.Options{Labels: run.Labels(), Progress: o.Progress}
	if o.Server != "" {
		return image.Build(ctx, d.Engine, o.Server, opts)
	}
	img, err := image.Ensure(ctx, d.Engine, o.Image, opts)
	if err == nil && img.Origin == image.Built {
		o.Progress(fmt.Sprintf("%s could not be pulled; using %s, built from this machine's %s", img.Asked, img.Ref, img.Binary))
	}
	return img, err
}
