package record

// Probe is an unbroken row of like answers from one node to its probe. The
// event's time is that of the first answer.
type Probe struct {
	Node   string `json:"node"`
	Shard  int    `json:"shard"`
	Answer string `json:"answer"`       // ack, moved, clusterdown, maxclients, …, refused, timeout
	To     string `json:"to,omitempty"` // where MOVED or ASK points
	Until  Millis `json:"until_ms"`     // time of the last answer
	Count  int64  `json:"count"`
	// Slowest is the longest that an answer of the row took, from its probe.
	Slowest Millis `json:"slowest_ms,omitempty"`
	// Continues: nothing lies between this row and the one before it of the node.
	// Long rows are recorded in parts, so that a crash loses little.
	Continues bool `json:"continues,omitempty"`
	// Open: the row goes on. Its next part tells how; until that comes, it goes on
	// until the last Probing.
	Open bool `json:"open,omitempty"`
}

// Probing says, once a second, that up to now the record has all that the nodes
// answered to probes: every row whose last part is open has gone on until now, and
// every other one has not.
type Probing struct{}

// Starved says that this program was not run for a while until now, because the
// machine was busy or stood still. What it measured meanwhile may be late.
type Starved struct {
	For Millis `json:"for_ms"`
}

// ProbeGap is the silence that ends a row of answers of a node, in
// milliseconds, or ten times the pace of probes if that is more.
const ProbeGap = 50

// Type implements Data.
func (*Probe) Type() string   { return "probe" }
func (*Probing) Type() string { return "probing" }
func (*Starved) Type() string { return "starved" }

// AnswerClass is the class of an answer to a probe.
func AnswerClass(answer string) string {
	switch answer {
	case "ack", "clusterdown", "loading":
		return answer
	case "moved", "ask":
		return "moved"
	case "refused", "reset", "unreachable", "timeout":
		return "silent"
	default:
		return "other"
	}
}

// ProbeAck is the answer of a node that took the probe's write.
const ProbeAck = "ack"
