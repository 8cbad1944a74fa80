package compose

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
)

//go:embed docker-compose.yml.tmpl
var composeTemplate string

//go:embed redis.conf
var sharedConf string

// RunLabel is the label's name, for the template.
func (Deployment) RunLabel() string { return RunLabel }

// OwnerLabel is the label's name, for the template.
func (Deployment) OwnerLabel() string { return OwnerLabel }

// NodeLabel is the label's name, for the template.
func (Deployment) NodeLabel() string { return NodeLabel }

// AnnounceLabel is the label's name, for the template.
func (Deployment) AnnounceLabel() string { return announceLabel }

// ComposeFile renders docker-compose.yml. It expects redis.conf beside it.
func (d Deployment) ComposeFile() ([]byte, error) {
	t, err := template.New("docker-compose.yml").Funcs(template.FuncMap{"join": strings.Join}).Parse(composeTemplate)
	if err != nil {
		return nil, fmt.Errorf("parsing the compose template: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, d); err != nil {
		return nil, fmt.Errorf("rendering the compose file: %w", err)
	}
	return out.Bytes(), nil
}

// RedisConf renders redis.conf: the shared directives, then the deployment's
// own, which win because the last one does.
func (d Deployment) RedisConf() []byte {
	if len(d.Config) == 0 {
		return []byte(sharedConf)
	}
	var out strings.Builder
	out.WriteString(sharedConf)
	out.WriteString("\n# From the scenario; the last value of a directive wins.\n")
	for _, name := range slices.Sorted(maps.Keys(d.Config)) {
		for _, line := range d.Config[name] {
			fmt.Fprintf(&out, "%s %s\n", name, confValue(line))
		}
	}
	return []byte(out.String())
}

// EffectiveConfig is the directives that the nodes are started with; what stands on
// several lines is joined by "; ".
func (d Deployment) EffectiveConfig() map[string]string {
	config := map[string]string{}
	for line := range strings.Lines(sharedConf) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !strings.HasPrefix(name, "#") {
			config[name] = value
		}
	}
	for name, lines := range d.Config {
		config[name] = strings.Join(lines, "; ")
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
