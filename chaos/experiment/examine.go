package experiment

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/docker/cli"
	"github.com/redis-chaos/redis-chaos/compose/doctor"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// PasswordVariable is where redis-cli, too, has the password of a cluster from.
const PasswordVariable = "REDISCLI_AUTH"

// Examine looks at the compose file of a cluster, and at the servers at its addresses, as far as it names them. told is
// what could not be read, and makes what is found incomplete.
func Examine(ctx context.Context, c scenarios.Cluster) (found []doctor.Finding, told []string, err error) {
	if c.Compose != "" {
		var setup doctor.Setup
		if setup, told, err = readProject(ctx, c.Compose); err != nil {
			return nil, told, err
		}
		found = append(found, doctor.Examine(setup)...)
	}
	if len(c.Addrs) > 0 {
		setup, err := servers(ctx, c)
		if err != nil {
			return nil, told, err
		}
		found = append(found, doctor.Examine(setup)...)
	}
	return found, told, nil
}

// readProject is what the compose file of a cluster says of its nodes, as Compose reads it.
func readProject(ctx context.Context, file string) (s doctor.Setup, told []string, err error) {
	command, err := cli.Find(ctx)
	if err != nil {
		return s, nil, err
	}
	text, err := command.Config(ctx, file)
	if err != nil {
		return s, nil, err
	}
	if s.Project, err = doctor.ParseProject(text); err != nil {
		return s, nil, err
	}
	if !command.IsOfProfiles() {
		s.Project.Activate(strings.Split(os.Getenv("COMPOSE_PROFILES"), ","))
	}
	if s.Nodes, told = doctor.NodesOf(s.Project); len(s.Nodes) == 0 {
		return s, told, fmt.Errorf("%s has no service whose servers are in cluster mode, as far as its commands and the redis.conf files that it mounts tell: give cluster-enabled yes there, or the addresses of the nodes that run", file)
	}
	return s, told, nil
}

// servers asks the servers of a cluster that runs.
func servers(ctx context.Context, c scenarios.Cluster) (doctor.Setup, error) {
	access, err := accessTo(&scenarios.Scenario{Cluster: c})
	if err != nil {
		return doctor.Setup{}, err
	}
	s, err := doctor.Ask(ctx, c.Addrs, access)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("asking the servers: %w", err)
	}
	return s, err
}
