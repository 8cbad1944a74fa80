package software

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/version"
)

// Server says which server software an image or a binary holds.
type Server struct {
	Name    string // Redis or Valkey
	Version string // "7.0.15"
}

// String returns for example "redis 7.0.15".
func (s Server) String() string { return s.Name + " " + s.Version }

var (
	// Valkey 7.2 calls itself just "Server".
	versionLine = regexp.MustCompile(`(?m)^(?:(Redis|Valkey) server|Server) v=([0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z_.-]*)\s`)
	versionForm = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z_.-]*$`)
)

// IsVersion tells whether a text is a version as servers have them.
func IsVersion(text string) bool { return versionForm.MatchString(text) }

// ParseVersion reads what "redis-server --version" prints.
func ParseVersion(output string) (Server, bool) {
	m := versionLine.FindStringSubmatch(output + "\n")
	if m == nil {
		return Server{}, false
	}
	if m[1] == "Redis" {
		return Server{Name: Redis, Version: m[2]}, true
	}
	return Server{Name: Valkey, Version: m[2]}, true
}

// oldest is the oldest Redis that a cluster can be made of.
const oldest = "6.2"

// Supported returns an error if s is too old for what is asked of a cluster.
func (s Server) Supported() error {
	if version.Older(s.Version, oldest) {
		return fmt.Errorf("%s is too old: Redis >= %s or Valkey is needed", s, oldest)
	}
	return nil
}

// Major is the first number of the version; 0 if there is none.
func (s Server) Major() int {
	first, _, _ := strings.Cut(s.Version, ".")
	major, _ := strconv.Atoi(first)
	return major
}

// Quote makes the first line of a program's output fit for an error message.
func Quote(output string) string {
	const most = 160
	line, _, _ := strings.Cut(strings.TrimSpace(output), "\n")
	line = strings.TrimSpace(line)
	if line == "" {
		return "nothing"
	}
	if len(line) > most {
		line = line[:most] + "…"
	}
	return strconv.Quote(line)
}
