// Package visible makes text that came from elsewhere, such as names, errors and
// servers' replies, safe to show: what would drive a terminal, reorder the text or be
// taken for a command by a CI system is written out instead, as \x1b is.
package visible

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Text makes text of any number of lines visible.
func Text(s string) string {
	return uncommand(escape(s, func(r rune) bool { return r == '\n' || r == '\t' }))
}

// Line makes text visible that is to stay on one line, and in one cell of a table.
func Line(s string) string {
	return uncommand(escape(s, func(rune) bool { return false }))
}

// JSON makes encoded JSON visible, which stays the same data: characters that JSON
// allows as they are, and terminals do not, occur in its strings alone.
func JSON(encoded string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(encoded, "##", `#\u0023`) {
		switch {
		case r == '\n' || harmless(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func escape(s string, keep func(rune) bool) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case keep(r) || harmless(r):
			b.WriteString(s[i : i+size])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += size
	}
	return b.String()
}

// harmless tells whether a character shows, or else takes part in how its neighbours are
// written: the joiners, which some scripts cannot do without.
func harmless(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return unicode.IsGraphic(r) || r == nonJoiner || r == joiner
}

// What CI systems take for commands in what a program prints: ::error:: at the beginning
// of a line, and ##[error] or ##vso[task] anywhere.
var (
	lineCommand   = regexp.MustCompile(`(?m)^[\t\p{Zs}]*::[A-Za-z][^\n]*::`)
	inlineCommand = regexp.MustCompile(`##(\w*\[)`)
)

func uncommand(s string) string {
	if strings.Contains(s, "::") {
		s = lineCommand.ReplaceAllStringFunc(s, func(found string) string { return strings.Replace(found, "::", `:\x3a`, 1) })
	}
	if strings.Contains(s, "##") {
		s = inlineCommand.ReplaceAllString(s, `#\x23$1`)
	}
	return s
}
