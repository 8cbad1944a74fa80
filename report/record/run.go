package record

import "time"

// RunStarted opens the record: what is run, on what.
type RunStarted struct {
	ID       string            `json:"id"`
	Scenario string            `json:"scenario"`
	Started  time.Time         `json:"started"`
	Seed     int64             `json:"seed"`
	Runtime  string            `json:"runtime"`
	Engine   string            `json:"engine"` // "Docker 28.2.2, docker compose 2.32.4"
	Tool     string            `json:"tool"`   // this program's version
	Server   Server            `json:"server"`
	Masters  int               `json:"masters"`
	Replicas int               `json:"replicas"` // per master, the most
	Config   map[string]string `json:"config"`   // effective redis.conf directives
	Nodes    []Node            `json:"nodes"`
	Shards   []Shard           `json:"shards"`
}

// Server is the server under test.
type Server struct {
	Name    string `json:"name"` // "redis" or "valkey"
	Version string `json:"version"`
	Image   string `json:"image,omitempty"`
	// Asked is the image that the scenario asked for, where another one was used.
	Asked string `json:"asked,omitempty"`
	// Binary is the program that ran, where no image did.
	Binary string `json:"binary,omitempty"`
	// Built is the local binary that the image was built from, if it was.
	Built string `json:"built_from,omitempty"`
}

// Node is one redis-server of the cluster.
type Node struct {
	Name    string `json:"name"`
	ID      string `json:"id"`      // the 40 hex digits of CLUSTER MYID
	Address string `json:"address"` // as announced to the cluster
	Zone    string `json:"zone,omitempty"`
}

// Shard is a slot range and who served it when the run started.
type Shard struct {
	Shard    int      `json:"shard"`
	Slots    string   `json:"slots"` // "0-5460"
	Master   string   `json:"master"`
	Replicas []string `json:"replicas"`
}

// RunEnded closes the record.
type RunEnded struct {
	Interrupted bool `json:"interrupted,omitempty"`
	// Unhealed says which faults could not be undone, and how a person does it.
	Unhealed []string `json:"unhealed,omitempty"`
	// Error is why the run could not be carried out to its end.
	Error string `json:"error,omitempty"`
	// Events is how many there are before it, at least; 0 in records of before that was noted.
	Events int `json:"events,omitempty"`
}

// Incomplete says that events which were recorded are not there any more. It is in no
// record: who reads one adds it.
type Incomplete struct{ Missing int }

// Settled is the end of the wait for the cluster to be whole again.
type Settled struct {
	OK     bool   `json:"ok"`
	Waited Millis `json:"waited_ms"`
	Reason string `json:"reason,omitempty"` // what was still missing
}

// Steady is the end of the wait for the cluster to be steady before the first fault.
type Steady struct {
	OK     bool   `json:"ok"`
	Waited Millis `json:"waited_ms"` // since the begin of the run
	// Later is by how much the timeline is later for it.
	Later  Millis `json:"later_ms,omitempty"`
	Reason string `json:"reason,omitempty"` // what was still missing
}

// KeysRemoved is the end of removing the run's keys from a cluster that goes on after it.
type KeysRemoved struct {
	Removed int64 `json:"removed"`
	// Left is how many there were after that; nil if not all masters could be asked.
	Left *int64 `json:"left"`
	// Prefix is what they begin with, some after a brace.
	Prefix string `json:"prefix"`
	Error  string `json:"error,omitempty"`
}

// Note is something that a reader of the report should know.
type Note struct {
	Text string `json:"text"`
}

// Type implements Data.
func (*RunStarted) Type() string  { return "run_started" }
func (*RunEnded) Type() string    { return "run_ended" }
func (*KeysRemoved) Type() string { return "keys_removed" }
func (*Incomplete) Type() string  { return "incomplete" }
func (*Settled) Type() string     { return "settled" }
func (*Steady) Type() string      { return "steady" }
func (*Note) Type() string        { return "note" }
