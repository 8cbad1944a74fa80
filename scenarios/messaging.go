package scenarios

// Pubsub is what a workload of type pubsub publishes to, and who listens.
type Pubsub struct {
	// Sharded has it use SPUBLISH and SSUBSCRIBE, whose messages stay within the
	// shard of their channel; else every node passes them on to all others.
	Sharded bool `yaml:"sharded"`
	// Subscribers is how many subscribers there are, each to every channel.
	Subscribers int `yaml:"subscribers"`
}

// Stream is who reads the streams of a workload of type stream.
type Stream struct {
	// Groups is the number of consumer groups, each of which gets every entry.
	Groups int `yaml:"groups"`
	// Consumers is the number of consumers that share the entries of a group.
	Consumers int `yaml:"consumers"`
}

const (
	minSubscribers, maxSubscribers = 1, 1000
	maxGroups                      = 100
	minConsumers, maxConsumers     = 1, 1000
	// maxConnections is how many connections subscribers may take: go-redis needs
	// one for each sharded channel.
	maxConnections = 2000
	// maxGroupedStreams is how many streams may have groups: a consumer asks for
	// the entries of each in turn.
	maxGroupedStreams = 1000
	// fewKeys is how many channels, or streams with groups, there are by default.
	fewKeys = 10

	typePubsub, typeStream = "pubsub", "stream"
)

// DefaultPubsub is the options of a pubsub workload that gives none.
func DefaultPubsub() Pubsub { return Pubsub{Subscribers: 2} }

func defaultStream() Stream { return Stream{Consumers: 1} }

// hasGroups tells whether anybody consumes the workload's streams.
func (w *Workload) hasGroups() bool { return w.Stream != nil && w.Stream.Groups > 0 }

// complete sets what a workload's other settings decide, where it is not given.
func (w *Workload) complete(n *node) {
	if w.Type == typePubsub && w.Pubsub == nil {
		options := DefaultPubsub()
		w.Pubsub = &options
	}
	if (w.Type == typePubsub || w.hasGroups()) && n.field("keys") == nil {
		w.Keys = fewKeys
	}
}

// checkMessaging wants the options of a type on that type alone, and of what one
// machine can do.
func (d *decoder) checkMessaging(n *node, w Workload) {
	pubsub, stream := n.field("pubsub"), n.field("stream")
	if !d.sound(n.field("type")) {
		return
	}
	if pubsub != nil && w.Type != typePubsub {
		d.blame(pubsub, "options of type pubsub on a workload of type %s; leave the key out, or write type: pubsub", w.Type)
		return
	}
	if stream != nil && w.Type != typeStream {
		d.blame(stream, "options of type stream on a workload of type %s; leave the key out, or write type: stream", w.Type)
		return
	}
	if w.Pubsub != nil {
		checkRange(d, pubsub.field("subscribers"), w.Pubsub.Subscribers, minSubscribers, maxSubscribers, "")
		if need := w.Keys * w.Pubsub.Subscribers; w.Pubsub.Sharded && need > maxConnections && d.sound(n.field("keys")) && d.sound(pubsub) {
			d.blame(pubsub, "%d subscribers to %d sharded channels take %d connections, one each; write at most %d of keys × subscribers",
				w.Pubsub.Subscribers, w.Keys, need, maxConnections)
		}
	}
	if w.Stream != nil {
		checkRange(d, stream.field("groups"), w.Stream.Groups, 0, maxGroups, "")
		checkRange(d, stream.field("consumers"), w.Stream.Consumers, minConsumers, maxConsumers, "")
		switch keys := n.field("keys"); {
		case w.Stream.Groups == 0 && w.Stream.Consumers > 1 && d.sound(stream):
			d.blame(stream.field("consumers"), "%d consumers of no group; write groups: 1 beside it, or leave it out", w.Stream.Consumers)
		case w.hasGroups() && w.Keys > maxGroupedStreams && keys != nil && d.sound(keys):
			d.blame(keys, "%d streams with consumer groups; a consumer asks for the entries of each in turn, so write at most %d", w.Keys, maxGroupedStreams)
		}
	}
}

// isAsked tells whether a workload of a type that can judge something does.
func (j Trait) isAsked(w Workload) bool { return j != HasGroups || w.hasGroups() }

// with is what a workload must be given, beside its type, to be able to judge.
func (j Trait) with() string {
	if j == HasGroups {
		return " with stream: {groups: 1}"
	}
	return ""
}
