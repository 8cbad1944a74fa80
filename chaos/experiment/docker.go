package experiment

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/docker/image"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// containers deploys clusters of containers.
type containers struct {
	engine  *docker.Engine
	command docker.Command
}

var _ runtime = (*containers)(nil)

// inDocker is the Docker runtime. What killed runs left behind is removed first;
// what of it the engine will not remove is in nobody's way.
func (e *experiment) inDocker(ctx context.Context) (*containers, error) {
	d, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	swept, err := d.engine.RemoveStale(ctx)
	e.tellRemoved(swept.Removed)
	for _, left := range swept.Left {
		e.warn(left)
	}
	e.warn(err)
	return d, nil
}

// connect finds the engine and Compose at the same time: each takes a moment.
func connect(ctx context.Context) (*containers, error) {
	type found struct {
		command docker.Command
		err     error
	}
	commands := make(chan found, 1)
	go func() {
		c, err := docker.FindCommand(ctx)
		commands <- found{c, err}
	}()
	engine, err := docker.Connect(ctx)
	c := <-commands
	if err != nil {
		return nil, err
	}
	if c.err != nil {
		engine.Close()
		return nil, c.err
	}
	return &containers{engine, c.command}, nil
}

func (d *containers) name() string                 { return RuntimeDocker }
func (d *containers) lacks(compose.Ability) string { return "" }
func (d *containers) close()                       { d.engine.Close() }

func (d *containers) deploy(ctx context.Context, e *experiment) (deployed, error) {
	return d.deployAs(ctx, e, e.id+"-", filepath.Join(e.files.Dir, "cluster"))
}

// deployAs deploys under names with a prefix; dir keeps the compose file and
// redis.conf, which the containers go on using.
func (d *containers) deployAs(ctx context.Context, e *experiment, prefix, dir string) (_ deployed, err error) {
	plan := docker.DefaultDeployment(e.scenario.Cluster.Masters, e.scenario.Cluster.Replicas)
	plan.RunID, plan.Prefix = e.id, prefix
	plan.Config = e.scenario.Cluster.Config
	run, err := d.engine.Register(ctx, plan)
	if err != nil {
		return deployed{}, err
	}
	run.Warn = e.Warn
	defer func() {
		if err != nil {
			clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), teardownTimeout)
			defer cancel()
			err = errors.Join(err, e.removed(run.Remove(clean)))
		}
	}()
	img, err := d.image(ctx, e, run)
	if err != nil {
		return deployed{}, err
	}
	plan.Image = img.Ref
	plan.AnnounceNames = e.scenario.Cluster.Announce == scenarios.AnnounceHostname
	plan.DNS = e.scenario.Cluster.DNS
	plan.AllowDebug = chaos.Needs(e.scenario, compose.Debugging) && compose.GuardsDebug(img.Server.Version)
	plan.AnnounceHostname = compose.AnnouncesHostname(img.Server.Version)
	cluster, err := run.Deploy(ctx, d.command, plan, dir, e.Ports, e.Progress)
	if err != nil {
		return deployed{}, err
	}
	return deployed{
		cluster: cluster,
		server: record.Server{
			Name: img.Server.Name, Version: img.Server.Version, Image: img.Ref, Asked: img.Asked, Built: img.Binary,
		},
		config: plan.EffectiveConfig(),
		engine: fmt.Sprintf("Docker %s, %s", d.engine.Version, d.command),
		keep:   run.Keep,
	}, nil
}

// image makes sure of the server's image.
func (d *containers) image(ctx context.Context, e *experiment, run *docker.Run) (image.Image, error) {
	opts := image.Options{Labels: run.Labels(), Progress: e.Progress}
	if e.RedisServer != "" {
		return image.Build(ctx, d.engine, e.RedisServer, opts)
	}
	img, err := image.Ensure(ctx, d.engine, e.scenario.Cluster.Image, opts)
	if err == nil && img.Origin == image.Built {
		e.Progress(fmt.Sprintf("%s could not be pulled; using %s, built from this machine's %s", img.Asked, img.Ref, img.Binary))
	}
	return img, err
}
