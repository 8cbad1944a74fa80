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
	rules  [256][]logRule    // by the first byte of their prefix
	byID   map[string]string // node id -> name
	byAddr map[string]string // ip:port, by which masters know their replicas -> name
	byHost map[string]string // ip -> name; "" if several nodes share it
}

// logRule says what a message that begins with prefix means. fill, if there is
// one, fills in the fields from the rest of the message, and says whether it is
// the right message after all. Without it, rest is the reason.
type logRule struct {
	prefix string
	kind   record.LogKind
	fill   func(p *logParser, e *record.Log, rest string) bool
}

func newLogParser(nodes []compose.Node) *logParser {
	p := &logParser{byID: map[string]string{}, byAddr: map[string]string{}, byHost: map[string]string{}}
	for _, n := range nodes {
		p.byID[n.ID] = n.Name
		for _, addr := range []string{n.Addr, n.ClientAddr} {
			p.byAddr[addr] = n.Name
			name := n.Name
			if other, taken := p.byHost[hostOf(addr)]; taken && other != name {
				name = ""
			}
			p.byHost[hostOf(addr)] = name
		}
	}
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
	const idLength = 40
	if len(text) < idLength {
		return "", text
	}
	name, rest = p.byID[text[:idLength]], text[idLength:]
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
	return p.byAddr[strings.TrimRight(addr, ".")], rest
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
