package observe

import (
	"strconv"
	"strings"
	"time"
)

// logLine is a line of a server's log in its parts.
type logLine struct {
	stamp   string // the time, as the server wrote it; "" where there is none
	message string
}

// splitLine takes a line apart. Lines that servers write are
//
//	1:M 22 Nov 2026 11:04:01.123 * message                     pid, role, time, level
//	1:signal-handler (1795345441) message
//	pid=1 role=primary timestamp="…" level=notice message="…"  Valkey 8.1 and later, if it is told to
//	=== REDIS BUG REPORT START: …                              and more of a crash
//
// and whatever else libraries and modules print.
func splitLine(text string) (logLine, bool) {
	if strings.HasPrefix(text, "===") || strings.HasPrefix(text, "---") {
		return logLine{message: text}, true
	}
	if rest, ok := strings.CutPrefix(text, "pid="); ok {
		_, rest, _ = strings.Cut(rest, ` timestamp="`)
		stamp, rest, _ := strings.Cut(rest, `" `)
		_, rest, ok = strings.Cut(rest, ` message="`)
		message, ended := strings.CutSuffix(rest, `"`)
		return logLine{stamp, message}, ok && ended
	}
	pid, rest, ok := strings.Cut(text, ":")
	if !ok || !isNumber(pid) {
		return logLine{}, false
	}
	if rest, ok := strings.CutPrefix(rest, "signal-handler ("); ok {
		_, message, ok := strings.Cut(rest, ") ")
		return logLine{message: message}, ok
	}
	const role = "M "
	if len(rest) < len(role) || rest[1] != ' ' || rest[0] < 'A' || rest[0] > 'Z' {
		return logLine{}, false
	}
	rest = rest[len(role):]
	end := len(legacyStamp)
	if len(rest) <= end || rest[2] != ' ' { // another format of time, without spaces
		end = strings.IndexByte(rest, ' ')
	}
	const level = " * "
	if end < 0 || len(rest) < end+len(level) || rest[end] != ' ' || rest[end+2] != ' ' || strings.IndexByte(".-*#", rest[end+1]) < 0 {
		return logLine{}, false
	}
	return logLine{rest[:end], rest[end+len(level):]}, true
}

func isNumber(s string) bool {
	const longest = 10
	if s == "" || len(s) > longest {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

const (
	// The formats of log-timestamp-format; the third is milliseconds since 1970.
	legacyStamp = "02 Jan 2006 15:04:05.000"
	isoStamp    = "2006-01-02T15:04:05.000-07:00"
)

// How far the time of a line may be after or before the one at which it was received. A line is not received before it
// is written; it is later by as much as whoever reads it is held up.
const (
	mostEarly = 100 * time.Millisecond
	mostLate  = 10 * time.Second
)

// time is the time that the line itself carries, or else the one at which the
// runtime received it, as of a server whose clock is wrong.
func (l logLine) time(received time.Time) time.Time {
	said, ok := l.said(received)
	if !ok || said.After(received.Add(mostEarly)) || said.Before(received.Add(-mostLate)) {
		return received
	}
	return said
}

// said is the time that the line itself carries. The server mostly writes it in its local time; the zone
// follows from when it was received.
func (l logLine) said(received time.Time) (said time.Time, ok bool) {
	if t, err := time.Parse(legacyStamp, l.stamp); err == nil {
		return t.Add(received.Sub(t).Round(15 * time.Minute)), true
	}
	if t, err := time.Parse(isoStamp, l.stamp); err == nil {
		return t, true
	}
	if ms, err := strconv.ParseInt(l.stamp, 10, 64); err == nil {
		return time.UnixMilli(ms), true
	}
	return time.Time{}, false
}
