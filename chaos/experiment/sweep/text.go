package sweep

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// usualCores is about what a run with the load of the library's scenarios takes, for a plan
// before anything has been measured.
const usualCores = 0.65

// WriteText tells what would be run, and for how long. With parallel 0, the machine chooses
// later how many runs are made at once.
func (p *Plan) WriteText(w io.Writer, parallel int) error {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%s\tfailures\tpartitions\thiccups\ttime of one\ttime in all\n", strings.Join(names(p), ", "))
	var total time.Duration
	for _, pt := range p.points {
		var sum time.Duration
		runs := map[string]int{}
		for _, f := range pt.failures {
			n := p.wanted.failovers
			if f.kind == partition {
				n = p.wanted.partitions
			}
			n = max(0, n-carriedOut(f.runs))
			runs[f.kind] = n
			sum += time.Duration(n) * task{point: pt, failure: f}.takes(p.each(), firstOverhead)
		}
		trials := 0
		for _, h := range pt.hiccups {
			n := max(0, int(math.Ceil(float64(p.wanted.trials-len(h.trials))/float64(p.each()))))
			trials += n * p.each()
			sum += time.Duration(n) * task{point: pt, hiccup: h}.takes(p.each(), firstOverhead)
		}
		one := task{point: pt, failure: pt.failures[0]}.takes(p.each(), firstOverhead)
		total += sum
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%s\t%s\n", strings.Join(pt.values, ", "), runs[own], runs[partition], trials, one.Round(time.Second), sum.Round(time.Second))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	at := parallel
	if at == 0 {
		at = max(1, int(0.85*float64(runtime.GOMAXPROCS(0))/usualCores))
	}
	fmt.Fprintf(&text, "\nin all %s of runs; %s if %d are made at once", total.Round(time.Second), (total / time.Duration(at)).Round(time.Second), at)
	if parallel == 0 {
		text.WriteString(", which the first run shows")
	}
	text.WriteString("\n")
	if p.budget > 0 {
		fmt.Fprintf(&text, "the budget is %s: ", p.budget)
		if total/time.Duration(at) > p.budget {
			text.WriteString("after some rounds over all values, it is spent where it narrows the answer most\n")
		} else {
			text.WriteString("what is left is spent where it narrows the answer most\n")
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// names are the parameters' names, for people.
func names(p *Plan) (all []string) {
	for _, parameter := range p.Parameters {
		all = append(all, parameter.Name())
	}
	return all
}
