package record

// Heard is what the subscribers of a workload received of the messages that it
// published, judged once the cluster had settled. A classic PUBLISH goes to any node:
// its Acks and ClientShards name the shard after the last, which is not there.
type Heard struct {
	Name        string       `json:"name"`
	Sharded     bool         `json:"sharded"`
	Channels    int          `json:"channels"`
	Subscribers []Subscriber `json:"subscribers"`
}

// Subscriber is what one subscriber received.
type Subscriber struct {
	Subscriber int `json:"subscriber"` // numbered from 0
	// Acked is how many messages PUBLISH was answered for. Each was received or
	// missed: Acked = Received + MissedConnected + MissedDisconnected.
	Acked    int64 `json:"acked"`
	Received int64 `json:"received"`
	// MissedConnected were sent and answered while the subscriber held a confirmed
	// subscription to their channel, as far as it knew; MissedDisconnected were not.
	MissedConnected    int64 `json:"missed_connected"`
	MissedDisconnected int64 `json:"missed_disconnected"`
	// The times at which the first and the last missed message was acked, of those
	// missed while connected and of all; nil where none was.
	ConnectedWindow *[2]Millis `json:"missed_connected_window_ms"`
	MissedWindow    *[2]Millis `json:"missed_window_ms"`
	// Duplicated counts how often messages were received beyond once each.
	Duplicated int64 `json:"duplicated"`
	// UnackedReceived counts received messages whose PUBLISH was not answered.
	UnackedReceived int64 `json:"unacked_received"`
	// Foreign counts received messages that the workload never published.
	Foreign int64 `json:"foreign,omitempty"`
	// Deaf is the longest time on one channel from a message received to the next
	// one in which an acked message was missed; nil where none was.
	Deaf *Millis `json:"deaf_ms"`
	// Breaks counts connections with subscriptions that ended.
	Breaks int64 `json:"breaks"`
	// Unsubscribed counts channels that a server took the subscriber off, and
	// Refused the subscriptions that it refused. After either, go-redis keeps the
	// connection and does not subscribe again.
	Unsubscribed int64 `json:"unsubscribed"`
	Refused      int64 `json:"refused"`
	// Off is the longest time for which it held no subscription to one channel.
	Off Millis `json:"off_ms"`
	// OffAtEnd counts channels that it held no subscription to in the end.
	OffAtEnd int          `json:"off_at_end"`
	Errors   []ErrorCount `json:"errors,omitempty"`
}

// Consumed is what the consumer groups of a workload got of its streams, judged
// once the cluster had settled and the groups had read all that there was.
type Consumed struct {
	Name   string  `json:"name"`
	Groups []Group `json:"groups"`
}

// Group is one consumer group, over all streams.
type Group struct {
	Group string `json:"group"`
	// Delivered counts entries that were delivered at least once, and Acked those
	// of which a consumer's XACK was answered.
	Delivered int64 `json:"delivered"`
	Acked     int64 `json:"acked"`
	// RedeliveredAfterAck counts deliveries of entries whose XACK had been answered,
	// and RedeliveredUnacked all others but the first of each entry.
	RedeliveredAfterAck int64 `json:"redelivered_after_ack"`
	RedeliveredUnacked  int64 `json:"redelivered_unacked"`
	// RedeliveredWindow is when the first and the last of these were made.
	RedeliveredWindow *[2]Millis `json:"redelivered_window_ms"`
	// Undelivered counts entries that are in the streams in the end and were never
	// delivered; nil if the streams could not all be read.
	Undelivered *int64 `json:"undelivered"`
	// Pending is XPENDING's count in the end; nil if not every stream's was told.
	Pending *int64 `json:"pending"`
	// Lost counts streams that were found without the group (NOGROUP), at the times
	// in LostWindow first and last. The group was made again, from the beginning.
	Lost       int64      `json:"groups_lost"`
	LostWindow *[2]Millis `json:"groups_lost_window_ms"`
	// Foreign counts delivered entries that the workload never wrote.
	Foreign int64 `json:"foreign,omitempty"`
	// Error is why a figure is nil, or why not all was read.
	Error  string       `json:"error,omitempty"`
	Errors []ErrorCount `json:"errors,omitempty"`
}

// Type implements Data.
func (*Heard) Type() string    { return "heard" }
func (*Consumed) Type() string { return "consumed" }
