package observe

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// logParser understands the lines of Redis 6.2 to 8 and of Valkey 7.2 to 9 that
// tell something about a failover. It is safe for concurrent use.
type logParser struct {
	rules [256][]logRule // by the first byte of their prefix
	who   *identities
}

// logRule says what a message that begins with prefix means. fill, if there is
// one, fills in the fields from the rest of the message, and says whether it is
// the right message after all. Without it, rest is the reason.
type logRule struct {
	prefix string
	kind   record.LogKind
	fill   func(p *logParser, e *record.Log, rest string) bool
}

func newLogParser(who *identities) *logParser {
	p := &logParser{who: who}
	for _, r := range logRules() {
		p.rules[r.prefix[0]] = append(p.rules[r.prefix[0]], r)
	}
	return p
}

// parse understands a line, and tells when it was logged. Most lines say nothing
// of interest.
func (p *logParser) parse(line compose.LogLine) (e record.Log, at time.Time, ok bool) {
	parts, ok := splitLine(line.Text)
	if !ok {
		return record.Log{}, time.Time{}, false
	}
	message := strings.TrimPrefix(parts.message, "Dual channel replication: ") // Valkey 8.1 and later
	if message == "" {
		return record.Log{}, time.Time{}, false
	}
	for _, r := range p.rules[message[0]] {
		rest, ok := strings.CutPrefix(message, r.prefix)
		if !ok {
			continue
		}
		e := record.Log{Kind: r.kind, Text: parts.message}
		if r.fill == nil {
			e.Reason = reason(rest)
		} else if !r.fill(p, &e, rest) {
			continue
		}
		return e, parts.time(line.Time), true
	}
	return record.Log{}, time.Time{}, false
}

// idLength is that of a node's id, in hex digits.
const idLength = 40

// ownID is the id that a server says to have got, when it found no nodes.conf or was reset; "" of any other line.
func ownID(line string) string {
	for _, says := range []string{"No cluster configuration found, I'm ", "Node hard reset, now I'm "} {
		if _, id, ok := strings.Cut(line, says); ok && len(id) >= idLength {
			return id[:idLength]
		}
	}
	return ""
}

// reason is a phrase of the server's without what encloses it.
func reason(phrase string) string {
	phrase = strings.Trim(phrase, " .:")
	if inner, ok := strings.CutPrefix(phrase, "("); ok && strings.HasSuffix(inner, ")") {
		return inner[:len(inner)-1]
	}
	return phrase
}

// node reads the id that text begins with, and the name in parentheses that
// newer servers write behind it. An id that is not of this cluster has no name.
func (p *logParser) node(text string) (name, rest string) {
	if len(text) < idLength {
		return "", text
	}
	name, _ = p.who.node(text[:idLength])
	rest = text[idLength:]
	if strings.HasPrefix(rest, " (") {
		if end := strings.IndexByte(rest, ')'); end >= 0 {
			rest = rest[end+1:]
		}
	}
	return name, rest
}

// replica reads the address that text begins with.
func (p *logParser) replica(text string) (name, rest string) {
	addr, rest, _ := strings.Cut(text, " ")
	return p.who.at(strings.TrimRight(addr, ".")), rest
}

// hostOf is an address without its port.
func hostOf(addr string) string {
	return addr[:max(0, strings.LastIndexByte(addr, ':'))]
}

// number reads the number that stands behind a mark in text.
func number(text, mark string) int64 {
	_, text, found := strings.Cut(text, mark)
	if !found {
		return 0
	}
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || end == 0 && text[end] == '-') {
		end++
	}
	n, _ := strconv.ParseInt(text[:end], 10, 64)
	return n
}

// logRules is what is understood. Where versions differ, the comment says which
// of them has the wording. Among rules that fit, the first one counts.
func logRules() []logRule {
	return slices.Concat(failureRules(), electionRules(), manualRules(), syncRules(), lifeRules(), slowRules())
}
