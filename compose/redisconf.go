package compose

import (
	_ "embed"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/directive"
)

//go:embed redis.conf
var sharedConf string

// sharedPort is the port that it has.
const sharedPort = "6379"

// directiveName is what the name of a directive, also of a module's, can be.
var directiveName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// RedisConf renders redis.conf: the shared directives, then the deployment's
// own, which win because the last one does. A directive that would not stay on its
// line is an error.
func (d Deployment) RedisConf() ([]byte, error) {
	var out strings.Builder
	out.WriteString(sharedConf)
	why := ""
	for _, line := range d.Access.lines(d.AccessFolder) {
		if line.why != why {
			why = line.why
			fmt.Fprintf(&out, "\n# %s\n", why)
		}
		fmt.Fprintf(&out, "%s %s\n", line.name, line.value)
	}
	if len(d.Access.secretLines()) > 0 {
		fmt.Fprintf(&out, "\n# What nobody else is to see.\ninclude %s\n", quoted(path.Join(d.AccessFolder, accessConf)))
	}
	if len(d.Config) == 0 {
		return []byte(out.String()), nil
	}
	out.WriteString("\n# From the scenario; the last value of a directive wins.\n")
	for _, name := range slices.Sorted(maps.Keys(d.Config)) {
		if !directiveName.MatchString(name) {
			return nil, fmt.Errorf("rendering redis.conf: %q is not the name of a directive", name)
		}
		for _, line := range d.Config[name] {
			if strings.ContainsAny(line, "\r\n\x00") {
				return nil, fmt.Errorf("rendering redis.conf: the value %q of %s is not one line of text", line, name)
			}
			fmt.Fprintf(&out, "%s %s\n", name, confValue(line))
		}
	}
	return []byte(out.String()), nil
}

// EffectiveConfig is the directives that the nodes are started with; what stands on
// several lines is joined by "; ". The passwords of users are hidden.
func (d Deployment) EffectiveConfig() map[string]string {
	config := map[string]string{}
	for line := range strings.Lines(sharedConf) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !strings.HasPrefix(name, "#") {
			config[name] = value
		}
	}
	var users []string
	for _, line := range append(d.Access.lines(d.AccessFolder), d.Access.secretLines()...) {
		if config[line.name] = line.told; line.name == "user" {
			users = append(users, line.told)
		}
	}
	for name, lines := range d.Config {
		told := slices.Clone(lines)
		for i, line := range told {
			if name == "user" {
				told[i] = directive.HidePasswords(line)
			}
		}
		config[name] = strings.Join(told, "; ")
	}
	if len(users) > 0 {
		config["user"] = strings.Join(append(users, d.Config["user"]...), "; ")
	}
	return config
}

// confValue quotes an empty value, which redis.conf cannot say otherwise.
func confValue(v string) string {
	if v == "" {
		return `""`
	}
	return v
}
