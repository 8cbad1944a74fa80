package drive

import (
	"cmp"
	"encoding"

	"github.com/redis-chaos/redis-chaos/workload/drive/books"
	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Write is one value on its way to the cluster, and the last argument of the
// command that carries it. The cluster client tries a command several times
// (redirects, broken connections), and the error that it returns in the end is
// only that of the last attempt. A write therefore sees every attempt: whether
// its bytes were handed to a connection, because the client has to ask it for
// them then, and how it ended, which the adapter of the client library tells it.
//
// A client reuses its writes for all of its values, so that tracking costs no
// allocation. Each is used by one goroutine at a time.
type Write struct {
	value []byte
	// sent: the current attempt has handed the value to a connection.
	sent bool
	// doubt is the error of the first attempt that was sent and not answered.
	doubt error
	// doubts counts the attempts that were sent and not answered.
	doubts int
	// By is the node that acked the write.
	By *books.NodeAcks
	// Wait is nil if the write need not be waited for on replicas.
	Wait *Wait
	// Transaction: it goes in MULTI and EXEC, each attempt.
	Transaction bool
	// turn is the client's, and shard where this write of it goes; nil if it is the only one.
	turn  *books.Unanswered
	shard int
}

var _ encoding.BinaryMarshaler = (*Write)(nil)

// Begin makes the write ready to carry another value.
func (w *Write) Begin(value []byte) {
	*w = Write{value: value, Wait: w.Wait, Transaction: w.Transaction, turn: w.turn}
}

// MarshalBinary is called by the client as it serializes the command onto a
// connection, and at no other time.
func (w *Write) MarshalBinary() ([]byte, error) {
	w.sent = true
	return w.value, nil
}

// Text is the value. Asking for it hands nothing to a connection.
func (w *Write) Text() []byte { return w.value }

// String is the value. A client library asks for it where a write stands for the key of a
// read.
func (w *Write) String() string { return string(w.value) }

// Doubted notes that nobody knows what came of an attempt, whatever was answered to it.
func (w *Write) Doubted(err error) { w.doubt = cmp.Or(w.doubt, err) }

// Attempt notes the begin of an attempt.
func (w *Write) Attempt() {
	if w.sent = false; w.Wait != nil {
		w.Wait.short = nil
	}
}

// Ended notes the end of an attempt at a node, and the first ack among the answers.
func (w *Write) Ended(node *books.NodeAcks, err error, all *books.AckedOnes) {
	switch {
	case err == nil:
		if w.By == nil {
			all.Add(w.turn, w.shard)
		}
		w.By = node
	case w.sent && !failure.IsReply(err):
		if w.doubts++; w.doubt == nil {
			w.doubt = err
		}
	}
}

// Outcome is what became of the write, given the client's final error, and the
// error that is to blame if it was not acked.
func (w *Write) Outcome(err error) (history.Outcome, error) {
	switch {
	case err == nil && w.Wait != nil && w.Wait.short != nil:
		return history.Indeterminate, w.Wait.short
	case err == nil && w.doubt == nil:
		return history.Acked, nil
	case err == nil:
		return history.AckedInDoubt, nil
	case w.doubt != nil:
		return history.Indeterminate, w.doubt
	case w.By != nil:
		// The client library sends a whole pipeline again if one answer of it is
		// missing, and so what has been acked already.
		return history.Indeterminate, err
	default:
		return history.Failed, err
	}
}
