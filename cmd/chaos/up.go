package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

func upCommand() *cli.Command {
	return &cli.Command{
		Name:  "up",
		Usage: "deploy a cluster and leave it running",
		Description: `chaos up                                     six nodes on 127.0.0.1:6379 to 6384
chaos up --masters 5 --replicas 2 --config cluster-node-timeout=2000
chaos up --zones a,b,c                       the same nodes, spread over three zones
chaos up --name blue --port 7000             a second one beside it

chaos status shows it, chaos down removes it.`,
		Flags: append([]cli.Flag{
			&cli.IntFlag{Name: "masters", Value: scenarios.DefaultMasters, Usage: "number of masters, 3 to 30"},
			&cli.IntFlag{Name: "replicas", Value: scenarios.DefaultReplicas, Usage: "replicas per master, 0 to 5"},
			&cli.StringFlag{Name: "zones", Usage: "spread the nodes over `ZONES`, a number or names (a,b,c), so that a master and its replicas are in different ones"},
			&cli.StringSliceFlag{Name: "config", Usage: "a redis.conf directive, as `NAME=VALUE`; repeatable"},
			&cli.StringSliceFlag{Name: "extra-directive", Usage: "let through the directive `NAME` of --config, which only this build of the server has; repeatable"},
			&cli.BoolFlag{Name: "tls", Usage: "everything over TLS, with certificates that are made for this cluster"},
			&cli.StringFlag{Name: "username", Usage: "the ACL user `NAME` of all connections, with --password; without it, the default user"},
			&cli.StringFlag{Name: "password", Usage: "the user's password, by `WHERE` it is: ${VARIABLE}, file:PATH, or random"},
			&cli.StringFlag{Name: "name", Value: compose.DefaultRunID, Usage: "`NAME` of the cluster, to have several"},
			outFlag(),
		}, clusterFlags()...),
		Action: deployCluster,
	}
}

func deployCluster(c *cli.Context) error {
	if c.Args().Present() {
		return usage(fmt.Errorf("chaos up takes no arguments, only flags: %q", c.Args().First()))
	}
	ports, err := portPolicy(c)
	if err != nil {
		return err
	}
	name := c.String("name")
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`).MatchString(name) {
		return usage(fmt.Errorf("--name %q: lower-case letters, digits and dashes, please", name))
	}
	if err := experiment.CheckOut(c.String("out")); err != nil {
		return usage(err)
	}
	if err := checkServer(c); err != nil {
		return err
	}
	cluster, err := clusterOf(c)
	if err != nil {
		return err
	}
	progress := newProgress(c.App.ErrWriter, false)
	nodes, err := experiment.Up(c.Context, cluster, name, filepath.Join(c.String("out"), name), experiment.Options{
		RedisServer: c.String("redis-server"), Ports: ports, Progress: progress.line, Warn: progress.warn,
	})
	if err != nil {
		if c.Context.Err() != nil {
			err = beyondInterrupt(err)
			return exitError{interruptedCode(err), err}
		}
		return err
	}
	fmt.Fprintf(c.App.Writer, "%d nodes are up:\n", len(nodes))
	for _, n := range nodes {
		fmt.Fprintf(c.App.Writer, "  %-18s %s\n", n.Name, n.HostAddr)
	}
	if cluster.TLS != nil || cluster.Login() != nil {
		fmt.Fprintln(c.App.Writer, "docs/security.md says where the password and the certificates are")
	}
	return nil
}

// clusterOf checks the flags as a scenario's cluster is checked.
func clusterOf(c *cli.Context) (scenarios.Cluster, error) {
	sets := []string{
		fmt.Sprintf("cluster.masters=%d", c.Int("masters")),
		fmt.Sprintf("cluster.replicas=%d", c.Int("replicas")),
	}
	if zones := c.String("zones"); zones != "" {
		if _, err := strconv.Atoi(zones); err != nil {
			zones = "[" + zones + "]"
		}
		sets = append(sets, "cluster.zones="+zones)
	}
	if img := c.String("image"); img != "" {
		sets = append(sets, "cluster.image="+img)
	}
	for _, directive := range c.StringSlice("config") {
		if !strings.Contains(directive, "=") {
			return scenarios.Cluster{}, usage(fmt.Errorf("--config %s: write NAME=VALUE", directive))
		}
		sets = append(sets, "cluster.config."+directive)
	}
	if extra := c.StringSlice("extra-directive"); len(extra) > 0 {
		sets = append(sets, "cluster.extra_directives=["+strings.Join(extra, ", ")+"]")
	}
	if c.Bool("tls") {
		sets = append(sets, "cluster.tls=true")
	}
	for _, of := range []string{"username", "password"} {
		if value := c.String(of); value != "" {
			sets = append(sets, "cluster.auth."+of+"="+value)
		}
	}
	s, err := parse.Scenario("chaos up", []byte("name: up\nduration: 1s\n"), experiment.Catalog(), sets)
	if err != nil {
		// What is wrong is told by the flags that were given.
		flags := strings.NewReplacer("--set cluster.masters=", "--masters ", "--set cluster.replicas=", "--replicas ",
			"--set cluster.zones=", "--zones ", "--set cluster.image=", "--image ", "--set cluster.config.", "--config ",
			"--set cluster.auth.username", "--username", "--set cluster.auth.password", "--password", "auth: missing \"password\"", "--username needs --password",
			"--set cluster.extra_directives=", "--extra-directive ", "is listed in cluster.extra_directives as well", "is given by --extra-directive as well")
		return scenarios.Cluster{}, usage(errors.New(flags.Replace(err.Error())))
	}
	return s.Cluster, nil
}
