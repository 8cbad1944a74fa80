package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/program"
	"github.com/redis-chaos/redis-chaos/compose/version"
)

// Config is a compose file as Compose resolves it: with variables, profiles, extends, includes and anchors in place.
func (c Command) Config(ctx context.Context, file string) (yaml string, err error) {
	const patience = time.Minute
	q := program.Question{Path: c.args[0], Args: slices.Concat(c.args[1:], []string{"-f", file, "config"}), Patience: patience}
	if yaml, err = q.Ask(ctx); err == nil {
		return yaml, nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if errors.Is(err, program.ErrTooMuch) {
		return "", fmt.Errorf("%s config: %w", strings.Join(c.args, " "), err)
	}
	q.Stderr = true // where it says why
	output, failed := q.Ask(ctx)
	if failed == nil {
		failed = err
	}
	return "", fmt.Errorf("%s -f %s config: %w", strings.Join(c.args, " "), file, composeError(failed, output))
}

// IsOfProfiles tells whether Config leaves out services of profiles that are not active.
func (c Command) IsOfProfiles() bool { return !version.Older(c.Version, "2.0.0") }
