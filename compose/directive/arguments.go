package directive

import (
	"strconv"
	"strings"
)

// Split takes the arguments of a directive apart as the servers do: at white
// space outside of quotes. Within double quotes a backslash escapes, within single ones
// it does so only before a quote. It is false where quotes are not balanced, which no
// server starts with.
func Split(line string) (args []string, ok bool) {
	rest := strings.TrimLeft(line, whiteSpace)
	for rest != "" {
		var arg strings.Builder
		if rest, ok = readArgument(&arg, rest); !ok {
			return nil, false
		}
		args = append(args, arg.String())
		rest = strings.TrimLeft(rest, whiteSpace)
	}
	return args, true
}

// Cut takes the name of a directive off its line, and leaves the arguments as they stand. It is false where quotes are not
// balanced.
func Cut(line string) (name, args string, ok bool) {
	var first strings.Builder
	rest, ok := readArgument(&first, strings.TrimLeft(line, whiteSpace))
	return first.String(), strings.Trim(rest, whiteSpace), ok
}

const whiteSpace = " \t\n\v\f\r"

// readArgument reads one argument and returns what follows it.
func readArgument(arg *strings.Builder, text string) (rest string, ok bool) {
	for text != "" && !strings.ContainsRune(whiteSpace, rune(text[0])) {
		if text[0] != '"' && text[0] != '\'' {
			arg.WriteByte(text[0])
			text = text[1:]
			continue
		}
		if text, ok = readQuoted(arg, text[1:], text[0]); !ok {
			return "", false
		}
		if text != "" && !strings.ContainsRune(whiteSpace, rune(text[0])) {
			return "", false // a closing quote ends the argument
		}
	}
	return text, true
}

// readQuoted reads up to the closing quote and returns what follows that.
func readQuoted(arg *strings.Builder, text string, quote byte) (rest string, ok bool) {
	for text != "" {
		switch {
		case text[0] == quote:
			return text[1:], true
		case quote == '"' && len(text) >= 4 && strings.HasPrefix(text, `\x`) && isHex(text[2:4]):
			b, _ := strconv.ParseUint(text[2:4], 16, 8)
			arg.WriteByte(byte(b))
			text = text[4:]
		case text[0] == '\\' && len(text) >= 2 && (quote == '"' || text[1] == '\''):
			arg.WriteByte(unescaped(text[1], quote))
			text = text[2:]
		default:
			arg.WriteByte(text[0])
			text = text[1:]
		}
	}
	return "", false
}

func isHex(digits string) bool {
	_, err := strconv.ParseUint(digits, 16, 8)
	return err == nil
}

func unescaped(c, quote byte) byte {
	if i := strings.IndexByte("nrtba", c); quote == '"' && i >= 0 {
		return "\n\r\t\b\a"[i]
	}
	return c
}
