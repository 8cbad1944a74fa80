package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/chaos/random"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/visible"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func planCommand() *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "show the timeline of scenarios: what is done when, to whom, and what that takes",
		ArgsUsage: "FILE-OR-NAME…",
		Description: `chaos plan master-kill
chaos plan my.yaml --on up --set seed=7     and whom it would pick on the cluster of chaos up`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "on", Usage: "also find the targets on the standing cluster `NAME-OR-RUN-ID`, as it is now; nothing is done to it"},
			&cli.StringSliceFlag{Name: "set", Usage: "override a value of the scenario, as `PATH=VALUE`; repeatable"},
			&cli.BoolFlag{Name: "json", Usage: "as JSON"},
		},
		Action: showPlans,
	}
}

// plan is the form of `chaos plan --json`, an item a scenario.
type plan struct {
	Scenario string   `json:"scenario"`
	Masters  int      `json:"masters"`
	Replicas int      `json:"replicas"` // per master
	Zones    []string `json:"zones,omitempty"`
	Duration string   `json:"duration"`
	Seed     int64    `json:"seed,omitempty"` // 0: another one in each run
	Cluster  string   `json:"cluster,omitempty"`
	// Steady is what has to hold before the first step: "steady for 2s, within 30s".
	Steady string         `json:"steady,omitempty"`
	Steps  []plannedFault `json:"steps"`
}

// plannedFault is a step of a plan.
type plannedFault struct {
	Fault   int               `json:"fault"` // its place in the scenario, from 0
	Name    string            `json:"name,omitempty"`
	When    string            `json:"when"`
	Kind    string            `json:"kind"`
	Detail  string            `json:"detail,omitempty"`
	Targets string            `json:"targets"`
	Needs   []compose.Ability `json:"needs,omitempty"`
	// Picks are the nodes that it would be done to now, Why what they are picked as, Groups who would be in
	// which group of a split, and Left why it would not be done.
	Picks  []string `json:"picks,omitempty"`
	Why    string   `json:"why,omitempty"`
	Groups string   `json:"groups,omitempty"`
	Left   string   `json:"left,omitempty"`
}

func showPlans(c *cli.Context) error {
	if !c.Args().Present() {
		return usage(errors.New("no scenario; name files, or names that `chaos list` shows"))
	}
	loaded, err := loadScenarios(c)
	if err != nil {
		return err
	}
	printWarnings(c.App.ErrWriter, loaded)
	var cluster compose.Cluster
	if c.IsSet("on") {
		hosts, err := openHosts(c.Context)
		if err != nil {
			return err
		}
		defer experiment.CloseAll(hosts)
		if cluster, err = attach(c.Context, hosts, c.String("on")); err != nil {
			return err
		}
	}
	plans := []plan{}
	for _, s := range loaded {
		p, err := planFor(c, s, cluster)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		plans = append(plans, p)
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, plans)
	}
	for _, p := range plans {
		printPlan(c.App.Writer, p)
	}
	return nil
}

// planFor is the plan of a scenario on the cluster that --on names, or on the user's own.
func planFor(c *cli.Context, s *scenarios.Scenario, cluster compose.Cluster) (p plan, err error) {
	name := c.String("on")
	if s.Cluster.IsBrought() {
		told := func(text string) { fmt.Fprintf(c.App.ErrWriter, "chaos: %s\n", text) }
		o, on, hosts, failed := experiment.Look(c.Context, s, experiment.Options{Runtime: c.String("runtime"), Progress: told, Warn: told})
		if failed != nil {
			return p, failed
		}
		defer func() { err = errors.Join(err, o.Leave(c.Context), experiment.CloseAll(hosts)) }()
		s, cluster, name = on, o.Cluster, "the cluster of your own"
	}
	if s.Random != nil {
		if s.Seed == 0 {
			s.Seed = experiment.NewSeed()
		}
		if s, err = random.Plain(s, s.Seed); err != nil {
			return p, err
		}
	}
	return planOf(c.Context, s, name, cluster)
}

// planOf is the plan of a scenario, with the targets on a cluster if there is one.
func planOf(ctx context.Context, s *scenarios.Scenario, name string, cluster compose.Cluster) (plan, error) {
	p := plan{
		Scenario: s.Name, Masters: s.Cluster.Masters, Replicas: s.Cluster.Replicas, Zones: s.Cluster.Zones, Duration: s.Duration.String(),
		Seed: s.Seed, Cluster: name, Steps: []plannedFault{},
	}
	if s.Steady != nil {
		p.Steady = fmt.Sprintf("steady for %v, within %v", s.Steady.For, s.Steady.Timeout)
	}
	steps, err := chaos.Plan(s)
	if err != nil {
		return p, err
	}
	var topology observe.Topology
	if cluster != nil {
		if err := checkShape(s.Cluster, cluster.Nodes()); err != nil && !s.Cluster.IsBrought() {
			return p, usage(fmt.Errorf("%s: %w", s.Name, err))
		}
		layout, err := compose.FindLayout(ctx, cluster)
		if err != nil {
			return p, fmt.Errorf("asking the nodes of %s: %w", name, err)
		}
		if topology, err = observe.CurrentTopology(ctx, cluster, layout); err != nil {
			return p, fmt.Errorf("asking the nodes of %s: %w", name, err)
		}
		if p.Seed == 0 {
			p.Seed = experiment.NewSeed()
		}
	}
	for _, step := range steps {
		f := plannedFault{Fault: step.Index, Name: step.Name, When: step.When, Kind: step.Kind, Detail: step.Detail, Targets: step.Targets, Needs: step.Needs}
		if cluster != nil {
			found, err := step.On(topology, p.Seed)
			if err != nil {
				f.Left = err.Error()
			}
			f.Picks, f.Why, f.Groups = found.Nodes, found.Why, found.Division.String()
		}
		p.Steps = append(p.Steps, f)
	}
	return p, nil
}

// checkShape wants the nodes to be those that a scenario's cluster has.
func checkShape(wanted scenarios.Cluster, nodes []compose.Node) error {
	var names []string
	zoned := false
	for _, n := range nodes {
		names, zoned = append(names, n.Name), zoned || n.Zone != ""
	}
	slices.Sort(names)
	want := compose.NodeNames(wanted.Masters, wanted.Replicas)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		return fmt.Errorf("it is for %d×%d nodes, and --on names a cluster of %d; add --set cluster.masters and --set cluster.replicas, or chaos up --masters %d --replicas %d",
			wanted.Masters, 1+wanted.Replicas, len(names), wanted.Masters, wanted.Replicas)
	}
	if len(wanted.Zones) > 0 && !zoned {
		return fmt.Errorf("it has zones, and --on names a cluster without; start one by chaos up --zones %s", strings.Join(wanted.Zones, ","))
	}
	return nil
}

// howMany says how many of those that match are picked: ", 2 of 5".
func howMany(f plannedFault) string {
	number, _ := strings.CutPrefix(f.Why, f.Targets)
	return strings.Replace(number, ":", ",", 1)
}

func printPlan(w io.Writer, p plan) {
	zones := ""
	if len(p.Zones) > 0 {
		zones = " in zones " + strings.Join(p.Zones, ", ")
	}
	fmt.Fprintf(w, "%s: %d×%d nodes%s, %s\n", p.Scenario, p.Masters, 1+p.Replicas, zones, p.Duration)
	switch {
	case p.Cluster != "":
		fmt.Fprintf(w, "on %s as it is now, with --set seed=%d\n", p.Cluster, p.Seed)
	case p.Seed != 0:
		fmt.Fprintf(w, "with --set seed=%d\n", p.Seed)
	}
	if p.Steady != "" {
		fmt.Fprintf(w, "  first: %s\n", p.Steady)
	}
	for _, f := range p.Steps {
		what := f.Kind
		if f.Name != "" {
			what = f.Name + ", " + what
		}
		if f.Detail != "" {
			what += " (" + f.Detail + ")"
		}
		fmt.Fprintf(w, "  %s: %s: %s\n", f.When, visible.Line(what), visible.Line(f.Targets))
		for _, need := range f.Needs {
			fmt.Fprintf(w, "      needs a runtime that can %s\n", need)
		}
		switch {
		case f.Left != "":
			fmt.Fprintf(w, "      now: not done: %s\n", visible.Line(f.Left))
		case p.Cluster != "":
			fmt.Fprintf(w, "      now%s: %s\n", visible.Line(howMany(f)), strings.Join(f.Picks, ", "))
			if f.Groups != "" {
				fmt.Fprintf(w, "      now in groups: %s\n", visible.Line(f.Groups))
			}
		}
	}
	fmt.Fprintf(w, "  at %s: the workloads end\n", p.Duration)
}
