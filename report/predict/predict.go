// Package predict says what the configuration lets a failover take.
package predict

import (
	"github.com/redis-chaos/redis-chaos/compose/version"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// Majority is how many masters must agree.
func Majority(masters int) int { return masters/2 + 1 }

// RetryAfter is how long after an election was due a replica stands again, in ms.
func RetryAfter(timeout record.Millis) record.Millis {
	return max((4 * timeout), 4000)
}

// What a server does at fixed times, in ms (cluster.c of Redis 6.2 to 8, and
// cluster_legacy.c of Valkey).
const (
	// Cron is how often a node looks after its peers (clusterCron).
	Cron = 100
	// electionDelay is the fixed part of the delay of an election, and the most of its
	// random part. Twice that is added for every replica that has more of the data, and
	// from Valkey 8.1 on once for every other failed master whose replicas go first
	// (https://github.com/valkey-io/valkey/pull/1018). See delayUnit.
	electionDelay = 500
	// Votes is a generous time for all masters to answer a request for votes.
	Votes = 100
	// Open is how long after an election, beside two intervals of probes, a probe
	// finds the shard open.
	Open = 5
)

// Predictor tells what the configuration lets a failover take that nobody planned, of a shard
// whose replica has all of the data while no other master fails.
type Predictor struct {
	Server    record.Server
	Timeout   record.Millis // cluster-node-timeout
	ProbePace record.Millis // between two probes of a node
}

// MarkedFailed is the least and the most after which a master that does not answer is marked as
// failed, in ms: the last master suspects it by then, and tells of it with its next ping, which
// leaves after half the timeout at the latest.
func (p Predictor) MarkedFailed() [2]record.Millis {
	return [2]record.Millis{p.Timeout, LongestSuspicion(p.Timeout) + p.Timeout/2 + Cron}
}

// ElectedAfter is the least and the most from there to the new master's first write, in ms.
func (p Predictor) ElectedAfter() [2]record.Millis {
	var sum [2]record.Millis
	for _, phase := range [][2]record.Millis{p.ElectionDelay(0, 0), p.Votes(), p.Opening()} {
		sum[0] += phase[0]
		sum[1] += phase[1]
	}
	return sum
}

// Suspicion is by the silence that has a node suspected.
func (p Predictor) Suspicion() [2]record.Millis {
	return [2]record.Millis{p.Timeout, LongestSuspicion(p.Timeout)}
}

// Agreement is bounded by the last master to suspect, which may be that much later than the
// first, and tells of it with its next ping.
func (p Predictor) Agreement() [2]record.Millis { return [2]record.Millis{0, p.Timeout + 3*Cron} }

// ElectionDelay is by the replica's rank, and by that of its shard among those that failed.
func (p Predictor) ElectionDelay(rank, primaryRank int) [2]record.Millis {
	unit := p.delayUnit()
	wait := record.Millis(float64(rank)*2*float64(unit)) + record.Millis(float64(primaryRank)*float64(unit))
	least, most := unit+wait, 2*unit+wait+2*Cron
	if p.valkeyFrom("9.1") {
		// A replica that knows itself to be ranked best does not wait
		// (https://github.com/valkey-io/valkey/pull/2227).
		least = wait
	}
	return [2]record.Millis{least, most}
}

// Votes is by the time that masters take to answer.
func (p Predictor) Votes() [2]record.Millis { return [2]record.Millis{0, Votes} }

// Opening is by the probes, of which the next finds the shard open.
func (p Predictor) Opening() [2]record.Millis { return [2]record.Millis{0, Open + 2*p.ProbePace} }

// LongestSuspicion is the longest that a node may be silent before it is suspected, in
// ms, by cluster-node-timeout: a ping leaves when the last pong is half the timeout old,
// and is given the whole timeout; both are looked at by cron.
func LongestSuspicion(timeout record.Millis) record.Millis { return 1.5*timeout + 2*Cron }

// delayUnit is what the delay of an election is made of, in ms: from Valkey 9.0 on a
// thirtieth of cluster-node-timeout where that is less
// (https://github.com/valkey-io/valkey/pull/2449).
func (p Predictor) delayUnit() record.Millis {
	if p.valkeyFrom("9.0") {
		return min(electionDelay, p.Timeout/30)
	}
	return electionDelay
}

// valkeyFrom tells whether the server is Valkey of a version or a later one.
func (p Predictor) valkeyFrom(first string) bool {
	return p.Server.Name == "valkey" && !version.Older(p.Server.Version, first)
}
