package record

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEventsReadBack(t *testing.T) {
	var out bytes.Buffer
	r := New(NewClock(), &out)
	latency := Latency{P50: 1, Max: 9}
	for _, d := range []Data{
		&RunStarted{ID: "run-1", Started: time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC), Shards: []Shard{{Shard: 1, Slots: "0-5460"}}},
		&Fault{Kind: "kill", Phase: FaultEffective, Targets: []string{"a"}}, &NodeEvent{Node: "a", Action: "die", Exit: "137"},
		&Identity{Node: "a", ID: "f00", Address: "a:6379"},
		&NodeFlag{"a", "b", "pfail"}, &Role{"a", "replica", "b"}, &SlotOwner{"a", 2, "b", 7}, &ClusterState{"a", true},
		&Replication{"a", "b", true}, &Reachable{"a", true}, &Log{Node: "a", Kind: LogElectionWon, Text: "won"},
		&Probe{Node: "a", Answer: "moved", To: "1.2.3.4:6379", Until: 5, Count: 2}, &Acks{Workload: "w", Node: "a", Until: 6, Count: 3},
		&WorkloadDone{Name: "w", Acked: 5, Latency: &latency}, &Verified{Name: "w", LossWindow: &[2]Millis{1, 2}, LostByShard: map[int]int64{0: 4}},
		&Heard{Name: "w", Subscribers: []Subscriber{{Acked: 3, Received: 1, MissedConnected: 2, ConnectedWindow: &[2]Millis{1, 2}}}},
		&Consumed{Name: "w", Groups: []Group{{Group: "g", Delivered: 3, Undelivered: new(int64), LostWindow: &[2]Millis{1, 2}}}},
		&Locks{Name: "w", DoubleHolds: 1, ByShard: map[int]int64{2: 1}, GrantedBy: []DoubleGrant{{"a", "b", 1, 2.5}}},
		&Linearizability{Name: "w", Verdict: LinearizabilityViolated, Violation: &Violation{Key: "k", Nodes: []string{"a"}}},
		&Settled{OK: true}, &Note{Text: "<note> & more"}, &RunEnded{Interrupted: true},
	} {
		r.Add(d)
	}
	if err := r.Flush(); err != nil {
		t.Fatal(err)
	}
	got, err := Read(&out)
	if err != nil {
		t.Fatal(err)
	}
	want := r.Events()
	if len(got) != len(want) {
		t.Fatalf("%d events of %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("got  %+v\nwant %+v", got[i].Data, want[i].Data)
		}
	}
}

// Reading for an exact copy stops at damage; salvaging skips it, and says so.
func TestReadOfADamagedRecord(t *testing.T) {
	const good = `{"ms":1,"type":"note","data":{"text":"a"}}` + "\n"
	const future = `{"ms":2,"type":"of the future","data":{}}` + "\n"
	for name, test := range map[string]struct {
		text   string
		events int
		err    string   // of Read
		notes  []string // of Salvage's damage: how each begins
	}{
		"nothing":         {"", 0, "", nil},
		"whole":           {good + good, 2, "", nil},
		"half a line":     {good + good[:20], 1, "", []string{"The record ends in the middle of a line"}},
		"no last newline": {good + strings.TrimSuffix(good, "\n"), 2, "", nil},
		"unknown type":    {good + future + good, 2, "", nil},
		"text":            {good + "not json\n" + good, 2, "events, line 2: ", []string{"The record is damaged: 1 of its lines"}},
		"binary garbage":  {good + "\x00\xff{\x1b\n\n" + good, 2, "events, line 2: ", []string{"The record is damaged: 2 of its lines"}},
		"other JSON":      {"{}\n" + good, 1, "events, line 1: no event", []string{"The record is damaged: 1 of its lines"}},
		"other data":      {good + `{"ms":2,"type":"note","data":[]}` + "\n", 1, "events, line 2: note: ", []string{"The record is damaged: 1 of its lines"}},
		"both":            {"x\n" + good + "{", 1, "events, line 1: ", []string{"The record is damaged", "The record ends in the middle"}},
	} {
		t.Run(name, func(t *testing.T) {
			events, damage, err := Salvage(strings.NewReader(test.text))
			if err != nil || len(events) != test.events {
				t.Errorf("%d events, want %d; %v", len(events), test.events, err)
			}
			notes := damage.Notes()
			if !slices.EqualFunc(notes, test.notes, strings.HasPrefix) {
				t.Errorf("notes %q, want %q", notes, test.notes)
			}
			message := ""
			if _, err := Read(strings.NewReader(test.text)); err != nil {
				message = err.Error()
			}
			if !strings.HasPrefix(message, test.err) || (test.err == "") != (message == "") {
				t.Errorf("error %q, want %q", message, test.err)
			}
		})
	}
}

// What cannot be in an event makes its line a damaged one.
func TestEventsThatCannotBe(t *testing.T) {
	const verified = `{"ms":1,"type":"verified","data":{"name":"x","checked":9,"lost":3,"loss_window_ms":[1,2],"unacked_applied":0}}`
	for name, test := range map[string]struct{ from, to, err string }{
		"as it is":            {"", "", ""},
		"a count below 0":     {`"lost":3`, `"lost":-3`, "lost cannot be -3"},
		"a count of nothing":  {`"lost":3`, `"lost":null`, "lost is missing"},
		"no count":            {`"lost":3,`, "", "lost is missing"},
		"a count beyond all":  {`"lost":3`, `"lost":9223372036854775807`, "lost cannot be 9.2"},
		"a time below 0":      {"[1,2]", "[-1,2]", "loss_window_ms[0] cannot be -1"},
		"no window":           {"[1,2]", "null", ""},
		"an event below 0":    {`"ms":1`, `"ms":-1`, ""}, // a log line of before the run
		"an event beyond all": {`"ms":1`, `"ms":1e300`, "its time cannot be 1e+300"},
		"no data":             {`"data":{`, `"other":{`, "unexpected end of JSON input"},
		"a name of nothing":   {`"name":"x"`, `"name":null`, "name is missing"},
	} {
		_, damage, err := Salvage(strings.NewReader(strings.Replace(verified, test.from, test.to, 1) + "\n"))
		message := ""
		if damage.First != nil {
			message = damage.First.Error()
		}
		if err != nil || !strings.Contains(message, test.err) || (test.err == "") != (message == "") {
			t.Errorf("%s: %q, want %q; %v", name, message, test.err, err)
		}
	}
}

// The end of a run says how many events there were, and so it is told if some are missing.
func TestMissingEvents(t *testing.T) {
	var out strings.Builder
	r := New(NewClock(), &out)
	for range 5 {
		r.Add(&Note{Text: "x"})
	}
	r.Add(&RunEnded{})
	r.Add(&Note{Text: "after the end"})
	if err := r.Flush(); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(out.String(), "\n")
	for name, test := range map[string]struct {
		text    string
		missing int
	}{
		"all":            {strings.Join(lines, ""), 0},
		"twice":          {strings.Join(lines, "") + strings.Join(lines, ""), 0},
		"in other order": {strings.Join(lines[5:], "") + strings.Join(lines[:5], ""), 0},
		"three are gone": {strings.Join(lines[3:], ""), 2}, // and one is there that was not counted
		"one is damaged": {"x\n" + strings.Join(lines[1:6], ""), 1},
		"no end":         {strings.Join(lines[:2], ""), 0},
		"a future type":  {strings.Replace(strings.Join(lines[:6], ""), `"note"`, `"of the future"`, 1), 0},
	} {
		events, damage, err := Salvage(strings.NewReader(test.text))
		if err != nil || damage.Missing != test.missing {
			t.Errorf("%s: %d are missing, want %d; %v", name, damage.Missing, test.missing, err)
		}
		last, ok := events[len(events)-1].Data.(*Incomplete)
		if ok != (test.missing > 0) || ok && last.Missing != test.missing {
			t.Errorf("%s: the last event is %+v", name, events[len(events)-1].Data)
		}
		if _, err := Read(strings.NewReader(test.text)); (err != nil) != (test.missing > 0) {
			t.Errorf("%s: read: %v", name, err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

// The first failed write is told at the end; events in memory are all there.
func TestWriteErrorIsKept(t *testing.T) {
	r := New(NewClock(), full{})
	for range 2000 {
		r.Add(&Note{Text: strings.Repeat("x", 100)})
	}
	if err := r.Flush(); err == nil || !strings.Contains(err.Error(), "writing the record of events: no space") {
		t.Errorf("%v", err)
	}
	if len(r.Events()) != 2000 {
		t.Errorf("%d events", len(r.Events()))
	}
}

// A line that no event can be is left out without being kept in memory.
func TestReadingALineWithoutEnd(t *testing.T) {
	note := `{"ms":1,"type":"note","data":{"text":"x"}}` + "\n"
	long := strings.Repeat(" ", maxLine+1)
	for name, test := range map[string]struct {
		text   string
		events int
		damage Damage
	}{
		"in the middle": {note + long + "\n" + note, 2, Damage{Lines: 1}},
		"at the end":    {note + long, 1, Damage{CutShort: true}},
		"just in time":  {note + long[:maxLine-len(note)] + note, 2, Damage{}},
	} {
		events, damage, err := Salvage(strings.NewReader(test.text))
		if damage.Lines == 1 && damage.First.Error() != "events, line 2: longer than 16 MiB" {
			t.Errorf("%s: %v", name, damage.First)
		}
		damage.First = nil
		if err != nil || len(events) != test.events || damage != test.damage {
			t.Errorf("%s: %d events, %+v, %v; want %d, %+v", name, len(events), damage, err, test.events, test.damage)
		}
	}
}
