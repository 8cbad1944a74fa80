package fault

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos"
)

// Every kind says in the past tense what it does, which reports tell.
func TestEveryKindIsAffecting(t *testing.T) {
	for name, construct := range Kinds() {
		if a, ok := construct().(chaos.Affecting); !ok || a.Past() == "" {
			t.Errorf("%s does not say what it does in the passive", name)
		}
	}
}
