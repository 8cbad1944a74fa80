package fault

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestStarve(t *testing.T) {
	slow := []record.Effect{record.Slows}
	does(t, kinds{}.Starve(), deeds{detail: "limited to 0.5%", inject: "limit n 0.005", heal: "limit n 0", past: "starved of CPU", effects: slow})
	does(t, &Starve{CPU: 20}, deeds{detail: "limited to 20%", inject: "limit n 0.2", heal: "limit n 0", past: "starved of CPU", effects: slow})
	accepts(t, &Starve{Selector: target(), CPU: 0.1}, "")
	accepts(t, &Starve{Selector: target(), CPU: 100}, "")
	accepts(t, &Starve{Selector: target(), CPU: 0}, "cpu: 0% of a CPU is out of range; write 0.1% to 100%")
	accepts(t, &Starve{Selector: target(), CPU: 200}, "cpu: 200% of a CPU is out of range")
	accepts(t, &Starve{CPU: 5}, "no target")
}
