package tables

import (
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// clients tells the options that each workload's cluster client had.
func clients(r *report.Result) page.Section {
	s := page.Section{
		Title: "Client options",
		Intro: "As go-redis had them: what the scenario gives, then what its preset says, then the library's defaults.",
		Columns: page.Columns("workload", "preset", ">dial_timeout", ">dialer_retries", ">read_timeout", ">write_timeout", ">pool_size", ">pool_timeout",
			">max_redirects", ">retry backoff", ">cluster_state_reload_interval"),
	}
	pipelining := slices.ContainsFunc(r.Workloads, func(w report.Workload) bool { return w.Client != nil && pipelines(w.Client) != "–" })
	if pipelining {
		s.Columns = append(s.Columns, page.Columns("pipelining")...)
	}
	for _, w := range r.Workloads {
		c := w.Client
		if c == nil {
			continue
		}
		row := []string{
			w.Name, c.Preset, words.Duration(c.DialTimeout), fmt.Sprint(c.DialerRetries), orNone(c.ReadTimeout), orNone(c.WriteTimeout),
			fmt.Sprint(c.PoolSize), words.Duration(c.PoolTimeout), fmt.Sprint(c.MaxRedirects),
			words.Range(&[2]record.Millis{c.MinRetryBackoff, c.MaxRetryBackoff}), words.Duration(c.ClusterStateReload),
		}
		if pipelining {
			row = append(row, pipelines(c))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// pipelines tells who makes the pipelines that the clients share: this program, or the
// library.
func pipelines(c *record.ClientSettings) string {
	switch {
	case c.Autopipeline:
		return "own"
	case c.LibraryAutopipeline:
		return "go-redis's"
	default:
		return "–"
	}
}

// orNone writes a timeout.
func orNone(ms record.Millis) string {
	if ms == 0 {
		return "none"
	}
	return words.Duration(ms)
}
