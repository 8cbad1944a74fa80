//go:build linux

package attack

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A value of a record that is another one is read, or left out and told; nothing else happens.
// One that cannot be, such as a count below 0, meets no expectation.
func TestChangedValues(t *testing.T) {
	numbers := []string{"-1", "0", "1e308", "-1e308", "9223372036854775807", "-9223372036854775808", "0.5", "null", `"x"`, "[]", "{}", "true", "1e999"}
	texts := []string{`""`, "null", "7", "[]", `"no-such-node"`, `"\u001b[2J\u0007\u009b31m"`, `"a\r\nb|c <script>alert(1)</script> <img src=x>"`, `"` + strings.Repeat("x", 1<<16) + `"`, "\"\xff\xfe\"", `"\u202e\u0000"`}
	for _, name := range quick(recordedNames(), 1) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := readRecorded(t, name)
			dice := rand.New(rand.NewPCG(3, 4))
			seen := map[string]int{}
			for i, line := range run.lines {
				for _, f := range valuesIn(line) {
					if seen[f.path]++; seen[f.path] > 1 && !long() || seen[f.path] > 12 {
						continue
					}
					values := texts
					if f.number {
						values = numbers
					}
					for range 3 {
						value := values[dice.IntN(len(values))]
						changed := slices.Clone(run.lines)
						changed[i] = line[:f.from] + value + line[f.to:]
						v := tampered{fmt.Sprintf("line %d, %s: %.40s", i+1, f.path, value), strings.Join(changed, "")}
						told(t, run.scenario, v)
					}
				}
			}
		})
	}
}

// What cannot be in a record, such as a count below 0, does not turn a failed run into one
// that passed.
func TestImpossibleValuesMakeNothingBetter(t *testing.T) {
	for _, name := range quick(recordedNames(), 1) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := readRecorded(t, name)
			s := strict(t, run)
			seen := map[string]int{}
			for i, line := range run.lines {
				for _, f := range valuesIn(line) {
					path := typeOf(line) + "." + f.path
					if seen[path]++; !f.number || f.path == "seed" || f.path == "ms" || seen[path] > 1 && !long() || seen[path] > 12 {
						continue
					}
					for _, value := range []string{"-1", "-9e15"} {
						changed := slices.Clone(run.lines)
						changed[i] = line[:f.from] + value + line[f.to:]
						notBetter(t, s, tampered{fmt.Sprintf("line %d (%s), %s: %s", i+1, typeOf(line), f.path, value), strings.Join(changed, "")})
					}
				}
			}
		})
	}
}

// value is where a number or a text stands in a line.
type value struct {
	path     string // the key before it
	from, to int
	number   bool
}

// valuesIn finds the numbers and texts that are values in a line of JSON.
func valuesIn(line string) (all []value) {
	key := ""
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			end := i + 1
			for end < len(line) && line[end] != '"' {
				if line[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end+1, len(line))
			if end < len(line) && line[end] == ':' {
				key = line[i+1 : end-1]
			} else {
				all = append(all, value{key, i, end, false})
			}
			i = end - 1
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(line) && strings.IndexByte("+-.eE0123456789", line[end]) >= 0 {
				end++
			}
			all = append(all, value{key, i, end, true})
			i = end - 1
		}
	}
	return all
}
