package image

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	dockerimage "github.com/docker/docker/api/types/image"

	"github.com/redis-chaos/redis-chaos/compose/software"
)

const (
	probeTimeout   = 30 * time.Second
	cleanupTimeout = 15 * time.Second
)

// noProgramError says that an image has no program of the wanted name.
type noProgramError struct{ said string }

func (e *noProgramError) Error() string { return e.said }

// identify finds out which server an image holds: from what the image says of
// itself, else by asking the server in a throwaway container.
func identify(ctx context.Context, engine Engine, ref string, inspected dockerimage.InspectResponse, labels map[string]string) (software.Server, error) {
	server, ok := declaredServer(inspected)
	if !ok {
		var err error
		if server, err = probe(ctx, engine, ref, inspected, labels); err != nil {
			return software.Server{}, err
		}
	}
	if err := server.Supported(); err != nil {
		return software.Server{}, fmt.Errorf("image %s: %w", ref, err)
	}
	return server, nil
}

// declaredServer reads our own labels, or the environment that the official
// images of Redis and Valkey set.
func declaredServer(inspected dockerimage.InspectResponse) (software.Server, bool) {
	if inspected.Config == nil {
		return software.Server{}, false
	}
	labels := inspected.Config.Labels
	if s := (software.Server{Name: labels[LabelServer], Version: labels[LabelVersion]}); (s.Name == software.Redis || s.Name == software.Valkey) && software.IsVersion(s.Version) {
		return s, true
	}
	for _, variable := range inspected.Config.Env {
		key, value, _ := strings.Cut(variable, "=")
		name := map[string]string{"REDIS_VERSION": software.Redis, "VALKEY_VERSION": software.Valkey}[key]
		if name != "" && software.IsVersion(value) {
			return software.Server{Name: name, Version: value}, true
		}
	}
	return software.Server{}, false
}

// probe asks the server in an image for its version.
func probe(ctx context.Context, engine Engine, ref string, inspected dockerimage.InspectResponse, labels map[string]string) (software.Server, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()

	var missing error
	for _, program := range []string{"redis-server", "valkey-server"} {
		output, err := runOnce(ctx, engine, inspected, []string{program, "--version"}, labels)
		if absent := new(noProgramError); errors.As(err, &absent) {
			missing = cmp.Or(missing, err)
			continue
		}
		if err != nil {
			return software.Server{}, fmt.Errorf("run %s --version in image %s: %w", program, ref, err)
		}
		server, ok := software.ParseVersion(output)
		if !ok {
			return software.Server{}, fmt.Errorf("image %s: %s --version says %s: cluster.image needs a Redis >= 6.2 or Valkey image", ref, program, software.Quote(output))
		}
		return server, nil
	}
	return software.Server{}, fmt.Errorf("image %s has no redis-server (%w): cluster.image needs a Redis >= 6.2 or Valkey image", ref, missing)
}

// runOnce runs a command in a container that has no network and leaves nothing
// behind, and returns what it printed.
func runOnce(ctx context.Context, engine Engine, inspected dockerimage.InspectResponse, command []string, labels map[string]string) (string, error) {
	// The name is ours, so that the container can be removed even if the
	// engine's answer with its id never arrives.
	name := "redis-chaos-probe-" + strings.ToLower(rand.Text()[:12])
	config := &container.Config{
		Image:      inspected.ID,
		Entrypoint: command[:1],
		Cmd:        command[1:],
		Tty:        true, // one plain stream instead of two interleaved ones
		Labels:     labels,
	}
	host := &container.HostConfig{
		NetworkMode: "none", Tmpfs: map[string]string{},
		// What prints without an end does not fill the engine's disk.
		LogConfig: container.LogConfig{Type: "json-file", Config: map[string]string{"max-size": "1m", "max-file": "1"}},
	}
	if inspected.Config != nil {
		// A declared volume would become an anonymous one, which has no label.
		for volume := range inspected.Config.Volumes {
			host.Tmpfs[volume] = ""
		}
	}

	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	// Creation is quick, and breaking it off could leave a container that
	// appears only after it was to be removed.
	settled, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	defer removeContainer(ctx, engine, name)
	if _, err := engine.ContainerCreate(settled, config, host, nil, nil, name); err != nil {
		return "", err
	}

	if err := engine.ContainerStart(ctx, name, container.StartOptions{}); err != nil {
		if isNoProgram(err) {
			return "", &noProgramError{startFailure(err)}
		}
		return "", err
	}
	exited, failed := engine.ContainerWait(ctx, name, container.WaitConditionNotRunning)
	select {
	case <-exited: // what it printed tells more than the exit code
	case err := <-failed:
		return "", err
	}

	logs, err := engine.ContainerLogs(ctx, name, container.LogsOptions{ShowStdout: true, ShowStderr: true})
	if err != nil {
		return "", err
	}
	defer logs.Close()
	var output bytes.Buffer
	if _, err := io.Copy(&output, io.LimitReader(logs, 64<<10)); err != nil {
		return "", err
	}
	return strings.ReplaceAll(output.String(), "\r\n", "\n"), nil
}

// removeContainer removes a container, also after ctx is done. There is nobody
// to tell of a failure: the container's label leaves it to the general clean-up.
func removeContainer(ctx context.Context, engine Engine, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	_ = engine.ContainerRemove(ctx, name, container.RemoveOptions{Force: true, RemoveVolumes: true})
}

// isNoProgram tells from the words of the container runtime, which has no code
// for it, that the program does not exist in the image.
func isNoProgram(err error) bool {
	text := err.Error()
	return strings.Contains(text, "executable file not found") || strings.Contains(text, "no such file or directory")
}

// startFailure picks the telling end of a runtime's nested error message, such
// as `exec: "redis-server": executable file not found in $PATH`.
func startFailure(err error) string {
	text := reason(err)
	if i := strings.LastIndex(text, "exec: "); i >= 0 {
		text = text[i:]
	}
	return strings.TrimSuffix(text, ": unknown")
}
