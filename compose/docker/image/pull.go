package image

import (
	"context"
	"fmt"
	"strings"
	"time"

	dockerimage "github.com/docker/docker/api/types/image"
)

const (
	// stallTimeout is how long a pull that has begun may go without a sign of
	// life. Unpacking a large layer reports progress, so silence is a dead
	// connection.
	stallTimeout = 2 * time.Minute

	progressEvery = time.Second
)

// pull pulls ref, and gives up on a registry that does not answer.
func pull(ctx context.Context, engine Engine, ref string, opts Options) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	patience := opts.pullTimeout()
	answer := time.AfterFunc(patience, func() {
		cancel(fmt.Errorf("the registry did not answer within %s", patience))
	})
	defer answer.Stop()
	stall := time.AfterFunc(stallTimeout, func() {
		cancel(fmt.Errorf("the registry sent nothing for %s", stallTimeout))
	})
	stall.Stop() // until the first sign of life
	defer stall.Stop()

	err := pullStream(ctx, engine, ref, opts, func() {
		answer.Stop()
		stall.Reset(stallTimeout)
	})
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// pullStream follows a pull to its end and calls alive whenever it hears of it.
func pullStream(ctx context.Context, engine Engine, ref string, opts Options, alive func()) error {
	stream, err := engine.ImagePull(ctx, ref, dockerimage.PullOptions{})
	if err != nil {
		return err
	}
	defer stream.Close()

	layers := layerSum{}
	var said string
	var saidAt time.Time
	return readStream(stream, func(m message) {
		alive()
		layers.add(m)
		line := "pulling " + ref + layers.String()
		if line != said && time.Since(saidAt) >= progressEvery {
			opts.progress(line)
			said, saidAt = line, time.Now()
		}
	})
}

// layerSum adds up how much of each layer has been downloaded.
type layerSum map[string]*layer

type layer struct{ current, total int64 }

func (s layerSum) add(m message) {
	switch m.Status {
	case "Downloading":
		if m.Progress == nil {
			return
		}
		s[m.ID] = &layer{m.Progress.Current, m.Progress.Total}
	case "Verifying Checksum", "Download complete", "Extracting", "Pull complete":
		if l := s[m.ID]; l != nil {
			l.current = l.total
		}
	}
}

// String returns ": 12.3 of 41.0 MB", or nothing as long as no size is known.
func (s layerSum) String() string {
	var current, total int64
	for _, l := range s {
		current += l.current
		total += l.total
	}
	const mb = 1e6
	switch {
	case total <= 0:
		return ""
	case current >= total:
		return fmt.Sprintf(": %.1f MB, unpacking", float64(total)/mb)
	default:
		return fmt.Sprintf(": %.1f of %.1f MB", float64(current)/mb, float64(total)/mb)
	}
}

// reason strips what every error of the engine begins with.
func reason(err error) string {
	return strings.TrimPrefix(err.Error(), "Error response from daemon: ")
}
