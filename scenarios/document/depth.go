package document

import (
	"bytes"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"
)

// tooDeep is the first token that is in more lists and mappings than maxDepth; nil if
// none is.
func tooDeep(tokens token.Tokens) *token.Token {
	flow := 0       // open brackets and braces
	var block []int // the columns of the dashes, keys and tags that it is in
	enter := func(column int) {
		for len(block) > 0 && block[len(block)-1] >= column {
			block = block[:len(block)-1]
		}
		block = append(block, column)
	}
	for i, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow = max(flow-1, 0)
		case token.DocumentHeaderType:
			block = nil
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.AliasType, token.TagType:
			enter(t.Position.Column)
		case token.MappingValueType:
			if flow == 0 && i > 0 {
				enter(tokens[i-1].Position.Column)
			}
		}
		if flow+len(block) > MaxDepth {
			return t
		}
	}
	return nil
}

// beyond is the first token of a type beyond so many; nil if there are no more.
func beyond(tokens token.Tokens, kind token.Type, most int) *token.Token {
	seen := 0
	for _, t := range tokens {
		if t.Type == kind {
			seen++
		}
		if seen > most {
			return t
		}
	}
	return nil
}

// InvalidText is the offset of the first byte that is not UTF-8; -1 if there is none.
func InvalidText(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// positionIn is the position of a byte, which follows on text that is UTF-8.
func positionIn(data []byte, offset int) Position {
	before := data[:offset]
	return Position{
		Line:   1 + bytes.Count(before, []byte("\n")),
		Column: 1 + utf8.RuneCount(before[1+bytes.LastIndexByte(before, '\n'):]),
	}
}

// These keep the YAML parser, which recurses and takes more than linear time, away from
// files that cannot be scenarios.
const (
	MaxSize   = 128 << 10 // bytes
	MaxDepth  = 32        // lists and mappings in each other
	maxFields = 8000      // keys
)
