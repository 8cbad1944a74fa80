// Package variants makes runs of one scenario on several servers, with several values of its parameters, or with
// several presets of its clients, and a matrix of them.
package variants

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Variant is a server, with values of the scenario's parameters and one preset of the clients.
type Variant struct {
	// Name is what the report calls it; no other one has it.
	Name string
	// Scenario is what is run, with the values and the preset.
	Scenario *scenarios.Scenario
	// Image or Server is the server: an image, or a binary or a folder of this machine. Both are
	// empty where it is the scenario's image.
	Image, Server string
	// Values are those of parameters, as --set has them.
	Values []string
	// Preset is that of all workloads' clients; "" leaves them as the scenario has them.
	Preset string
}

// Setting is a scenario with values of its parameters.
type Setting struct {
	// Name tells it from the other settings; "" of the only one.
	Name string
	// Values are as --set has them.
	Values   []string
	Scenario *scenarios.Scenario
}

// Of is a variant for each server with each setting and each preset, in this order. No servers is the
// scenario's image, and no presets are the scenario's clients.
func Of(settings []Setting, images, servers, presets []string) []Variant {
	var on []Variant
	for _, image := range images {
		on = append(on, Variant{Name: image, Image: image})
	}
	for i, name := range shortNames(servers) {
		on = append(on, Variant{Name: name, Server: servers[i]})
	}
	if len(on) == 0 {
		on = []Variant{{}}
	}
	for i := range on { // as where one server is named by two paths, to compare it with itself
		alike := slices.IndexFunc(on[:i], func(v Variant) bool { return v.Name == on[i].Name })
		if alike >= 0 {
			on[i].Name = fmt.Sprintf("%s (%d)", on[i].Name, i+1)
		}
	}
	var all []Variant
	for _, v := range on {
		for _, s := range settings {
			v := v.with(s.Name)
			v.Values, v.Scenario = s.Values, s.Scenario
			if v.Image != "" {
				of := *s.Scenario
				of.Cluster.Image = v.Image
				v.Scenario = &of
			}
			if len(presets) == 0 {
				all = append(all, v)
			}
			for _, preset := range presets {
				v := v.with(preset)
				v.Preset, v.Scenario = preset, withPreset(v.Scenario, preset)
				all = append(all, v)
			}
		}
	}
	return all
}

// with is the variant with one more part of its name.
func (v Variant) with(part string) Variant {
	switch {
	case v.Name == "":
		v.Name = part
	case part != "":
		v.Name += ", " + part
	}
	return v
}

// withPreset has the clients of all workloads have a preset, and nothing of what presets decide
// from the scenario.
func withPreset(s *scenarios.Scenario, preset string) *scenarios.Scenario {
	with := *s
	with.Workloads = slices.Clone(s.Workloads)
	for i := range with.Workloads {
		client := &with.Workloads[i].Client
		*client = client.WithPreset(preset)
	}
	return &with
}

// shortNames calls servers by the last part of their paths, or by more of it where others have
// the same.
func shortNames(paths []string) []string {
	names := make([]string, len(paths))
	for i, path := range paths {
		parts := strings.Split(filepath.ToSlash(filepath.Clean(path)), "/")
		for n := 1; n <= len(parts); n++ {
			names[i] = strings.Join(parts[len(parts)-n:], "/")
			alike := func(other string) bool {
				return other == names[i] || strings.HasSuffix(other, "/"+names[i])
			}
			if count(paths, func(other string) bool { return alike(filepath.ToSlash(filepath.Clean(other))) }) == 1 {
				break
			}
		}
	}
	return names
}

func count(list []string, is func(string) bool) (n int) {
	for _, s := range list {
		if is(s) {
			n++
		}
	}
	return n
}

// folderNames are those of the folders of the variants' runs.
func folderNames(all []Variant) []string {
	other := regexp.MustCompile(`[^A-Za-z0-9._-]+`)
	names := make([]string, len(all))
	for i, v := range all {
		const longest = 80
		name := strings.Trim(other.ReplaceAllString(v.Name, "-"), "-.")
		name = strings.ToLower(name[max(0, len(name)-longest):])
		if name == "" || slices.Contains(names[:i], name) {
			name = strings.Trim(fmt.Sprintf("%s-%d", name, i+1), "-")
		}
		names[i] = name
	}
	return names
}
