package tune

import (
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/redis-chaos/redis-chaos/report/predict"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// cron is how late a node looks after its peers on average, once to send a ping and once to
// find it unanswered, in ms.
const cron = 100

// Predict enters what the configuration lets failovers of a point take: by the server, by how
// many masters the cluster has, by cluster-node-timeout and by the time between two probes of a
// node, in ms. Without a majority of masters beside the one that fails, nothing is predicted.
func (p *Point) Predict(server record.Server, masters int, timeout, probePace record.Millis) {
	majority, others := masters/2+1, masters-1
	if timeout <= 0 || others < majority {
		return
	}
	by := predict.Predictor{Server: server, Timeout: timeout, ProbePace: probePace}
	failed, elected := by.MarkedFailed(), by.ElectedAfter()
	p.PredictedHiccup = &failed
	p.Predicted = &[2]record.Millis{failed[0] + elected[0], failed[1] + elected[1]}

	// Each master suspects the silent one after 1 to 1.5 times the timeout, evenly distributed,
	// by when it had sent its last ping. The last one of a majority decides.
	last := distuv.Beta{Alpha: float64(majority), Beta: float64(others - majority + 1)}
	marked := func(share float64) record.Millis { return record.Millis(float64(timeout)*(1+share/2)) + cron }
	mean := marked(last.Mean()) + ((elected[0] + elected[1]) / 2)
	early := marked(last.Quantile(0.05))
	p.PredictedMean, p.PredictedL05 = &mean, &early
}
