// Package failure is what writes that were not acked ended with: kinds of errors, and how many of each.
package failure

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Kind names the error to blame for a write that was not acked: one
// lower-case word a kind, and no kind with both outcomes but "closed" and
// "canceled", which are this program's own doing.
func Kind(o history.Outcome, err error) string {
	var reply replyError
	var own kinded
	switch {
	case errors.As(err, &reply):
		word, _, _ := strings.Cut(reply.Error(), " ")
		return strings.ToLower(word)
	case errors.As(err, &own):
		return own.ErrorKind()
	case errors.Is(err, net.ErrClosed):
		return "closed"
	case errors.Is(err, context.Canceled):
		return "canceled"
	}
	if o == history.Indeterminate {
		return connError(err)
	}
	if IsDial(err) {
		return dialError(err)
	}
	// The connection was made, and broke before the command was sent: in the
	// handshake.
	return "connect_" + connError(err)
}

// isDial tells whether err comes from making a TCP connection.
func IsDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" ||
		errors.Is(err, syscall.ECONNREFUSED)
}

// dialError says why no connection was made.
func dialError(err error) string {
	var dns *net.DNSError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "unreachable"
	case errors.As(err, &dns):
		return "dns"
	case IsTimeout(err):
		return "dial_timeout"
	default:
		return "dial"
	}
}

// connError says how a connection broke.
func connError(err error) string {
	switch {
	case IsTimeout(err):
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "eof"
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	case errors.Is(err, syscall.EPIPE):
		return "broken_pipe"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no_route"
	default:
		return "broken"
	}
}

// IsTimeout tells whether an error is that a time was over.
func IsTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &t) && t.Timeout()
}

// replyError is a server's error reply, as a client library has it.
type replyError interface {
	error
	RedisError()
}

// IsReply tells a server's error reply from an error of the connection.
func IsReply(err error) bool {
	var reply replyError
	return errors.As(err, &reply)
}

// kinded is an error that says what kind it is of, as the kinds of
// errors are called in reports.
type kinded interface {
	ErrorKind() string
}
