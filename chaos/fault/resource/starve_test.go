package resource

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestStarve(t *testing.T) {
	slow := []record.Effect{record.Slows}
	faulttest.Does(t, kinds{}.Starve(), faulttest.Deeds{Detail: "limited to 0.5%", Inject: "limit n 0.005, find n", Heal: "limit n 0", Past: "starved of CPU", Effects: slow})
	faulttest.Does(t, &Starve{CPU: 20}, faulttest.Deeds{Detail: "limited to 20%", Inject: "limit n 0.2, find n", Heal: "limit n 0", Past: "starved of CPU", Effects: slow})
	faulttest.Accepts(t, &Starve{Selector: faulttest.Target(), CPU: 0.1}, "")
	faulttest.Accepts(t, &Starve{Selector: faulttest.Target(), CPU: 100}, "")
	faulttest.Accepts(t, &Starve{Selector: faulttest.Target(), CPU: 0}, "cpu: 0% of a CPU is out of range; write 0.1% to 100%")
	faulttest.Accepts(t, &Starve{Selector: faulttest.Target(), CPU: 200}, "cpu: 200% of a CPU is out of range")
	faulttest.Accepts(t, &Starve{CPU: 5}, "no target")
}
