// Package faulttest is what the tests of all kinds of faults need: a runtime that remembers what it was asked to do.
package faulttest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Calls is a runtime that only remembers what it was asked to do.
type Calls struct {
	compose.Cluster
	served sync.WaitGroup // connections
	made   []string
}

func (c *Calls) note(format string, args ...any) error {
	c.made = append(c.made, fmt.Sprintf(format, args...))
	return nil
}

func (c *Calls) Signal(_ context.Context, node, signal string) error {
	return c.note("signal %s %s", node, signal)
}
func (c *Calls) Stop(_ context.Context, node string, grace time.Duration) error {
	return c.note("stop %s %s", node, grace)
}
func (c *Calls) Start(_ context.Context, node string) error   { return c.note("start %s", node) }
func (c *Calls) Pause(_ context.Context, node string) error   { return c.note("pause %s", node) }
func (c *Calls) Unpause(_ context.Context, node string) error { return c.note("unpause %s", node) }
func (c *Calls) Disconnect(_ context.Context, node string, n compose.Network) error {
	return c.note("disconnect %s %s", node, n)
}
func (c *Calls) Connect(_ context.Context, node string, n compose.Network) error {
	return c.note("connect %s %s", node, n)
}

func (c *Calls) Shape(_ context.Context, node, _ string, rules []traffic.Rule) error {
	return c.note("shape %s by %d rules", node, len(rules))
}

// Shaped implements compose.Networks: nothing stands.
func (c *Calls) Shaped(context.Context, string, string) ([]traffic.StandingRule, error) {
	return nil, errors.New("no such rules stand")
}

func (c *Calls) Reset(_ context.Context, node string, matches []traffic.Match) (int, error) {
	return 1, c.note("reset %s by %d matches", node, len(matches))
}

func (c *Calls) LimitCPU(_ context.Context, node string, share float64) error {
	return c.note("limit %s %g", node, share)
}

func (c *Calls) SetDisk(_ context.Context, node, _ string, f disk.Fault) error {
	text, err := json.Marshal(f)
	return errors.Join(err, c.note("disk of %s: %s", node, text))
}

func (c *Calls) LiftDisk(_ context.Context, node, _ string) error {
	return c.note("disk of %s: well", node)
}

func (c *Calls) LosePower(_ context.Context, node string, tear disk.Tear) (disk.Loss, error) {
	return disk.Loss{}, c.note("cut the power of %s, torn: %t", node, tear.Torn)
}

// Condition implements compose.Conditions: it is of a node that is well.
func (c *Calls) Condition(context.Context, string) (compose.Condition, error) {
	return compose.Condition{Running: true}, nil
}

// Shapes implements compose.Conditions: nothing stands.
func (c *Calls) Shapes(context.Context, string) ([]string, error) { return nil, nil }

// DiskState implements compose.Disks: nothing is wrong.
func (c *Calls) DiskState(context.Context, string) (disk.State, error) { return disk.State{}, nil }

func (c *Calls) LimitMemory(_ context.Context, node string, more int64) error {
	return c.note("limit memory %s %d", node, more)
}

// PID is that of no process that there can be.
func (c *Calls) PID(_ context.Context, node string) (int, error) {
	return 1 << 30, c.note("find %s", node)
}

func (c *Calls) Nodes() []compose.Node { return []compose.Node{{Name: "n", Addr: "n:6379"}} }

// Dial connects to a server that says OK to everything but the client's greeting.
func (c *Calls) Dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	c.served.Go(func() {
		defer far.Close()
		in := bufio.NewReader(far)
		for {
			words, err := command(in)
			if err != nil {
				return
			}
			if words[0] == "hello" {
				fmt.Fprint(far, "-ERR unknown command\r\n")
				continue
			}
			c.note("%s", strings.Join(words, " "))
			fmt.Fprint(far, "+OK\r\n")
		}
	})
	return near, nil
}

// command reads one command, an array or an inline one.
func command(in *bufio.Reader) (words []string, err error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(line, "*") {
		return strings.Fields(line), nil
	}
	var n, size int
	if _, err := fmt.Sscanf(line, "*%d\r\n", &n); err != nil {
		return nil, err
	}
	for range n {
		var word string
		if _, err := fmt.Fscanf(in, "$%d\r\n%s\r\n", &size, &word); err != nil {
			return nil, err
		}
		words = append(words, word)
	}
	return words, nil
}

// Deeds is what a fault does, as the runtime sees it.
type Deeds struct {
	Detail            string
	Inject, Heal      string // the calls of the runtime
	Effective, Healed []chaos.Sign
	Past              string
	Effects           []record.Effect
}

// Does fails unless a fault does and undoes to a node what it should.
func Does(t *testing.T, f chaos.Fault, want Deeds) {
	t.Helper()
	var injected, healed Calls
	if err := f.Inject(t.Context(), &injected, "n"); err != nil {
		t.Error(err)
	}
	if err := f.Heal(t.Context(), &healed, "n"); err != nil {
		t.Error(err)
	}
	injected.served.Wait()
	healed.served.Wait()
	got := Deeds{Inject: strings.Join(injected.made, ", "), Heal: strings.Join(healed.made, ", ")}
	if d, ok := f.(chaos.Detailed); ok {
		got.Detail = d.Detail()
	}
	if s, ok := f.(chaos.Signed); ok {
		got.Effective, got.Healed = s.Effective(), s.Healed()
	}
	if a, ok := f.(chaos.Affecting); ok {
		got.Past, got.Effects = a.Past(), a.Effects()
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%T does\n%+v, want\n%+v", f, got, want)
	}
}

// Accepts fails unless the settings of a fault are accepted, or refused by an error that begins
// with want.
func Accepts(t *testing.T, f chaos.Fault, want string) {
	t.Helper()
	got := ""
	if err := f.Check(scenarios.Cluster{Masters: 3, Replicas: 1}); err != nil {
		got = err.Error()
	}
	if !strings.HasPrefix(got, want) || (want == "") != (got == "") {
		t.Errorf("%+v: %q, want %q", f, got, want)
	}
}

// Target is a selector that picks a node.
func Target() aim.Selector { return aim.Selector{Node: []string{"redis-master-1"}} }
