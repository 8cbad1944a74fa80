package compose

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Answer is an error that a server answered, without the dash before it.
type Answer string

func (a Answer) Error() string { return string(a) }

// RedisError implements redis.Error.
func (Answer) RedisError() {}

// RefusedBy names the directive by which servers refuse a command to the tool: user or
// rename-command; "" if err is something else.
func RefusedBy(err error) (directive string) {
	var answer redis.Error
	if !errors.As(err, &answer) {
		return ""
	}
	text := answer.Error()
	switch kind, _, _ := strings.Cut(text, " "); {
	case kind == "NOPERM" || kind == "NOAUTH" || kind == "WRONGPASS":
		return "user"
	case strings.HasPrefix(text, "ERR unknown command"):
		return "rename-command"
	default:
		return ""
	}
}

// ExplainRefusal adds to the error of a deployment which directive of its configuration
// refuses the tool a command, if one does.
func ExplainRefusal(err error, config map[string][]string) error {
	directive := RefusedBy(err)
	if len(config[directive]) == 0 {
		return err
	}
	return fmt.Errorf("%w: the tool needs this command, and cluster.config takes it away: %s %s", err, directive, strings.Join(config[directive], "; "))
}

// JoinByNode joins the errors of nodes, those of the same text into one. names are the
// nodes', in the order of errs.
func JoinByNode(names []string, errs []error) error {
	var joined []error
	nodes := map[string][]string{} // by text
	for i, err := range errs {
		if err != nil {
			nodes[err.Error()] = append(nodes[err.Error()], names[i])
		}
	}
	for _, err := range errs {
		if err == nil || nodes[err.Error()] == nil {
			continue
		}
		who := nodes[err.Error()]
		delete(nodes, err.Error())
		switch len(who) {
		case 1:
			err = fmt.Errorf("%s: %w", who[0], err)
		case len(names):
			err = fmt.Errorf("all %d nodes: %w", len(who), err)
		default:
			err = fmt.Errorf("%s: %w", strings.Join(who, ", "), err)
		}
		joined = append(joined, err)
	}
	return errors.Join(joined...)
}

// UnknownError is the error of dialling an address that no node of the cluster has: a
// server can name any.
func UnknownError(network, addr string) error {
	return &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("no node of the cluster has the address %q", addr)}
}
