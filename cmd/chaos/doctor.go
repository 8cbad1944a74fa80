package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/machine"
	"github.com/redis-chaos/redis-chaos/compose/doctor"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func doctorCommand() *cli.Command {
	return &cli.Command{
		Name:      "doctor",
		Usage:     "find what goes wrong with a cluster, or what this machine lacks",
		ArgsUsage: "[COMPOSE-FILE] [HOST:PORT…]",
		Description: `chaos doctor                          what this machine has and lacks for runs
chaos doctor docker-compose.yml       what is known to go wrong with the cluster of a compose file
chaos doctor 10.0.0.5:6379            the same of a cluster that runs

It changes nothing. A password is taken from the environment (REDISCLI_AUTH), as redis-cli takes it. docs/doctor.md lists what it looks at.

Exit codes: 0 nothing is wrong; 1 something is; 2 bad usage; 3 it could not look.`,
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print what was found as JSON"},
			outFlag(),
		}, accessFlags()...),
		Action: examine,
	}
}

// accessFlags are how servers that run already are spoken to.
func accessFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "user", Usage: "connect as the ACL user `NAME`"},
		&cli.BoolFlag{Name: "tls", Usage: "connect over TLS"},
		&cli.StringFlag{Name: "cacert", Usage: "over TLS, trust the CAs in `FILE`"},
		&cli.StringFlag{Name: "cert", Usage: "over TLS, show the certificate in `FILE`"},
		&cli.StringFlag{Name: "key", Usage: "the key of that certificate is in `FILE`"},
		&cli.StringFlag{Name: "server-name", Usage: "over TLS, the servers' certificates have to be valid for `NAME`"},
	}
}

// clusterNamed is the cluster of the user's that some arguments name: a compose file, or addresses.
func clusterNamed(c *cli.Context, args []string) (named scenarios.Cluster, err error) {
	for _, arg := range args {
		_, _, notAddr := net.SplitHostPort(arg)
		switch _, err := os.Stat(arg); {
		case err == nil && named.Compose != "":
			return named, usage(fmt.Errorf("%s and %s: one compose file at a time", named.Compose, arg))
		case err == nil:
			named.Compose = arg
		case notAddr == nil:
			named.Addrs = append(named.Addrs, arg)
		case errors.Is(err, fs.ErrNotExist):
			return named, usage(fmt.Errorf("%s: there is no such file, and an address is written host:port", arg))
		default:
			return named, usage(err)
		}
	}
	if _, isSet := os.LookupEnv(experiment.PasswordVariable); isSet || c.String("user") != "" {
		named.Auth = &scenarios.Auth{Username: c.String("user"), Password: scenarios.Secret("${" + experiment.PasswordVariable + "}")}
	}
	certificates := scenarios.TLS{CA: c.String("cacert"), Cert: c.String("cert"), Key: c.String("key"), ServerName: c.String("server-name")}
	if c.Bool("tls") || certificates != (scenarios.TLS{}) {
		named.TLS = &certificates
	}
	return named, nil
}

func examine(c *cli.Context) error {
	named, err := clusterNamed(c, c.Args().Slice())
	if err != nil {
		return err
	}
	var found []doctor.Finding
	var told []string
	if named.IsBrought() {
		found, told, err = experiment.Examine(c.Context, named)
	} else {
		found = machine.Look(c.Context, experiment.RuntimesToTry(), c.String("out"))
	}
	for _, text := range told {
		fmt.Fprintf(c.App.ErrWriter, "warning: %s\n", text)
	}
	switch {
	case c.Context.Err() != nil:
		return exitError{exitInterrupted, nil}
	case err != nil:
		return err
	}
	if c.Bool("json") {
		if found == nil {
			found = []doctor.Finding{}
		}
		err = printJSON(c.App.Writer, found)
	} else {
		err = printFindings(c.App.Writer, found)
	}
	if err == nil && slices.ContainsFunc(found, doctor.Finding.IsWrong) {
		return exitError{exitExpectation, nil}
	}
	return err
}

// printFindings has a finding in a line, and what would change it in the next one.
func printFindings(w io.Writer, found []doctor.Finding) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(w, "nothing found")
		return err
	}
	var out strings.Builder
	for _, f := range found {
		fmt.Fprintf(&out, "%-4s  %s  %s: %s\n", f.Severity, f.Check, f.Where, f.Evidence)
		if f.Remedy != "" {
			fmt.Fprintf(&out, "      → %s\n", f.Remedy)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}
