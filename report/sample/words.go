package sample

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
)

// Why is a reason as the tests write one: its kind, and of whom.
func Why(reason report.Reason) string {
	return strings.TrimSpace(string(reason.Why) + " " + reason.Workload)
}

// Found is what was found of an expectation, or why nothing was.
func Found(e report.Expectation) string {
	if e.Reason != nil {
		return Why(*e.Reason)
	}
	return fmt.Sprint(e.Got)
}
