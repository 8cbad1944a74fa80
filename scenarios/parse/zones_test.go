package parse

import (
	"slices"
	"testing"
)

func TestZones(t *testing.T) {
	for zones, want := range map[string][]string{
		"[a, b-2, c]": {"a", "b-2", "c"},
		"2":           {"zone-1", "zone-2"},
		"[1, 2]":      {"1", "2"},
	} {
		s, err := Scenario("f.yaml", []byte(minimal+"cluster: {zones: "+zones+"}\n"), fakeCatalog(), nil)
		if err != nil || !slices.Equal(s.Cluster.Zones, want) {
			t.Errorf("%s: %v, want %v", zones, err, want)
		}
	}
	for zones, want := range map[string]string{
		"a":                `f.yaml:3:18: zones: "a" is not a number of zones; write 3, or a list of names: [a, b, c]`,
		"-1":               `f.yaml:3:18: zones: "-1" is not a number of zones; write 3, or a list of names: [a, b, c]`,
		"0":                "f.yaml:3:18: zones: 0 zones; 3 masters with 1 of their replicas each are spread over 2 to 4",
		"[a]":              "f.yaml:3:18: zones: 1 zones; 3 masters with 1 of their replicas each are spread over 2 to 4",
		"5":                "f.yaml:3:18: zones: 5 zones; 3 masters with 1 of their replicas each are spread over 2 to 4",
		"[a, b, a]":        `f.yaml:3:25: zones[2]: there are two zones "a"; name each once`,
		"[a, A]":           `f.yaml:3:22: zones[1]: "A" is not a name of a zone; write up to 32 lower-case letters, digits and dashes, such as a`,
		"{a: b}":           "f.yaml:3:18: zones: a mapping where a list of zones, or their number, belongs",
		"[a, [b]]":         "f.yaml:3:22: zones[1]: a list where a string belongs",
		"5, masters: 2":    "f.yaml:3:30: masters: 2 is out of range; write 3 to 30",
		`["a", "b", "\n"]`: "f.yaml:3:29: zones[2]: \"\\n\" is not a name of a zone; write up to 32 lower-case letters, digits and dashes, such as a",
	} {
		_, err := Scenario("f.yaml", []byte(minimal+"cluster: {zones: "+zones+"}\n"), fakeCatalog(), nil)
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", zones, err, want)
		}
	}
}
