package docker

import (
	"strings"
	"testing"
)

// The zone of a node is on its container, where Attach finds it; a cluster without zones has no label for it.
func TestZonesAreLabels(t *testing.T) {
	d := DefaultDeployment(3, 1)
	for zones, want := range map[string]int{"": 0, "a b": 6} {
		d.Zones = strings.Fields(zones)
		file, err := d.ComposeFile()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(string(file), zoneLabel+": "); got != want {
			t.Errorf("zones %q: %d labels, want %d:\n%s", zones, got, want, file)
		}
	}
}
