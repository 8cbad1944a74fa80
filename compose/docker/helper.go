package docker

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/redis-chaos/redis-chaos/compose/docker/image"
	"github.com/redis-chaos/redis-chaos/compose/software"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// HelperCommand is what a helper container runs the program with: it calls traffic.Serve on its stdin and stdout.
const HelperCommand = "serve-traffic"

const (
	// helperTimeout bounds what the engine may take to start a helper.
	helperTimeout = time.Minute
	// helperEnding is how long one may take to lift its rules when it is let go of.
	helperEnding = 5 * time.Second
)

// helper is a container in the network namespace of a node's container, where it changes what becomes of
// packets: it runs this program, whose stdin and stdout are held here by a connection to the engine. When
// that ends, however this process does, the helper lifts its rules and ends. A container that is started
// again has another namespace, for which there is another helper.
type helper struct {
	*traffic.Client
	engine *Engine
	id     string
	conn   types.HijackedResponse
	stderr bytes.Buffer // read once copying is done
	copied sync.WaitGroup
}

// helperName is the name of the helper of a node.
func helperName(runID, node string) string { return "redis-chaos-helper-" + runID + "-" + node }

// startHelper starts the helper of a node, and returns when it serves.
func (d *Cluster) startHelper(ctx context.Context, node string) (*helper, error) {
	ref, err := d.helperImage(ctx)
	if err != nil {
		return nil, err
	}
	// Broken off, creation could leave a container that appears only afterwards.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), helperTimeout)
	defer cancel()
	h := &helper{engine: d.engine}
	if h.id, err = d.createHelper(ctx, node, ref); err != nil {
		return nil, fmt.Errorf("making %s: %w", helperName(d.runID, node), err)
	}
	if err := h.serve(ctx); err != nil {
		_ = h.remove() // what is left of it is removed with the run
		return nil, fmt.Errorf("starting %s: %w", helperName(d.runID, node), err)
	}
	return h, nil
}

// createHelper makes the container. One of the same name that an earlier helper of the node left is removed.
func (d *Cluster) createHelper(ctx context.Context, node, ref string) (id string, err error) {
	config := &container.Config{
		Image: ref, Entrypoint: []string{image.HelperProgram}, Cmd: []string{HelperCommand},
		StopSignal: "SIGKILL",
		OpenStdin:  true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true,
		Labels: map[string]string{RunLabel: d.runID, OwnerLabel: d.owner, HelperLabel: node},
	}
	host := &container.HostConfig{
		NetworkMode: container.NetworkMode("container:" + d.containers[node]),
		CapDrop:     []string{"ALL"},
		CapAdd:      []string{"NET_ADMIN", "NET_RAW"}, // for rules, and for copies of packets
		LogConfig:   container.LogConfig{Type: "none"}, ReadonlyRootfs: true,
	}
	// That of a cluster which was found, and goes on without this process, is nobody's once this ends.
	host.AutoRemove = d.run == nil
	if d.engine.remapsUsers(ctx) {
		// Each container has a user namespace of its own, and no right to the network of another one's.
		host.UsernsMode = "host"
	}
	for {
		created, err := d.engine.ContainerCreate(ctx, config, host, nil, nil, helperName(d.runID, node))
		if !errdefs.IsConflict(err) || ctx.Err() != nil {
			return created.ID, err
		}
		left, err := d.engine.containers(ctx, labelArgs(config.Labels))
		if err != nil {
			return "", err
		}
		for _, refusal := range d.engine.removeParts(ctx, left) {
			if refusal != nil && !errdefs.IsConflict(refusal) { // else it is being removed
				return "", refusal
			}
		}
		time.Sleep(removeRetry)
	}
}

// remapsUsers tells whether an engine gives containers user namespaces (dockerd --userns-remap).
func (e *Engine) remapsUsers(ctx context.Context) bool {
	info, err := e.Info(ctx)
	if err != nil {
		return false
	}
	for _, option := range info.SecurityOptions {
		if strings.Contains(option, "name=userns") {
			return true
		}
	}
	return false
}

// serve starts the container and takes hold of its streams. It is an error that the kernel has nothing by
// which packets could be lost.
func (h *helper) serve(ctx context.Context) (err error) {
	if h.conn, err = h.engine.ContainerAttach(ctx, h.id, container.AttachOptions{Stream: true, Stdin: true, Stdout: true, Stderr: true}); err != nil {
		return err
	}
	answers, out := io.Pipe()
	h.copied.Go(func() {
		_, err := stdcopy.StdCopy(out, &h.stderr, h.conn.Reader)
		out.CloseWithError(err) // a nil is the end
	})
	defer func() {
		if err != nil {
			h.conn.Close()
			h.copied.Wait()
			if said := strings.TrimSpace(h.stderr.String()); said != "" {
				err = fmt.Errorf("%w; it said: %s", err, said)
			}
		}
	}()
	if err := h.engine.ContainerStart(ctx, h.id, container.StartOptions{}); err != nil {
		return err
	}
	if h.Client, err = traffic.NewClient(ctx, halfClosing{h.conn}, answers, traffic.Clears); err != nil {
		return err
	}
	can, err := h.Client.Capabilities(ctx) // which also has it find out
	if drop := can.Of(traffic.KindDrop, traffic.In); err == nil && drop.Mechanism == "" {
		err = errors.New(drop.Why)
	}
	return err
}

// halfClosing is a connection whose closing ends what is sent, and not what comes.
type halfClosing struct{ types.HijackedResponse }

func (c halfClosing) Write(p []byte) (int, error) { return c.Conn.Write(p) }
func (c halfClosing) Close() error                { return c.CloseWrite() }

// Close has the helper lift its rules and end, and removes it.
func (h *helper) Close() error {
	late := time.AfterFunc(helperEnding, h.conn.Close)
	err := h.Client.Close()
	late.Stop()
	h.conn.Close()
	h.copied.Wait()
	return errors.Join(err, h.remove())
}

func (h *helper) remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), helperTimeout)
	defer cancel()
	if err := h.engine.removePart(ctx, containerPart, h.id); err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) {
		return fmt.Errorf("removing a helper: %w", err)
	}
	return nil // in a conflict, it is being removed
}

// toolPackage is the package of the program whose HelperCommand helpers run.
const toolPackage = "github.com/redis-chaos/redis-chaos/cmd/chaos"

// helperProgram is what helpers run: this program, or else a build of it for the engine's machine that lies
// beside it.
func (e *Engine) helperProgram() (string, error) {
	if e.product.Helper != "" {
		return e.product.Helper, nil
	}
	const what = "the packets of a container are changed by root on the machine of its engine, or by a helper container that runs this program"
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("%s, which cannot be found: %w", what, err)
	}
	beside := filepath.Join(filepath.Dir(self), "chaos-linux-"+e.arch)
	for _, path := range []string{self, beside} {
		info, err := buildinfo.ReadFile(path)
		if err == nil && info.Path == toolPackage && software.CheckBuiltFor(path, e.arch) == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s; %s (%s/%s) is no build of it for linux/%s: put one beside it, as %s (CGO_ENABLED=0 GOOS=linux GOARCH=%s go build -o %s ./cmd/chaos)",
		what, self, runtime.GOOS, runtime.GOARCH, e.arch, beside, e.arch, filepath.Base(beside))
}
