package record

// ClientSettings is the options of a workload's cluster client in effect, by
// go-redis' own names. A time of 0 is none.
type ClientSettings struct {
	// Preset is where those come from that the scenario does not give.
	Preset               string  `json:"preset"`
	DialTimeoutMS        float64 `json:"dial_timeout_ms"`
	DialerRetries        int     `json:"dialer_retries"`
	ReadTimeoutMS        float64 `json:"read_timeout_ms"`
	WriteTimeoutMS       float64 `json:"write_timeout_ms"`
	PoolSize             int     `json:"pool_size"`
	PoolTimeoutMS        float64 `json:"pool_timeout_ms"`
	MinIdleConns         int     `json:"min_idle_conns"`
	MaxRedirects         int     `json:"max_redirects"`
	MinRetryBackoffMS    float64 `json:"min_retry_backoff_ms"`
	MaxRetryBackoffMS    float64 `json:"max_retry_backoff_ms"`
	ClusterStateReloadMS float64 `json:"cluster_state_reload_interval_ms"`
	// Autopipeline: the clients share pipelines that this program makes, and
	// LibraryAutopipeline: that go-redis makes.
	Autopipeline        bool `json:"autopipeline,omitempty"`
	LibraryAutopipeline bool `json:"library_autopipeline,omitempty"`
}
