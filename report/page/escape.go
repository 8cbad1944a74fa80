package page

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/redis-chaos/redis-chaos/report/visible"
)

// Code marks text as code. A mark within it would end it.
func Code(text string) string { return "`" + strings.ReplaceAll(text, "`", "'") + "`" }

// Inline is a text with the two marks of sections as Markdown that stays one line. All
// else in it is text: names and errors make no structure, and no links.
func Inline(text string) string {
	text = markdownOf(text, func(text string) string { return "`" + text + "`" })
	if loc := blockStart.FindStringSubmatchIndex(text); loc != nil {
		number := max(0, loc[3])
		text = text[:number] + `\` + text[number:]
	}
	return text
}

// Cell is the same for a cell of a table. How a pipe is escaped in code depends on who
// reads it, so code with a pipe is not set as code.
func Cell(text string) string {
	return markdownOf(text, func(text string) string {
		if strings.Contains(text, "|") {
			return escape(text)
		}
		return "`" + text + "`"
	})
}

func markdownOf(text string, code func(string) string) string {
	var b strings.Builder
	for _, p := range Pieces(visible.Line(oneLine(text))) {
		switch {
		case p.Text == "":
		case p.Code:
			b.WriteString(code(p.Text))
		case p.Strong && strings.TrimSpace(p.Text) == p.Text:
			b.WriteString("**" + escape(p.Text) + "**")
		default:
			b.WriteString(escape(p.Text))
		}
	}
	return visible.Line(strings.TrimSpace(b.String())) // once more: what stood before it may have been a mark that is gone
}

func oneLine(text string) string {
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ").Replace(text)
}

var (
	// blockStart is what makes more than a paragraph of a line: a list, a heading, a quote,
	// a definition of a link.
	blockStart = regexp.MustCompile(`^(?:(\d{1,9})[.)](?:\s|$)|[-+](?:[-+\s]|$)|#{1,6}(?:\s|$)|[>[])`)
	entity     = regexp.MustCompile(`^&#?\w+;`)
)

// escape is text as Markdown that shows it. What needs no escape where it stands has
// none, so that the source reads well, too.
func escape(text string) string {
	var b strings.Builder
	before := ' '
	for i, r := range text {
		after, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		rest := text[i:]
		special := false
		switch r {
		case '`', '*', '~', '$', '|':
			special = true
		case '_': // within a word, it is a character like others
			special = !wordly(before) || !wordly(after)
		case '\\':
			special = rest == `\` || punctuation(after)
		case '<':
			special = after < utf8.RuneSelf && (unicode.IsLetter(after) || strings.ContainsRune("/!?", after))
		case '&':
			special = entity.MatchString(rest)
		case ']':
			special = after == '(' || after == '['
		case '/': // of a URL
			special = before == ':' && after == '/'
		case '.': // of www.
			special = strings.HasSuffix(text[:i], "www")
		}
		if special {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// punctuation is that of ASCII, which a backslash escapes.
func punctuation(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}
