// Package version compares versions of programs.
package version

import (
	"regexp"

	"golang.org/x/mod/semver"
)

// Older tells whether a version is older than another one, by the numbers that both begin with:
// 7.2.0-rc1 is no older than 7.2. Where there is none, it is older than all.
func Older(a, b string) bool { return semver.Compare(numbers(a), numbers(b)) < 0 }

// IsNumbered tells whether a text begins as versions do, so that it can be compared.
func IsNumbered(v string) bool { return numbers(v) != "" }

// numbers are up to three numbers, as semantic versions are written.
func numbers(v string) string {
	found := regexp.MustCompile(`^[0-9]+(\.[0-9]+){0,2}`).FindString(v)
	if found == "" {
		return ""
	}
	return "v" + found
}
