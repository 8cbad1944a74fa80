// Package version compares versions of programs.
package version

import (
	"strconv"
	"strings"
)

// Older compares dotted numeric versions; parts that are missing are 0.
func Older(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range bs {
		want, _ := strconv.Atoi(bs[i])
		got := 0
		if i < len(as) {
			got, _ = strconv.Atoi(as[i])
		}
		if got != want {
			return got < want
		}
	}
	return false
}
