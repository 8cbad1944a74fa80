package record

// Occupied says that all clients of a workload were waiting for one and the same shard,
// from the event's time until Until, and so none was free to write to another: each
// was inside a call of the client library of which only that shard had not answered. The
// span begins when the last client entered, and ends when the first left.
//
// Spans of less than LeastOccupied are left out. Long ones are recorded in parts, each from
// the end of the one before it, so that a crash loses little.
type Occupied struct {
	Workload string `json:"workload"`
	Shard    int    `json:"shard"` // that all waited for
	Until    Millis `json:"until_ms"`
}

// LeastOccupied is the shortest span that is recorded, in milliseconds.
const LeastOccupied = 100

// Type implements Data.
func (*Occupied) Type() string { return "occupied" }
