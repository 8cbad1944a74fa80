// Accuracy measures how true the figures of a failover are. It makes many
// failovers happen, by every kind of fault on every runtime that is here, and
// compares what the report says with what the servers' own logs say:
//
//	go run ./cmd/accuracy -out docs/accuracy.md
//
// It exits with 1 if a bound is not held.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

func main() {
	repeat := flag.Int("repeat", 2, "failovers of each kind")
	out := flag.String("out", "", "write the table to this file (default: to stdout)")
	runtimes := flag.String("runtimes", "docker,local", "the runtimes to use, of those that work here")
	keep := flag.String("runs", "", "keep the runs' folders here (default: they are removed)")
	flag.Parse()
	logging.Disable() // go-redis's pools log each failed dial
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	held, err := measureAll(ctx, strings.Split(*runtimes, ","), *repeat, *keep, *out)
	if err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(3)
	}
	if !held {
		os.Exit(1)
	}
}

// failover is one way to make a master fail.
type failover struct {
	runtime string
	fault   string // as in a scenario: "kill: {role: master, shard: 0}"
	timeout time.Duration
}

func (f failover) kind() string { kind, _, _ := strings.Cut(f.fault, ":"); return kind }

// plan lists all ways to make a master fail, as often as asked for.
func plan(runtimes []string, repeat int) (all []failover) {
	for range repeat {
		for _, runtime := range runtimes {
			for _, timeout := range []time.Duration{time.Second, 2 * time.Second, 5 * time.Second} {
				for _, fault := range []string{
					"kill: {role: master, shard: 0}",
					"stop: {role: master, shard: 0}",
					"pause: {role: master, shard: 0}",
					"disconnect: {role: master, shard: 0, network: cluster}",
				} {
					all = append(all, failover{runtime, fault, timeout})
				}
			}
		}
	}
	return all
}

// scenario is a run in which the failover has time to happen.
func (f failover) scenario() (*scenarios.Scenario, error) {
	const at = 2 * time.Second
	lasts := 5*f.timeout/2 + 2500*time.Millisecond // the longest that Redis may take, and some more
	text := fmt.Sprintf(`
name: accuracy-%s
cluster: {config: {cluster-node-timeout: %d}}
workloads: [{name: load, type: set, clients: 4, rate: 500, client: {cluster_state_reload_interval: 1s}}]
duration: %s
faults: [{at: %s, for: %s, %s}]
`, f.kind(), f.timeout.Milliseconds(), at+lasts+time.Second, at, lasts, f.fault)
	return parse.Scenario("accuracy.yaml", []byte(text), experiment.Catalog(), nil)
}

func measureAll(ctx context.Context, runtimes []string, repeat int, keep, out string) (held bool, err error) {
	dir := keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "accuracy-"); err != nil {
			return false, err
		}
		defer os.RemoveAll(dir)
	}
	t := &table{}
	todo := plan(runtimes, repeat)
	for i, f := range todo {
		s, err := f.scenario()
		if err != nil {
			return false, err
		}
		fmt.Fprintf(os.Stderr, "%d of %d: %s, %s, cluster-node-timeout %s\n", i+1, len(todo), f.runtime, f.fault, f.timeout)
		outcome, err := experiment.Run(ctx, s, experiment.Options{
			Out: dir, Runtime: f.runtime, Ports: compose.PortPolicy{First: 6379}, Tool: "accuracy",
			Progress: func(string) {}, Warn: func(text string) { fmt.Fprintln(os.Stderr, text) }, Status: func(string) {},
		})
		if err != nil {
			return false, fmt.Errorf("%s: %w", s.Name, err)
		}
		if err := t.add(f, s, outcome); err != nil {
			return false, err
		}
	}
	text := t.markdown()
	if out == "" {
		fmt.Print(text)
	} else if err := errors.Join(os.MkdirAll(filepath.Dir(out), 0o755), os.WriteFile(out, []byte(text), 0o644)); err != nil {
		return false, err
	}
	return t.held(), nil
}
