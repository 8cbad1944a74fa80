package predict

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestPredictor(t *testing.T) {
	redis, valkey := func(v string) record.Server { return record.Server{Name: "redis", Version: v} }, func(v string) record.Server { return record.Server{Name: "valkey", Version: v} }
	for name, test := range map[string]struct {
		server          record.Server
		timeout         record.Millis
		failed, elected [2]record.Millis
	}{
		"redis":          {redis("7.0.15"), 5000, [2]record.Millis{5000, 10300}, [2]record.Millis{500, 1315}},
		"redis, short":   {redis("8.0.2"), 500, [2]record.Millis{500, 1300}, [2]record.Millis{500, 1315}},
		"valkey 8.1":     {valkey("8.1.3"), 5000, [2]record.Millis{5000, 10300}, [2]record.Millis{500, 1315}},
		"valkey 9.0":     {valkey("9.0.1"), 3000, [2]record.Millis{3000, 6300}, [2]record.Millis{100, 515}},
		"valkey 9.0, 1m": {valkey("9.0.1"), 60000, [2]record.Millis{60000, 120300}, [2]record.Millis{500, 1315}},
		"valkey 9.1":     {valkey("9.1.0"), 3000, [2]record.Millis{3000, 6300}, [2]record.Millis{0, 515}},
		"valkey 10":      {valkey("10.0.0"), 3000, [2]record.Millis{3000, 6300}, [2]record.Millis{0, 515}},
		"unknown":        {record.Server{}, 5000, [2]record.Millis{5000, 10300}, [2]record.Millis{500, 1315}},
	} {
		p := Predictor{Server: test.server, Timeout: test.timeout, ProbePace: 5}
		if got := p.MarkedFailed(); got != test.failed {
			t.Errorf("%s: marked as failed within %v, want %v", name, got, test.failed)
		}
		if got := p.ElectedAfter(); got != test.elected {
			t.Errorf("%s: elected within %v, want %v", name, got, test.elected)
		}
	}
}
