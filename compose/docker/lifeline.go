package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// lifeline shows every user of an engine that a run lives, which their journals do not
// know of. It is a container that does nothing, and runs for as long as this process
// holds its stdin: however the process ends, its connection is closed, the engine closes
// the stdin, and the server in there ends. No clock is involved, so that the lifeline of a
// process that is suspended goes on.
type lifeline struct {
	engine *Engine
	runID  string
	image  string
	labels map[string]string
	warn   func(string)

	id          string // of the container
	conn        types.HijackedResponse
	letGo, drop context.CancelFunc // end watching and holding: see watch
	ended       chan struct{}      // closed when it is no longer watched
	replacing   sync.Mutex         // held while id and conn change
}

const (
	// lifelineHeld is the value of LifelineLabel.
	lifelineHeld = "stdin"
	// lifelineTimeout bounds what the engine may take to start a lifeline.
	lifelineTimeout = 30 * time.Second
	// lifelinePause is the time before a lifeline that was lost is started again. An
	// older version of this tool that is removing the run has looked twice by then.
	lifelinePause = time.Second
	// lifelineLosses is how many are borne in a run: whoever removes it again and again means it.
	lifelineLosses = 5
)

// lifelineName is the name of a run's lifeline. The engine has each name once, so of two
// users who deploy under one id at the same time, one is refused.
func lifelineName(runID string) string { return "redis-chaos-lifeline-" + runID }

// startLifeline starts the lifeline of a run, and watches it until it is let go of.
// That another run of the id has one is an error that says so.
func (e *Engine) startLifeline(ctx context.Context, runID, image string, labels map[string]string, warn func(string)) (*lifeline, error) {
	l := &lifeline{engine: e, runID: runID, image: image, labels: labels, warn: warn, ended: make(chan struct{})}
	err := l.start(ctx)
	if errdefs.IsConflict(err) {
		if live, failed := e.lives(ctx, runID); failed == nil && live {
			return nil, &journal.InProgressError{RunID: runID}
		}
		return nil, &journal.StaleError{RunID: runID}
	}
	if err != nil {
		return nil, err
	}
	// It outlives ctx: the run is in progress until everything is removed.
	holding, drop := context.WithCancel(context.WithoutCancel(ctx))
	watching, letGo := context.WithCancel(holding)
	l.drop, l.letGo = drop, letGo
	go l.watch(watching, holding)
	return l, nil
}

// start creates the container, takes hold of its stdin, and starts it.
func (l *lifeline) start(ctx context.Context) (err error) {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	// Broken off, creation could leave a container that appears only afterwards.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lifelineTimeout)
	defer cancel()
	config := &container.Config{
		Image: l.image,
		// It reads its configuration from stdin, and so waits for the end of that. Then it
		// finds that it has nothing to listen on, and ends.
		Entrypoint:  []string{"redis-server"},
		Cmd:         []string{"--port", "0", "-"},
		StopSignal:  "SIGKILL",                                       // it obeys no other, and would hold up the end of an engine
		Healthcheck: &container.HealthConfig{Test: []string{"NONE"}}, // it answers nothing
		OpenStdin:   true,
		StdinOnce:   true,
		AttachStdin: true, AttachStdout: true,
		Labels: maps.Clone(l.labels),
	}
	config.Labels[LifelineLabel] = lifelineHeld
	host := &container.HostConfig{NetworkMode: "none", LogConfig: container.LogConfig{Type: "none"}, Tmpfs: map[string]string{}}
	if inspected, err := l.engine.ImageInspect(ctx, l.image); err == nil && inspected.Config != nil {
		// A declared volume would become an anonymous one, which has no label.
		for volume := range inspected.Config.Volumes {
			host.Tmpfs[volume] = ""
		}
	}
	created, err := l.engine.ContainerCreate(ctx, config, host, nil, nil, lifelineName(l.runID))
	if err != nil {
		return err
	}
	l.id = created.ID
	defer func() {
		if err != nil {
			_ = l.remove(ctx) // what it has failed of is the error to tell
		}
	}()
	if l.conn, err = l.engine.ContainerAttach(ctx, l.id, container.AttachOptions{Stream: true, Stdin: true, Stdout: true}); err != nil {
		return err
	}
	if err := l.engine.ContainerStart(ctx, l.id, container.StartOptions{}); err != nil {
		l.conn.Close()
		return err
	}
	return nil
}

// lives tells whether the lifeline of a run is held.
func (e *Engine) lives(ctx context.Context, runID string) (bool, error) {
	lines, err := e.containers(ctx, labelArgs(map[string]string{RunLabel: runID, LifelineLabel: lifelineHeld}))
	return slices.ContainsFunc(lines, part.holds), err
}

// watch starts the lifeline again when it is lost: somebody has removed it, or the
// connection to the engine broke. It holds it until holding ends, and takes its end for
// a loss until watching does.
func (l *lifeline) watch(watching, holding context.Context) {
	defer close(l.ended)
	for losses := 1; ; losses++ {
		stop := context.AfterFunc(holding, l.conn.Close)
		_, _ = io.Copy(io.Discard, l.conn.Reader) // until the container or the connection ends
		stop()
		l.conn.Close()
		if watching.Err() != nil {
			return
		}
		lost := fmt.Sprintf("the container %s, by which other users of this %s engine see that the run is in progress, was removed or lost", lifelineName(l.runID), l.engine.product.Title)
		if losses == lifelineLosses {
			l.warn(fmt.Sprintf("%s %d times, and is not started again: `chaos down` of another user can now remove the run", lost, losses))
			return
		}
		if !l.again(watching, lost) {
			return
		}
		l.warn(lost + "; it was started again")
	}
}

// again starts the lifeline anew, and tries until it can. It is false if ctx ended before.
func (l *lifeline) again(ctx context.Context, lost string) bool {
	for told := false; ; {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(lifelinePause):
		}
		err := l.replace(ctx)
		if err == nil || ctx.Err() != nil {
			return err == nil
		}
		if !told { // the engine may be restarting, which takes a while
			told = true
			l.warn(fmt.Sprintf("%s, and cannot be started again (%v): until it can, `chaos down` of another user can remove the run", lost, err))
		}
	}
}

// replace removes what is left of the container and starts another, unless ctx has ended.
func (l *lifeline) replace(ctx context.Context) error {
	l.replacing.Lock()
	defer l.replacing.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := l.remove(ctx); err != nil {
		return err
	}
	return l.start(ctx)
}

// leave makes its end no loss any more. No other container is started from now on.
func (l *lifeline) leave() {
	l.letGo()
	l.replacing.Lock() // one may be on its way
	defer l.replacing.Unlock()
}

// remove removes the container, and one whose creation the engine did not live to tell of.
func (l *lifeline) remove(ctx context.Context) error {
	labels := maps.Clone(l.labels)
	labels[LifelineLabel] = lifelineHeld
	there, err := l.engine.containers(ctx, labelArgs(labels))
	if err != nil {
		return err
	}
	return errors.Join(l.engine.removeParts(ctx, there)...)
}

// release drops the stdin, which ends the container, and waits for the watch to end.
func (l *lifeline) release() {
	l.leave()
	l.drop()
	<-l.ended
}
