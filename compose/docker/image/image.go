// Package image makes sure that the server image of a cluster exists in a
// Docker engine. An image that is present is used, one that is not is pulled,
// and where no registry can be reached one is built from a local redis-server
// or valkey-server binary and its shared libraries, without a base image.
package image

import (
	"context"
	"io"
	"os/exec"
	"time"

	"github.com/docker/docker/api/types/container"
	dockerimage "github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/redis-chaos/redis-chaos/compose/software"
)

// Labels of the images that Build makes.
const (
	LabelServer  = "io.redis-chaos.server"  // "redis" or "valkey"
	LabelVersion = "io.redis-chaos.version" // "7.0.15"
	LabelDigest  = "io.redis-chaos.digest"  // of the content of a built image
)

// LocalRepository is the repository of the images that Build makes.
const LocalRepository = "redis-chaos/local"

// DefaultPullTimeout is how long a registry may take to answer at all.
const DefaultPullTimeout = 5 * time.Second

// Engine is what this package needs of a Docker engine. *client.Client has it.
type Engine interface {
	ImageInspect(ctx context.Context, image string, opts ...client.ImageInspectOption) (dockerimage.InspectResponse, error)
	ImagePull(ctx context.Context, ref string, options dockerimage.PullOptions) (io.ReadCloser, error)
	ImageImport(ctx context.Context, source dockerimage.ImportSource, ref string, options dockerimage.ImportOptions) (io.ReadCloser, error)
	ImageList(ctx context.Context, options dockerimage.ListOptions) ([]dockerimage.Summary, error)
	ImageRemove(ctx context.Context, image string, options dockerimage.RemoveOptions) ([]dockerimage.DeleteResponse, error)

	ContainerCreate(ctx context.Context, config *container.Config, host *container.HostConfig, network *network.NetworkingConfig, platform *ocispec.Platform, name string) (container.CreateResponse, error)
	ContainerStart(ctx context.Context, container string, options container.StartOptions) error
	ContainerWait(ctx context.Context, container string, condition container.WaitCondition) (<-chan container.WaitResponse, <-chan error)
	ContainerLogs(ctx context.Context, container string, options container.LogsOptions) (io.ReadCloser, error)
	ContainerRemove(ctx context.Context, container string, options container.RemoveOptions) error
}

// Origin is how an image came to be in the engine.
type Origin string

// The origins of an image.
const (
	Present Origin = "present"
	Pulled  Origin = "pulled"
	Built   Origin = "built"
)

// Image is a server image that is present in the engine.
type Image struct {
	Ref    string // what compose is given, e.g. "redis:7-alpine" or "redis-chaos/local:redis-7.0.15-0123456789ab"
	ID     string // the engine's id of the content; unlike Ref it cannot move to another image
	Server software.Server
	Origin Origin
	Asked  string // the reference that the scenario asked for; empty if Build was called directly
	Binary string // the local server's binary or folder, if Origin is Built

	// PullError says why the asked image could not be pulled, if Origin is
	// Built in its place.
	PullError string
}

// Options adjust Ensure and Build. All but Labels can be left out.
type Options struct {
	// Labels are what helper containers carry, by which they are found if they are
	// left behind. Ensure needs some.
	Labels map[string]string

	// Progress is given one plain line at a time about what is taking long.
	Progress func(line string)

	// PullTimeout is how long a registry may take to answer at all,
	// DefaultPullTimeout if zero. A pull that progresses is not bound by it.
	PullTimeout time.Duration

	// LookPath finds local binaries, exec.LookPath if nil.
	LookPath func(file string) (string, error)
}

func (o Options) progress(line string) {
	if o.Progress != nil {
		o.Progress(line)
	}
}

func (o Options) pullTimeout() time.Duration {
	if o.PullTimeout > 0 {
		return o.PullTimeout
	}
	return DefaultPullTimeout
}

func (o Options) lookPath(file string) (string, error) {
	if o.LookPath != nil {
		return o.LookPath(file)
	}
	return exec.LookPath(file)
}
