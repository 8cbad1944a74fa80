// Package variants makes runs of one scenario on several servers, or with several presets of
// its clients, and a matrix of them.
package variants

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Variant is a server, with one preset of the clients.
type Variant struct {
	// Name is what the report calls it; no other one has it.
	Name string
	// Scenario is what is run, with the preset.
	Scenario *scenarios.Scenario
	// Image or Server is the server: an image, or a binary or a folder of this machine. Both are
	// empty where it is the scenario's image.
	Image, Server string
	// Preset is that of all workloads' clients; "" leaves them as the scenario has them.
	Preset string
}

// Of is a variant for each server with each preset, in this order. No servers is the
// scenario's image, and no presets are the scenario's clients.
func Of(s *scenarios.Scenario, images, servers, presets []string) []Variant {
	var all []Variant
	for _, image := range images {
		on := *s
		on.Cluster.Image = image
		all = append(all, Variant{Name: image, Scenario: &on, Image: image})
	}
	for i, name := range shortNames(servers) {
		all = append(all, Variant{Name: name, Scenario: s, Server: servers[i]})
	}
	if len(all) == 0 {
		all = []Variant{{Scenario: s}}
	}
	for i := range all { // as where one server is named by two paths, to compare it with itself
		alike := slices.IndexFunc(all[:i], func(v Variant) bool { return v.Name == all[i].Name })
		if alike >= 0 {
			all[i].Name = fmt.Sprintf("%s (%d)", all[i].Name, i+1)
		}
	}
	if len(presets) == 0 {
		return all
	}
	var each []Variant
	for _, v := range all {
		for _, preset := range presets {
			with := v
			with.Name, with.Preset = strings.TrimPrefix(v.Name+", "+preset, ", "), preset
			with.Scenario = withPreset(v.Scenario, preset)
			each = append(each, with)
		}
	}
	return each
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
