package observed

import (
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Suspected is when a node was first flagged after a moment, by one that no fault kept from
// the others, nor had until it was asked.
func (facts *Facts) Suspected(subject string, from record.Millis) (record.Millis, bool) {
	for _, e := range facts.Events {
		n, ok := e.Data.(*record.NodeFlag)
		if !ok || e.At < from || n.Subject != subject || n.Flag != "pfail" && n.Flag != "fail" {
			continue
		}
		_, away := facts.FaultOn(n.Observer, e.At)
		_, wasAway := facts.FaultOn(n.Observer, e.At-2*SeenLate)
		if !away && !wasAway {
			return e.At, true
		}
	}
	return 0, false
}

// Flagged matches a node's flagging of another one.
func Flagged(subject string, flags ...string) func(record.Data) bool {
	return func(d record.Data) bool {
		n, ok := d.(*record.NodeFlag)
		return ok && n.Subject == subject && slices.Contains(flags, n.Flag)
	}
}

// MarkedFailed matches a node's being marked as failed, by a log or by another's flag.
func MarkedFailed(subject string) func(record.Data) bool {
	return func(d record.Data) bool { return SaysFailed(subject, d) || Flagged(subject, "fail")(d) }
}

// SaysFailed tells whether an event is a log line that says that a node failed.
func SaysFailed(subject string, d record.Data) bool {
	l, ok := d.(*record.Log)
	return ok && l.Subject == subject && (l.Kind == record.LogMarkedFail || l.Kind == record.LogFailReceived)
}
