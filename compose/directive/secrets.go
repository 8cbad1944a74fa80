package directive

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// Hidden stands for a secret where one is told.
const Hidden = "(hidden)"

// Told is a directive as it is told of to anybody.
func Told(name, args string) string {
	switch {
	case slices.Contains([]string{"requirepass", "masterauth", "primaryauth", "tls-key-file-pass", "tls-client-key-file-pass"}, name):
		args = Hidden
	case name == "user":
		args = HidePasswords(args)
	}
	return strings.TrimSpace(name + " " + args)
}

// HidePasswords is the rules of a user without passwords and their hashes.
func HidePasswords(rules string) string {
	return eachPassword(rules, func(rule string) string { return rule[:1] + Hidden })
}

// HashPasswords is the rules of a user with the hash of each password in its place, which servers take as well.
func HashPasswords(rules string) string {
	return eachPassword(rules, func(rule string) string {
		sign := map[byte]string{'>': "#", '<': "!"}[rule[0]]
		if sign == "" {
			return rule
		}
		return fmt.Sprintf("%s%x", sign, sha256.Sum256([]byte(rule[1:])))
	})
}

// eachPassword changes the rules that give or take a password. Rules with blanks or quotes in them are written anew.
func eachPassword(rules string, change func(rule string) string) string {
	words, ok := Split(rules)
	if !ok {
		return Hidden
	}
	for i, word := range words {
		if i > 0 && word != "" && strings.ContainsRune("><#!", rune(word[0])) {
			word = change(word)
		}
		words[i] = quoted(word)
	}
	return strings.Join(words, " ")
}

// quoted is an argument as Split reads it back.
func quoted(word string) string {
	if word != "" && !strings.ContainsAny(word, whiteSpace+"\x00\a\b\"'\\") {
		return word
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(word) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ':
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}
