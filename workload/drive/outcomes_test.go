package drive

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
		if got := ErrorKind(test.outcome, test.err); got != test.want {
			t.Errorf("%v, %v: got %q, want %q", test.outcome, test.err, got, test.want)
		}
	}
}

func TestErrorTally(t *testing.T) {
	var a, b errorRows
	var sum, single ErrorTally
	a.add(history.Failed, ownError("pool_timeout"), 20)
	a.add(history.Failed, ownError("pool_timeout"), 30)
	a.add(history.Failed, ownError("pool_timeout"), 5000)
	b.add(history.Failed, ownError("pool_timeout"), 10)
	b.add(history.Indeterminate, io.EOF, 5)
	sum.merge(a)
	sum.merge(b)
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

func TestShardTally(t *testing.T) {
	var a, b, sum shardTally
	if met, called := sum.result(2); called {
		t.Errorf("nothing was called, and %+v was met", met)
	}
	a.ended(call{client: 0, from: 10, over: 12, outcome: history.Acked})
	a.ended(call{client: 0, from: 12, over: 15, outcome: history.AckedInDoubt})
	a.ended(call{client: 0, from: 15, over: 16, outcome: history.Acked})
	b.ended(call{client: 1, from: 11, over: 511, outcome: history.Indeterminate})
	b.errors.add(history.Indeterminate, io.EOF, 511)
	for _, of := range []shardTally{a, b, {}} {
		sum.merge(of)
	}
	met, _ := sum.result(2)
	if met.Shard != 2 || met.Acked != 3 || *met.Stall != (record.Stall{Client: 1, From: 11, Until: 511, Outcome: "indeterminate"}) ||
		len(met.Errors) != 1 || met.Errors[0].First != 511 {
		t.Errorf("got %s, %+v", describe(met), met.Stall)
	}
	// An ack is an ack here, in doubt or not.
	if met, _ := a.result(0); *met.Stall != (record.Stall{From: 12, Until: 15, Outcome: "acked"}) {
		t.Errorf("got %+v", met.Stall)
	}
}

// ownError is an error of a client library that names its kind.
type ownError string

func (e ownError) Error() string     { return "an error of the library" }
func (e ownError) ErrorKind() string { return string(e) }

// An answer may get lost after the library has seen others of its pipeline: it sends
// all of them again. What was acked once and refused then may be applied.
func TestAckedThenRefused(t *testing.T) {
	w := Write{value: []byte("1.1")}
	w.Attempt()
	_, _ = w.MarshalBinary()
	w.Ended(&NodeAcks{}, nil, &AckedOnes{})
	w.Attempt()
	_, _ = w.MarshalBinary()
	w.Ended(&NodeAcks{}, errRefused{}, &AckedOnes{})
	if o, err := w.Outcome(errRefused{}); o != history.Indeterminate || err != (errRefused{}) {
		t.Errorf("got %v, %v", o, err)
	}
}

// errRefused is an error reply.
type errRefused struct{}

func (errRefused) Error() string { return "CLUSTERDOWN The cluster is down" }
func (errRefused) RedisError()   {}
