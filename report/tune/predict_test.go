package tune

import (
	"math"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// What is predicted is what comes of the servers' fixed and random times.
func TestPredictIsAsTheServersAre(t *testing.T) {
	redis := record.Server{Name: "redis", Version: "7.0.15"}
	for _, timeout := range []record.Millis{500, 2000, 15000} {
		var p Point
		p.Predict(redis, 3, timeout, 5)
		s := simulate(7)
		const tries = 4000
		marked := make([]float64, tries)
		mean := record.Millis(0)
		for i := range marked {
			marked[i] = s.marked(float64(timeout))
			took := record.Millis(marked[i]) + 500 + record.Millis(s.upTo(500)) + record.Millis(s.upTo(100))
			mean += took / tries
			if record.Millis(marked[i]) < p.PredictedHiccup[0] || took < p.Predicted[0] || took > p.Predicted[1]+300 {
				t.Fatalf("timeout %g: it was marked after %g, and took %g: %v, %v", timeout, marked[i], took, p.PredictedHiccup, p.Predicted)
			}
		}
		slices.Sort(marked)
		if early := record.Millis(marked[tries/20]); math.Abs(float64(early-*p.PredictedL05)) > float64(0.03*timeout+60) {
			t.Errorf("timeout %g: 5 %% are marked by %.0f, predicted %.0f", timeout, early, *p.PredictedL05)
		}
		if math.Abs(float64(mean-*p.PredictedMean)) > float64(0.03*timeout+150) {
			t.Errorf("timeout %g: %.0f on average, predicted %.0f", timeout, mean, *p.PredictedMean)
		}
	}
}

func TestPredictNeedsAMajority(t *testing.T) {
	for masters, predicted := range map[int]bool{0: false, 1: false, 2: false, 3: true, 4: true, 5: true, 30: true} {
		var p Point
		p.Predict(record.Server{}, masters, 5000, 5)
		if (p.Predicted != nil) != predicted || predicted && (*p.PredictedL05 < 5000 || *p.PredictedMean < *p.PredictedL05) {
			t.Errorf("%d masters: %+v", masters, p)
		}
	}
	var p Point
	p.Predict(record.Server{}, 3, 0, 5)
	if p.Predicted != nil {
		t.Error("without a timeout, a failover is predicted")
	}
}
