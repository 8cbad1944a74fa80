// Package suggest says which known name a misspelt one may mean.
package suggest

import (
	"fmt"
	"strings"
)

// Unknown says that a name is none of those known, and which may be meant.
func Unknown(what, name string, known []string) string {
	if near := Closest(name, known); near != "" {
		return fmt.Sprintf("unknown %s %q; did you mean %q?", what, name, near)
	}
	if len(known) == 0 {
		return fmt.Sprintf("unknown %s %q; none is known here", what, name)
	}
	return fmt.Sprintf("unknown %s %q; known: %s", what, name, strings.Join(known, ", "))
}

// Closest is the known name that differs least from a misspelt one, or empty
// where all of them differ too much to be meant.
func Closest(name string, known []string) string {
	const longestName = 64
	if len(name) > longestName {
		return ""
	}
	best, bestDistance := "", max(1, len(name)/3)+1
	for _, candidate := range known {
		if d := editDistance(strings.ToLower(name), candidate); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// editDistance counts the letters to insert, drop, replace or swap with their
// neighbour to get from a to b.
func editDistance(a, b string) int {
	from, to := []rune(a), []rune(b)
	rows := make([][]int, len(from)+1)
	for i := range rows {
		rows[i] = make([]int, len(to)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(from); i++ {
		for j := 1; j <= len(to); j++ {
			replace := rows[i-1][j-1]
			if from[i-1] != to[j-1] {
				replace++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, replace)
			if i > 1 && j > 1 && from[i-1] == to[j-2] && from[i-2] == to[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(from)][len(to)]
}
