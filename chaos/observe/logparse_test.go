package observe

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

var update = flag.Bool("update", false, "write anew what is understood of the recorded logs")

// testdata/logs/<server>-<version> holds lines that the nodes of a cluster
// logged, in nodes.txt who these were, and in understood.txt what the lines are
// understood to say. Go test with -update writes the latter.
func TestRecordedLogs(t *testing.T) {
	folders, err := filepath.Glob("testdata/logs/*-*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no recorded logs: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			nodes := readNodes(t, filepath.Join(folder, "nodes.txt"))
			p := newLogParser(newIdentities(nodes))
			var got strings.Builder
			for _, n := range nodes {
				text, err := os.ReadFile(filepath.Join(folder, n.Name+".log"))
				if errors.Is(err, os.ErrNotExist) {
					continue // it had nothing new to say
				}
				if err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(string(text)) {
					line = strings.TrimSuffix(line, "\n")
					e, _, ok := p.parse(compose.LogLine{Text: line})
					if !ok {
						parts, _ := splitLine(line)
						e.Text = parts.message
					}
					fmt.Fprintf(&got, "%s: %s\n    %s\n", n.Name, understood(e), e.Text)
				}
			}
			golden := filepath.Join(folder, "understood.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			gotLines, wantLines := strings.Split(got.String(), "\n"), strings.Split(string(want), "\n")
			for i := range max(len(gotLines), len(wantLines)) {
				if i >= len(gotLines) || i >= len(wantLines) || gotLines[i] != wantLines[i] {
					t.Fatalf("differs from %s in line %d; if that is right, run go test ./chaos/observe -run RecordedLogs -update\n%s",
						golden, i+1, strings.Join(gotLines[max(0, i-1):min(len(gotLines), i+2)], "\n"))
				}
			}
		})
	}
}

// readNodes reads lines of name, id and address.
func readNodes(t *testing.T, file string) (nodes []compose.Node) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		nodes = append(nodes, compose.Node{Name: f[0], ID: f[1], Addr: f[2]})
	}
	return nodes
}

// understood is all of an event but its text.
func understood(e record.Log) string {
	if e.Kind == "" {
		return "-"
	}
	parts := []string{string(e.Kind)}
	for _, field := range []struct {
		name  string
		value any
		none  any
	}{
		{"subject", e.Subject, ""}, {"epoch", e.Epoch, int64(0)}, {"millis", e.Millis, int64(0)},
		{"rank", e.Rank, 0}, {"offset", e.Offset, int64(0)}, {"reason", e.Reason, ""},
	} {
		if field.value != field.none {
			parts = append(parts, fmt.Sprintf("%s=%v", field.name, field.value))
		}
	}
	return strings.Join(parts, " ")
}

const (
	idA = "0f5a1d3b6c7e8f900f5a1d3b6c7e8f900f5a1d3b"
	idB = "1f5a1d3b6c7e8f900f5a1d3b6c7e8f900f5a1d3b"
	idX = "ffffffffffffffffffffffffffffffffffffffff" // of another cluster
)

func twoNodes() []compose.Node {
	return []compose.Node{
		{Name: "redis-master-1", ID: idA, Addr: "172.30.2.11:6379", ClientAddr: "172.30.1.11:6379"},
		{Name: "redis-replica-1", ID: idB, Addr: "172.30.2.14:6379", ClientAddr: "172.30.1.14:6379"},
	}
}

// Wordings that are not in the recorded logs of the version that has them, as
// its source has them.
func TestParseLog(t *testing.T) {
	p := newLogParser(newIdentities(twoNodes()))
	for _, test := range []struct{ version, text, want string }{
		{"Redis 6.2 to 7.0", "Clear FAIL state for node " + idA + ": is reachable again and nobody is serving its slots after some time.",
			"fail_cleared subject=redis-master-1 reason=is reachable again and nobody is serving its slots after some time"},
		{"all", "FAIL message received from " + idX + " about " + idX, "fail_received"},
		{"Redis 6.2 to 7.0", "Start of election delayed for 971 milliseconds (rank #1, offset 42).", "election_delayed millis=971 rank=1 offset=42"},
		{"Valkey 8.1", "Start of election delayed for 1471 milliseconds (rank #0, primary rank #2, offset 42).", "election_delayed millis=1471 offset=42 reason=primary rank #2"},
		{"Redis 6.2", "Replica rank updated to #2, added 1000 milliseconds of delay.", "election_postpone millis=1000 rank=2"},
		{"Redis 6.2", "Replica rank updated to #0, added -1000 milliseconds of delay.", "election_postpone millis=-1000"},
		{"Valkey 8.1", "Failed primary rank updated to #1, added 500 milliseconds of delay.", "election_postpone millis=500 reason=Failed primary rank updated to #1"},
		{"Valkey 9.1", "Myself become the best ranked replica, initiate the election immediately.", "election_delayed reason=Myself become the best ranked replica, initiate the election immediately"},
		{"Valkey 9.1", "Failover election in progress for epoch 9, but received a claim from node " + idA + " (redis-master-1) with an equal or higher epoch 10. Resetting the election since we cannot win an election in the past.",
			"election_expired epoch=9 reason=received a claim from node " + idA + " (redis-master-1) with an equal or higher epoch 10. Resetting the election since we cannot win an election in the past"},
		{"Valkey 9.1", "Failover election in progress for epoch 9, but received a new manual failover. Resetting the election.",
			"election_expired epoch=9 reason=received a new manual failover. Resetting the election"},
		{"Redis 6.2 to 7.0", "Failover auth denied to " + idB + ": already voted for epoch 7", "vote_refused subject=redis-replica-1 epoch=7 reason=already voted for epoch 7"},
		{"Redis 6.2 to 7.0", "Failover auth denied to " + idB + ": reqEpoch (6) < curEpoch(7)", "vote_refused subject=redis-replica-1 epoch=6 reason=reqEpoch (6) < curEpoch(7)"},
		{"Redis 7.2 to 8", "Failover auth denied to " + idB + " redis-replica-1: can't vote about this master before 3120 milliseconds",
			"vote_refused subject=redis-replica-1 reason=can't vote about this master before 3120 milliseconds"},
		{"Valkey 8.0", "Failover auth denied to " + idB + " (redis-replica-1) for epoch 7: I don't know its primary", "vote_refused subject=redis-replica-1 epoch=7 reason=I don't know its primary"},
		{"Valkey 8.1", "Failover auth denied to " + idB + " (redis-replica-1): slot 3 epoch (9) > reqConfigEpoch (2)", "vote_refused subject=redis-replica-1 reason=slot 3 epoch (9) > reqConfigEpoch (2)"},
		{"Valkey 9.1", "Failover auth denied to " + idB + " (redis-replica-1): it is not safe to vote in this moment)", "vote_refused subject=redis-replica-1 reason=it is not safe to vote in this moment"},
		{"all", "Currently unable to failover: Failover attempt expired.", "election_expired reason=Failover attempt expired"},
		{"all", "Currently unable to failover: Waiting for votes, but majority still not reached.", "election_blocked reason=Waiting for votes, but majority still not reached"},
		{"all", "Manual failover timed out.", "manual_failover reason=Manual failover timed out"},
		{"Redis 6.2 to 8", "Taking over the master (user request).", "manual_failover reason=Taking over the master"},
		{"Valkey 8.0", "Taking over the primary (user request from 'id=9 addr=172.30.1.1:4 user=default').", "manual_failover reason=Taking over the primary"},
		{"Valkey 9.1", "Forced failover primary request accepted (primary request from '" + idA + "').", "manual_failover reason=Forced failover primary request accepted"},
		{"Valkey 9.1", "Unable to find a replica to perform the auto failover on shutdown.", "manual_failover reason=Unable to find a replica to perform the auto failover on shutdown"},
		{"Redis 7.0 to 8", "Partial resynchronization not accepted: Requested offset for second ID was 42, but I can reply up to 41",
			"sync_refused reason=Requested offset for second ID was 42, but I can reply up to 41"},
		{"Redis 6.2 to 8", "Unable to partial resync with replica 172.30.2.14:6379 for lack of backlog (Replica request was: 42).",
			"sync_refused subject=redis-replica-1 offset=42 reason=for lack of backlog (Replica request was: 42)"},
		{"Valkey 9.1", "Unable to partial resync with replica 172.30.2.14:6379 for lack of backlog (Replica request was " + idX + ":42, and I can only reply with the range [50, 60]).",
			"sync_refused subject=redis-replica-1 offset=42 reason=for lack of backlog (Replica request was " + idX + ":42, and I can only reply with the range [50, 60])"},
		{"Valkey 9.1", "Unable to partial resync with replica 172.30.2.14:6379 for lack of backlog (Replica request was: " + idX + ":42).",
			"sync_refused subject=redis-replica-1 offset=42 reason=for lack of backlog (Replica request was: " + idX + ":42)"},
		{"Redis 6.2 to 8", "Warning: replica 172.30.2.14:6379 tried to PSYNC with an offset that is greater than the master replication offset.",
			"sync_refused subject=redis-replica-1 reason=tried to PSYNC with an offset that is greater than the master replication offset"},
		{"all", "Replica 172.30.2.14:6379 asks for synchronization but with a wrong offset", "sync_refused subject=redis-replica-1 reason=asks for synchronization but with a wrong offset"},
		{"Redis 6.2 to 8", "Master is currently unable to PSYNC but should be in the future: -LOADING Redis is loading the dataset in memory",
			"sync_refused reason=Master is currently unable to PSYNC but should be in the future"},
		{"Valkey 8.1", "Dual channel replication: PSYNC is not possible, initialize RDB channel.", "sync_refused reason=PSYNC is not possible, initialize RDB channel"},
		{"Valkey 8.1", "Dual channel replication: PRIMARY <-> REPLICA sync: Primary accepted a Partial Resynchronization, RDB load in background.", "replica_up"},
		{"Redis 8.0", "Full resync requested by replica 172.30.2.14:6379 (rdb-channel)", "full_sync subject=redis-replica-1"},
		{"Redis 8.0", "Connection with replica (rdbchannel) 172.30.2.14:6379 lost.", "connection_lost subject=redis-replica-1"},
		{"all", "Connection with replica client id #8 lost.", "connection_lost"},
		{"Redis 7.0", "Client id=7 addr=172.30.2.14:41202 laddr=172.30.2.11:6379 fd=12 name= age=3 idle=0 flags=S db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=1024 rbp=0 obl=0 oll=70 omem=1436400 tot-mem=1437400 events=rw cmd=psync user=default redir=-1 resp=2 scheduled to be closed ASAP for overcoming of output buffer limits.",
			"output_buffer_limit subject=redis-replica-1 reason=overcoming of output buffer limits"},
		{"Valkey 8.1", "Client id=7 addr=172.30.1.14:41202 laddr=172.30.1.11:6379 fd=12 name=*redacted* age=3 idle=0 flags=Sr db=0 sub=0 cmd=replconf user=*redacted* redir=-1 resp=2 lib-name= lib-ver= tot-net-in=0 tot-net-out=0 tot-cmds=0 closed for overcoming of output buffer limits.",
			"output_buffer_limit subject=redis-replica-1 reason=overcoming of output buffer limits"},
		{"all", "Client id=7 addr=192.0.2.1:41202 flags=S db=0 closed for overcoming of output buffer limits.", "output_buffer_limit reason=overcoming of output buffer limits"},
		{"all", "Client id=8 addr=172.30.2.14:41203 name=S flags=P db=0 scheduled to be closed ASAP for overcoming of output buffer limits.", "-"},
		{"all", "Client ", "-"},
		{"Redis 6.2 to 8", "MASTER <-> REPLICA sync: Flushing old data", "flushed_old_data reason=MASTER <-> REPLICA sync: Flushing old data"},
		{"Valkey 8.0", "PRIMARY <-> REPLICA sync: Flushing old data", "flushed_old_data reason=PRIMARY <-> REPLICA sync: Flushing old data"},
		{"Redis 7.0 to 8", "MASTER <-> REPLICA sync: Discarding old DB in background", "flushed_old_data reason=MASTER <-> REPLICA sync: Discarding old DB in background"},
		{"all", "Disconnecting timedout replica (streaming sync): 172.30.2.14:6379", "connection_lost subject=redis-replica-1 reason=Disconnecting timedout replica"},
		{"Redis 6.2 to 8", "MASTER timeout: no data nor PING received...", "connection_lost reason=MASTER timeout: no data nor PING received"},
		{"Valkey 8.0", "Timeout receiving bulk data from PRIMARY... If the problem persists try to set the 'repl-timeout' parameter in valkey.conf to a larger value.",
			"connection_lost reason=Timeout receiving bulk data from PRIMARY"},
		{"Redis 6.2 to 8", "I/O error trying to sync with MASTER: connection lost", "connection_lost reason=connection lost"},
		{"Redis 7.2 to 8", "I'm a sub-replica! Reconfiguring myself as a replica of grandmaster " + idA + " (redis-master-1)", "reconfigured subject=redis-master-1"},
		{"Valkey 8.0", "I'm a sub-replica! Reconfiguring myself as a replica of " + idA + " from " + idB, "reconfigured subject=redis-master-1"},
		{"Redis 6.2 to 8", "Migrating to orphaned master " + idA, "reconfigured subject=redis-master-1"},
		{"Valkey 8.0", "Lost my last slot during slot migration. Reconfiguring myself as a replica of " + idA + " (redis-master-1) in shard " + idX, "reconfigured subject=redis-master-1"},
		{"Redis 6.2", "DB loaded from append only file: 12.346 seconds", "loading millis=12346 reason=DB loaded from append only file"},
		{"Redis 7.0 to 8", "DB loaded from base file appendonly.aof.1.base.rdb: 0.250 seconds", "loading millis=250 reason=DB loaded from base file"},
		{"all", "DB loaded from disk: 1.000 seconds", "loading millis=1000 reason=DB loaded from disk"},
		{"all", "Writing initial AOF, can't exit.", "shutdown reason=Writing initial AOF, can't exit"},
		{"all", "The server is now ready to accept connections at /run/redis.sock", "ready"},
		{"Redis 6.2 to 8", "Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for fsync to complete, this may slow down Redis.",
			"slow reason=Asynchronous AOF fsync is taking too long"},
		{"all", "Can't save in background: fork: Cannot allocate memory", "slow reason=Can't save in background: fork: Cannot allocate memory"},
		{"all", "Error writing to the AOF file: No space left on device", "slow reason=Error writing to the AOF file: No space left on device"},
		{"Redis 6.2", "Write error saving DB on disk: No space left on device", "slow reason=Write error saving DB on disk: No space left on device"},
		{"Redis 7.0", "Write error saving DB on disk(fwrite): No space left on device", "slow reason=Write error saving DB on disk(fwrite): No space left on device"},
		{"Redis 7.0 to 8", "Failed opening the temp RDB file temp-12.rdb (in server root dir /data) for saving: Permission denied",
			"slow reason=Failed opening the temp RDB file temp-12.rdb (in server root dir /data) for saving: Permission denied"},
		{"all", "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...", "slow reason=Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting"},
		{"Redis 6.2", "WARNING Memory overcommit must be enabled! Without it, a background save or replication may fail under low memory condition.",
			"slow reason=Memory overcommit must be enabled"},
		{"Redis 7.0 to 8", "WARNING You have Transparent Huge Pages (THP) support enabled in your kernel. This will create latency and memory usage issues with Redis.",
			"slow reason=You have Transparent Huge Pages (THP) support enabled in your kernel"},
		{"all", "WARNING: 32 bit instance detected but no memory limit set.", "-"},
		{"all", "Node configuration loaded, I'm " + idA, "-"},
		{"all", "Background saving started by pid 12", "-"},
	} {
		e, _, _ := p.parse(compose.LogLine{Text: "1:S 22 Nov 2026 11:48:02.509 * " + test.text})
		if got := understood(e); got != test.want {
			t.Errorf("%s: %s\n got %s\nwant %s", test.version, test.text, got, test.want)
		}
	}
}

// Where several nodes share an address, as on one machine, it does not tell which of
// them it is.
func TestAReplicaThatCannotBeTold(t *testing.T) {
	p := newLogParser(newIdentities([]compose.Node{
		{Name: "redis-master-1", ID: idA, Addr: "127.0.0.1:17000", ClientAddr: "127.0.0.1:17000"},
		{Name: "redis-replica-1", ID: idB, Addr: "127.0.0.1:17001", ClientAddr: "127.0.0.1:17001"},
	}))
	e, _, _ := p.parse(compose.LogLine{Text: "1:M 22 Nov 2026 11:48:02.509 # Client id=7 addr=127.0.0.1:41202 flags=S db=0 closed for overcoming of output buffer limits."})
	if got, want := understood(e), "output_buffer_limit reason=overcoming of output buffer limits"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Lines can also come from a signal handler, from a crash, or be of another form.
func TestParseOtherLines(t *testing.T) {
	p := newLogParser(newIdentities(twoNodes()))
	for text, want := range map[string]string{
		"12:signal-handler (1795345441) Received SIGTERM scheduling shutdown...":                                                                           "shutdown reason=Received SIGTERM",
		"=== REDIS BUG REPORT START: Cut & paste starting from here ===":                                                                                   "crash",
		"=== VALKEY BUG REPORT START: Cut & paste starting from here ===":                                                                                  "crash",
		"=== REDIS BUG REPORT END. Make sure to include from START to END. ===":                                                                            "-",
		"--- WATCHDOG TIMER EXPIRED ---":                                                                                                                   "slow reason=--- WATCHDOG TIMER EXPIRED ---",
		`pid=12 role=replica timestamp="22 Nov 2026 11:04:01.123" level=notice message="Starting a failover election for epoch 9, node config epoch is 3"`: "election_started epoch=9",
		`pid=12 role=RDB/AOF timestamp="1795345441123" level=notice message="Ready to accept connections tcp"`:                                             "ready",
		"12:M 2026-11-22T11:04:01.123+00:00 * Failover election won: I'm the new primary.":                                                                 "election_won",
		"12:M 1795345441123 * Failover election won: I'm the new primary.":                                                                                 "election_won",
		"": "-", ":": "-", "1:": "-", "1:M ": "-", "1:M 22 Nov 2026 11:04:01.123": "-", "1:M 22 Nov 2026 11:04:01.123 * ": "-", "1:M  *  ": "-",
		"pid=": "-", `pid=1 timestamp="" message="`: "-", "1:signal-handler (": "-", "=== ": "-", "garbage \x00\xff": "-",
		"1:M 22 Nov 2026 11:04:01.123 * Marking node ": "-", "1:M 22 Nov 2026 11:04:01.123 * Start of election delayed for ": "election_delayed",
	} {
		e, _, _ := p.parse(compose.LogLine{Text: text})
		if got := understood(e); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// A server logs in its local time, whatever that is; the line's milliseconds
// count all the same.
func TestLogTime(t *testing.T) {
	received := time.Date(2026, 11, 22, 11, 48, 2, 510_123_456, time.UTC)
	at := time.Date(2026, 11, 22, 11, 48, 2, 509_000_000, time.UTC)
	for text, want := range map[string]time.Time{
		"1:M 22 Nov 2026 11:48:02.509 * x":                                      at,
		"1:M 22 Nov 2026 17:18:02.509 * x":                                      at, // in India
		"1:M 21 Nov 2026 23:48:02.509 # x":                                      at, // in Samoa
		"1:M 2026-11-22T06:48:02.509-05:00 * x":                                 at,
		"1:M 1795348082509 * x":                                                 at,
		`pid=1 role=primary timestamp="1795348082509" level=notice message="x"`: at,
		"1:signal-handler (1795348082) Received SIGTERM scheduling shutdown...": received,
		"=== REDIS BUG REPORT START: Cut & paste starting from here ===":        received,
		"1:M 99 Nov 2026 11:48:02.509 * x":                                      received,
		"1:M 22 Nov 2026 11:48:02.700 * x":                                      received, // the future
		"1:M 22 Nov 2026 11:47:42.509 * x":                                      received, // a clock that is 20 s behind
		"1:M 22 Nov 2026 11:47:58.123 * x":                                      time.Date(2026, 11, 22, 11, 47, 58, 123_000_000, time.UTC),
		"no prefix":                                                             received,
	} {
		line, _ := splitLine(text)
		if got := line.time(received); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func FuzzParseLog(f *testing.F) {
	p := newLogParser(newIdentities(twoNodes()))
	const stamp = "1:S 22 Nov 2026 11:48:02.509 * "
	for _, r := range logRules() {
		f.Add(stamp + r.prefix)
		f.Add(stamp + r.prefix + idA + " (name): 172.30.2.14:6379 (rank #1, offset 42), epoch 3")
	}
	f.Add(`pid=1 role=primary timestamp="1795348082509" level=notice message="x"`)
	f.Add("\xff\x00:M ")
	received := time.Date(2026, 11, 22, 11, 48, 2, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		e, at, ok := p.parse(compose.LogLine{Time: received, Text: text})
		if ok && (e.Kind == "" || !strings.Contains(text, e.Text) || at.IsZero()) {
			t.Errorf("%q is understood as %+v at %s", text, e, at)
		}
		if !ok && e != (record.Log{}) {
			t.Errorf("%q is not understood, and is %+v", text, e)
		}
	})
}

func BenchmarkParseLog(b *testing.B) {
	p := newLogParser(newIdentities(twoNodes()))
	const stamp = "1:S 22 Nov 2026 11:48:02.509 * "
	for name, text := range map[string]string{
		"understood": stamp + "FAIL message received from " + idB + " (redis-replica-1) about " + idA + " (redis-master-1)",
		"unknown":    stamp + "Background saving terminated with success",
		"garbage":    strings.Repeat("x", 200),
		"long":       stamp + strings.Repeat("x", compose.MaxLogLine-len(stamp)),
	} {
		line := compose.LogLine{Time: time.Now(), Text: text}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.parse(line)
			}
		})
	}
}
