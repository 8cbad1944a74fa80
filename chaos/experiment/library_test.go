package experiment

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// Every scenario that comes with the program is valid, and reads back the same after it has been written.
func TestLibraryIsValid(t *testing.T) {
	for _, name := range scenarios.Library() {
		s, _, err := parse.Load(t.Context(), name, Catalog(), nil)
		if err != nil {
			t.Error(err)
			continue
		}
		if s.Name != name || s.Description == "" {
			t.Errorf("%s: name %q, description %q", name, s.Name, s.Description)
		}
		text, err := s.YAML()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := parse.Scenario(name, text, Catalog(), nil); err != nil {
			t.Errorf("%s does not read back: %v\n%s", name, err, text)
		}
	}
}
