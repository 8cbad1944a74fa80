package software

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/software/softwaretest"
)

func TestFindServerPrefers(t *testing.T) {
	both := softwaretest.LookPath(map[string]string{"redis-server": "/r", "valkey-server": "/v"})
	for prefer, want := range map[string]string{Redis: "/r", Valkey: "/v", "": "/r"} {
		if got, err := FindBy(both, prefer); got != want || err != nil {
			t.Errorf("prefer %q: got %s, %v, want %s", prefer, got, err, want)
		}
	}
	if got, err := FindBy(softwaretest.LookPath(map[string]string{"redis-server": "/r"}), Valkey); got != "/r" || err != nil {
		t.Errorf("got %s, %v, want the only one", got, err)
	}
}
