package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// collectLogs writes every node's log to dir/<node>.log and records the lines
// that say something about a failover.
func collectLogs(ctx context.Context, r compose.Runtime, rec *record.Record, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("keeping the nodes' logs: %w", err)
	}
	names := map[string]string{}
	for _, n := range r.Nodes() {
		names[n.ID] = n.Name
	}
	var errs []error
	for _, n := range r.Nodes() {
		lines, err := r.Logs(ctx, n.Name)
		if err != nil {
			errs = append(errs, err)
		}
		var text strings.Builder
		for _, line := range lines {
			text.WriteString(line.Text)
			text.WriteByte('\n')
			if e, ok := parseLog(line.Text, names); ok {
				e.Node = n.Name
				rec.AddAt(rec.At(logTime(line)), &e)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, n.Name+".log"), []byte(text.String()), 0o644); err != nil {
			errs = append(errs, fmt.Errorf("keeping the log of %s: %w", n.Name, err))
		}
	}
	return errors.Join(errs...)
}

// logPrefix is "1:M 22 Nov 2026 11:04:01.123 * ": pid, role, local time, level.
var logPrefix = regexp.MustCompile(`^\d+:[A-Z] (\d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2}\.\d{3}) [.\-*#] (.*)$`)

// logTime is the time that a line itself carries. The server writes it in its
// local time; the zone follows from the time at which the runtime received it.
func logTime(line compose.LogLine) time.Time {
	m := logPrefix.FindStringSubmatch(line.Text)
	if m == nil {
		return line.Time
	}
	t, err := time.Parse("02 Jan 2006 15:04:05.000", m[1])
	if err != nil {
		return line.Time
	}
	return t.Add(line.Time.Sub(t).Round(15 * time.Minute))
}

// parseLog understands the lines of Redis 6.2 to 8 and Valkey 7.2 to 9 (where a
// master is a primary and ids are followed by a name) that tell of a failover.
func parseLog(text string, names map[string]string) (record.Log, bool) {
	m := logPrefix.FindStringSubmatch(text)
	if m == nil {
		return record.Log{}, false
	}
	message := m[2]
	e := record.Log{Text: message}
	ids := nodeID.FindAllString(message, -1)
	last := func() string {
		if len(ids) == 0 {
			return ""
		}
		return names[ids[len(ids)-1]]
	}
	switch {
	case strings.HasPrefix(message, "Marking node ") && strings.Contains(message, "as failing (quorum reached)"):
		e.Kind, e.Subject = record.LogMarkedFail, last()
	case strings.HasPrefix(message, "FAIL message received from "):
		e.Kind, e.Subject = record.LogFailReceived, last()
	case strings.HasPrefix(message, "Clear FAIL state for node "):
		e.Kind, e.Subject = record.LogFailCleared, last()
	case strings.HasPrefix(message, "Start of election delayed for "):
		e.Kind, e.Millis = record.LogElectionDelayed, number(message, delayed)
		e.Rank = int(number(message, rank))
	case strings.HasPrefix(message, "Starting a failover election for epoch "):
		e.Kind, e.Epoch = record.LogElectionStarted, number(message, epoch)
	case strings.HasPrefix(message, "Failover auth granted to "):
		e.Kind, e.Subject, e.Epoch = record.LogVoteGranted, last(), number(message, epoch)
	case strings.HasPrefix(message, "Failover election won"):
		e.Kind = record.LogElectionWon
	case strings.HasPrefix(message, "Failover attempt expired"):
		e.Kind = record.LogElectionExpired
	case strings.HasPrefix(message, "Cluster state changed: "):
		e.Kind = record.LogStateChanged
	default:
		return record.Log{}, false
	}
	return e, true
}

var (
	nodeID  = regexp.MustCompile(`\b[0-9a-f]{40}\b`)
	delayed = regexp.MustCompile(`delayed for (\d+) milliseconds`)
	rank    = regexp.MustCompile(`rank #(\d+)`)
	epoch   = regexp.MustCompile(`epoch (\d+)`)
)

func number(text string, pattern *regexp.Regexp) int64 {
	m := pattern.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	return n
}
