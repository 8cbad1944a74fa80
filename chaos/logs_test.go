package chaos

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestParseLog(t *testing.T) {
	const a, b = "0f5a1d3b6c7e8f900f5a1d3b6c7e8f900f5a1d3b", "1f5a1d3b6c7e8f900f5a1d3b6c7e8f900f5a1d3b"
	names := map[string]string{a: "redis-master-1", b: "redis-master-2"}
	prefix := "1:S 22 Nov 2026 11:48:02.509 * "
	for _, test := range []struct {
		text string
		want record.Log
	}{
		// Redis 7.0
		{"Marking node " + a + " as failing (quorum reached).", record.Log{Kind: record.LogMarkedFail, Subject: "redis-master-1"}},
		{"FAIL message received from " + b + " about " + a, record.Log{Kind: record.LogFailReceived, Subject: "redis-master-1"}},
		{"Start of election delayed for 971 milliseconds (rank #1, offset 42).", record.Log{Kind: record.LogElectionDelayed, Millis: 971, Rank: 1}},
		{"Starting a failover election for epoch 10.", record.Log{Kind: record.LogElectionStarted, Epoch: 10}},
		{"Failover auth granted to " + b + " for epoch 10", record.Log{Kind: record.LogVoteGranted, Subject: "redis-master-2", Epoch: 10}},
		{"Failover election won: I'm the new master.", record.Log{Kind: record.LogElectionWon}},
		{"Clear FAIL state for node " + a + ": replica is reachable again.", record.Log{Kind: record.LogFailCleared, Subject: "redis-master-1"}},
		{"Cluster state changed: fail", record.Log{Kind: record.LogStateChanged}},
		// Redis 7.2 and later, Valkey: names behind ids, other words for master
		{"Marking node " + a + " (redis-master-1) as failing (quorum reached).", record.Log{Kind: record.LogMarkedFail, Subject: "redis-master-1"}},
		{"FAIL message received from " + b + " (redis-master-2) about " + a + " (redis-master-1)", record.Log{Kind: record.LogFailReceived, Subject: "redis-master-1"}},
		{"Failover election won: I'm the new primary.", record.Log{Kind: record.LogElectionWon}},
	} {
		got, ok := parseLog(prefix+test.text, names)
		test.want.Text = test.text
		if !ok || got != test.want {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", test.text, got, ok, test.want)
		}
	}
	for _, text := range []string{"", "garbage \x00\xff", prefix + "Ready to accept connections"} {
		if got, ok := parseLog(text, names); ok {
			t.Errorf("%q is understood as %+v", text, got)
		}
	}
}

// A server logs in its local time, whatever that is; the line's milliseconds
// count all the same.
func TestLogTime(t *testing.T) {
	received := time.Date(2026, 11, 22, 11, 48, 2, 510_123_456, time.UTC)
	for text, want := range map[string]time.Time{
		"1:M 22 Nov 2026 11:48:02.509 * x": time.Date(2026, 11, 22, 11, 48, 2, 509_000_000, time.UTC),
		"1:M 22 Nov 2026 17:18:02.509 * x": time.Date(2026, 11, 22, 11, 48, 2, 509_000_000, time.UTC),
		"1:M 21 Nov 2026 23:48:02.509 # x": time.Date(2026, 11, 22, 11, 48, 2, 509_000_000, time.UTC),
		"no prefix":                        received,
	} {
		if got := logTime(compose.LogLine{Time: received, Text: text}); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
