package command

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/program"
)

// patience is how long a server may take to answer a command.
const patience = 5 * time.Second

// do sends a command to a node, and says which one if that fails. What the server answers is as
// go-redis has it: a string, an int64 or an []any.
func do(ctx context.Context, c chaos.Cluster, node string, words ...string) (any, error) {
	client := compose.DirectClient(c, compose.Address(c, node), patience)
	defer client.Close()
	return doBy(ctx, client, node, words...)
}

// doBy is do by a client of the node.
func doBy(ctx context.Context, client *redis.Client, node string, words ...string) (any, error) {
	args := make([]any, len(words))
	for i, word := range words {
		args[i] = word
	}
	answer, err := client.Do(ctx, args...).Result()
	if err != nil {
		return nil, fmt.Errorf("%s to %s: %w", strings.Join(words, " "), node, err)
	}
	return answer, nil
}

// start has a node take up a command, by an inline connection that waits for no answer to it. What is asked
// first is answered as it is wanted, so that the server is not at anything else.
func start(ctx context.Context, c chaos.Cluster, node, first, want, command string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := compose.DialInline(ctx, c, compose.Address(c, node))
	if err != nil {
		return err
	}
	defer conn.Close()
	answer, err := conn.Ask(first)
	if err != nil {
		return err
	}
	if answer != want {
		return fmt.Errorf("it answered %q", answer)
	}
	return conn.Send(command)
}

// unlessEnded is the error of something that is undone when the process of a node ends: none if that does not run.
func unlessEnded(ctx context.Context, c chaos.Cluster, node string, err error) error {
	if err == nil {
		return nil
	}
	if is, failed := c.Condition(ctx, node); failed == nil && !is.Running {
		return nil
	}
	return err
}

// redisCLI is a command to a node as a person gives it in a shell.
func redisCLI(n compose.Node, words ...string) string {
	host, port, err := net.SplitHostPort(n.HostAddr)
	if err != nil {
		host, port = n.Name, "6379"
	}
	text := "redis-cli -h " + host + " -p " + port
	for _, word := range words {
		text += " " + program.Word(word)
	}
	return text
}
