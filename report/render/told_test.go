package render

import (
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// told is what is made of a record, in words.
func told(s *scenarios.Scenario, events []record.Event) *report.Result {
	return prose.Describe(analysis.Analyze(s, events))
}
