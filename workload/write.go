package workload

import (
	"context"
	"encoding"
	"errors"
	"net"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/workload/history"
)

// write is one value on its way to the cluster, and the last argument of the
// command that carries it. The cluster client tries a command several times
// (redirects, broken connections), and the error that it returns in the end is
// only that of the last attempt. A write therefore sees every attempt: whether
// its bytes were handed to a connection, because the client has to ask it for
// them then, and how it ended, through the [attempts] hook.
//
// A client reuses its writes for all of its values, so that tracking costs no
// allocation. Each is used by one goroutine at a time.
type write struct {
	value []byte
	// sent: the current attempt has handed the value to a connection.
	sent bool
	// doubt is the error of the first attempt that was sent and not answered.
	doubt error
	// doubts counts the attempts that were sent and not answered.
	doubts int
	// by is the node that acked the write.
	by *nodeAcks
	// wait is nil if the write need not be waited for on replicas.
	wait *wait
	// transaction: it goes in MULTI and EXEC.
	transaction bool
	// flight is this write among others of a client's turn; nil if it is the only one.
	flight *flight
}

var (
	_ encoding.BinaryMarshaler = (*write)(nil)
	_ redis.Hook               = attempts{}
)

// begin makes the write ready to carry another value.
func (w *write) begin(value []byte) {
	*w = write{value: value, wait: w.wait, transaction: w.transaction, flight: w.flight}
}

// MarshalBinary is called by the client as it serializes the command onto a
// connection, and at no other time.
func (w *write) MarshalBinary() ([]byte, error) {
	w.sent = true
	return w.value, nil
}

// attempt notes the begin of an attempt.
func (w *write) attempt() {
	if w.sent = false; w.wait != nil {
		w.wait.short = nil
	}
}

// ended notes the end of an attempt at a node, and the first ack among the answers.
func (w *write) ended(node *nodeAcks, err error, all *ackedOnes) {
	switch {
	case err == nil, errors.Is(err, redis.Nil): // nil is an answer, too
		if w.by == nil {
			all.add(w.flight)
		}
		w.by = node
	case w.sent && !isReply(err):
		if w.doubts++; w.doubt == nil {
			w.doubt = err
		}
	}
}

// outcome is what became of the write, given the client's final error, and the
// error that is to blame if it was not acked.
func (w *write) outcome(err error) (history.Outcome, error) {
	switch {
	case err == nil && w.wait != nil && w.wait.short != nil:
		return history.Indeterminate, w.wait.short
	case err == nil && w.doubt == nil:
		return history.Acked, nil
	case err == nil:
		return history.AckedInDoubt, nil
	case w.doubt != nil:
		return history.Indeterminate, w.doubt
	case w.by != nil:
		// The client library sends a whole pipeline again if one answer of it is
		// missing, and so what has been acked already.
		return history.Indeterminate, err
	default:
		return history.Failed, err
	}
}

// isReply tells a server's error reply from an error of the connection.
func isReply(err error) bool {
	var reply redis.Error
	return errors.As(err, &reply)
}

// attempts is the hook on the client of one node that tells writes of the
// attempts made there.
type attempts struct {
	node   *nodeAcks
	client *redis.Client // of that node
}

// DialHook changes nothing.
func (attempts) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		return next(ctx, network, addr)
	}
}

// ProcessHook observes commands sent alone. The handshake of a new connection
// passes here too, from within the command that needed the connection; it
// carries no write.
func (a attempts) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		w := writeOf(cmd)
		if w == nil {
			return next(ctx, cmd)
		}
		if w.wait != nil || w.transaction {
			return a.send(ctx, cmd) // comes by ProcessPipelineHook
		}
		w.attempt()
		err := next(ctx, cmd)
		var all ackedOnes
		w.ended(a.node, err, &all)
		all.enter()
		return err
	}
}

// ProcessPipelineHook observes commands sent after ASKING, before WAIT, or in a
// transaction.
func (a attempts) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		var waiting *wait
		var inTransaction bool
		for _, cmd := range cmds {
			if w := writeOf(cmd); w != nil {
				w.attempt()
				waiting, inTransaction = w.wait, w.transaction
			}
		}
		next := next
		if inTransaction {
			next = transact(next)
		}
		var err error
		if waiting != nil {
			err = waiting.follow(ctx, next, cmds)
		} else {
			err = next(ctx, cmds)
		}
		var all ackedOnes
		for _, cmd := range cmds {
			if w := writeOf(cmd); w != nil {
				w.ended(a.node, cmd.Err(), &all)
				if err != nil && cmd.Err() == nil {
					// ASKING itself was refused: the client will report an
					// error for a command that was answered.
					w.doubt = err
				}
			}
		}
		all.enter()
		return err
	}
}

// writeOf is the write that a command carries, or nil.
func writeOf(cmd redis.Cmder) *write {
	args := cmd.Args()
	w, _ := args[len(args)-1].(*write)
	return w
}
