//go:build !linux

package traffic

import (
	"context"
	"errors"
)

// errNotLinux is what all else than Linux answers.
var errNotLinux = errors.New("network faults by rules need Linux: its nftables, qdiscs and netfilter queues")

// Table is the rules of one network namespace, which Linux alone has.
type Table struct{}

// Open refuses.
func Open(string) (*Table, error) { return nil, errNotLinux }

// Close does nothing.
func (*Table) Close() error { return nil }

// Capabilities refuses.
func (*Table) Capabilities(context.Context) (Capabilities, error) { return nil, errNotLinux }

// Apply refuses.
func (*Table) Apply(context.Context, []Rule) error { return errNotLinux }

// Clear refuses.
func (*Table) Clear(context.Context) error { return errNotLinux }

// Reset refuses.
func (*Table) Reset(context.Context, Match) ([]Connection, error) { return nil, errNotLinux }

// Standing refuses.
func (*Table) Standing(context.Context) (Standing, error) { return Standing{}, errNotLinux }
