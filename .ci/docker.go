//go:build ignore

// Command docker tells whether this machine's Docker can carry out a run,
// asking as the program itself does.
//
//	go run .ci/docker.go          is there an engine, and Compose?
//	go run .ci/docker.go -image   and can the default server image be had?
//
// It prints one word: ok, or the first that is missing of engine, compose and
// image. Why, and what to install, goes to stderr.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/docker/cli"
	"github.com/redis-chaos/redis-chaos/compose/docker/image"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

func main() {
	withImage := flag.Bool("image", false, "also make sure of the server image, by pulling or building it if need be")
	flag.Parse()
	missing, err := check(context.Background(), *withImage)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	fmt.Println(missing)
}

// check names the first thing that is missing, with the reason; "ok" if none is.
func check(ctx context.Context, withImage bool) (missing string, err error) {
	engine, err := docker.Connect(ctx)
	if err != nil {
		return "engine", err
	}
	defer engine.Close()
	if _, err := cli.Find(ctx); err != nil {
		return "compose", err
	}
	if !withImage {
		return "ok", nil
	}
	_, err = image.Ensure(ctx, engine, scenarios.DefaultImage, image.Options{
		Labels:   map[string]string{docker.RunLabel: "setup"},
		Progress: func(line string) { fmt.Fprintln(os.Stderr, line) },
	})
	if err != nil {
		return "image", err
	}
	return "ok", nil
}
