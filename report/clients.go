package report

import "fmt"

// clients tells the options that each workload's cluster client had.
func clients(r *Result) section {
	s := section{
		Title: "Client options",
		Intro: "As go-redis had them: what the scenario gives, then what its preset says, then the library's defaults.",
		Columns: columns("workload", "preset", ">dial_timeout", ">dialer_retries", ">read_timeout", ">write_timeout", ">pool_size", ">pool_timeout",
			">max_redirects", ">retry backoff", ">cluster_state_reload_interval"),
	}
	for _, w := range r.Workloads {
		c := w.Client
		if c == nil {
			continue
		}
		s.Rows = append(s.Rows, []string{
			w.Name, c.Preset, Duration(c.DialTimeoutMS), fmt.Sprint(c.DialerRetries), orNone(c.ReadTimeoutMS), orNone(c.WriteTimeoutMS),
			fmt.Sprint(c.PoolSize), Duration(c.PoolTimeoutMS), fmt.Sprint(c.MaxRedirects),
			between(&[2]float64{c.MinRetryBackoffMS, c.MaxRetryBackoffMS}), Duration(c.ClusterStateReloadMS),
		})
	}
	return s
}

// orNone writes a timeout.
func orNone(ms float64) string {
	if ms == 0 {
		return "none"
	}
	return Duration(ms)
}
