package failure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

func TestErrorKind(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	read := func(err error) error { return &net.OpError{Op: "read", Net: "tcp", Err: err} }
	write := func(err error) error { return &net.OpError{Op: "write", Net: "tcp", Err: err} }
	call := func(errno syscall.Errno) error { return os.NewSyscallError("connect", errno) }
	tests := []struct {
		outcome history.Outcome
		err     error
		want    string
	}{
		{history.Failed, dial(call(syscall.ECONNREFUSED)), "refused"},
		{history.Failed, fmt.Errorf("dialing redis-master-1: %w", dial(call(syscall.ECONNREFUSED))), "refused"},
		{history.Failed, dial(call(syscall.EHOSTUNREACH)), "unreachable"},
		{history.Failed, dial(call(syscall.ENETUNREACH)), "unreachable"},
		{history.Failed, dial(call(syscall.ETIMEDOUT)), "dial_timeout"},
		{history.Failed, dial(os.ErrDeadlineExceeded), "dial_timeout"},
		{history.Failed, dial(context.DeadlineExceeded), "dial_timeout"},
		{history.Failed, dial(&net.DNSError{Err: "no such host"}), "dns"},
		{history.Failed, dial(errors.New("?")), "dial"},
		{history.Failed, ownError("pool_timeout"), "pool_timeout"},
		{history.Failed, io.EOF, "connect_eof"},
		{history.Failed, read(os.ErrDeadlineExceeded), "connect_timeout"},
		{history.Failed, context.Canceled, "canceled"},
		{history.Failed, net.ErrClosed, "closed"},
		{history.Indeterminate, read(os.ErrDeadlineExceeded), "timeout"},
		{history.Indeterminate, io.EOF, "eof"},
		{history.Indeterminate, io.ErrUnexpectedEOF, "eof"},
		{history.Indeterminate, read(os.NewSyscallError("read", syscall.ECONNRESET)), "reset"},
		{history.Indeterminate, read(os.NewSyscallError("read", syscall.EHOSTUNREACH)), "no_route"},
		{history.Indeterminate, write(os.NewSyscallError("write", syscall.EPIPE)), "broken_pipe"},
		{history.Indeterminate, read(net.ErrClosed), "closed"},
		{history.Indeterminate, errors.New("redis: can't parse"), "broken"},
	}
	for _, test := range tests {
		if got := Kind(test.outcome, test.err); got != test.want {
			t.Errorf("%v, %v: got %q, want %q", test.outcome, test.err, got, test.want)
		}
	}
}

func TestErrorTally(t *testing.T) {
	var a, b Rows
	var sum, single Tally
	a.Add(history.Failed, ownError("pool_timeout"), 20)
	a.Add(history.Failed, ownError("pool_timeout"), 30)
	a.Add(history.Failed, ownError("pool_timeout"), 5000)
	b.Add(history.Failed, ownError("pool_timeout"), 10)
	b.Add(history.Indeterminate, io.EOF, 5)
	sum.Merge(a)
	sum.Merge(b)
	for _, ms := range []record.Millis{10, 20, 30, 5000} {
		single.Add(history.Failed, ownError("pool_timeout"), ms)
	}
	single.Add(history.Indeterminate, io.EOF, 5)
	for _, list := range [][]record.ErrorCount{sum.List(), single.List()} {
		if len(list) != 2 || list[0].Kind != "pool_timeout" || list[0].Count != 4 ||
			list[0].First != 10 || list[0].Last != 5000 || list[0].Outcome != "failed" ||
			list[1].Kind != "eof" || list[1].Outcome != "indeterminate" || list[1].Example != "EOF" {
			t.Errorf("got %+v", list)
		}
	}
}

// ownError is an error of a client library that names its kind.
type ownError string

func (e ownError) Error() string     { return "an error of the library" }
func (e ownError) ErrorKind() string { return string(e) }
