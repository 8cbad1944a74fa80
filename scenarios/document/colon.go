package document

import "github.com/goccy/go-yaml/token"

// joinAtColons puts plain scalars with a colon inside together again that stand in a list in a mapping, both on one
// line: {addrs: [10.0.0.5:6379]}. There the library ends them at the colon, though nothing separates it from what
// follows (https://yaml.org/spec/1.2.2/#733-plain-style).
func joinAtColons(tokens token.Tokens) token.Tokens {
	var joined token.Tokens
	var within []token.Type
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			within = append(within, t.Type)
		case token.SequenceEndType, token.MappingEndType:
			within = within[:max(0, len(within)-1)]
		case token.StringType:
			inList := len(within) > 0 && within[len(within)-1] == token.SequenceStartType
			for inList && i+2 < len(tokens) && touches(t, tokens[i+1], token.MappingValueType) && plain(tokens[i+2]) && touches(tokens[i+1], tokens[i+2], tokens[i+2].Type) {
				t.Value += tokens[i+1].Value + tokens[i+2].Value
				t.Origin += tokens[i+1].Origin + tokens[i+2].Origin
				t.Next = tokens[i+2].Next
				i += 2
			}
		}
		joined = append(joined, t)
	}
	return joined
}

// touches tells whether a token of a type follows another one on the same line with nothing between.
func touches(t, next *token.Token, of token.Type) bool {
	return next.Type == of && next.Position.Line == t.Position.Line && next.Position.Column == t.Position.Column+len([]rune(t.Value))
}

// plain tells whether a token is a scalar without quotes.
func plain(t *token.Token) bool {
	return t.Type == token.StringType || t.Type == token.IntegerType || t.Type == token.FloatType
}
