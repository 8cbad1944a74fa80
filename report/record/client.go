package record

// ClientSettings is the options of a workload's cluster client in effect, by
// go-redis' own names. A time of 0 is none.
type ClientSettings struct {
	// Preset is where those come from that the scenario does not give.
	Preset               string `json:"preset"`
	DialTimeoutMS        Millis `json:"dial_timeout_ms"`
	DialerRetries        int    `json:"dialer_retries"`
	ReadTimeoutMS        Millis `json:"read_timeout_ms"`
	WriteTimeoutMS       Millis `json:"write_timeout_ms"`
	PoolSize             int    `json:"pool_size"`
	PoolTimeoutMS        Millis `json:"pool_timeout_ms"`
	MinIdleConns         int    `json:"min_idle_conns"`
	MaxRedirects         int    `json:"max_redirects"`
	MinRetryBackoffMS    Millis `json:"min_retry_backoff_ms"`
	MaxRetryBackoffMS    Millis `json:"max_retry_backoff_ms"`
	ClusterStateReloadMS Millis `json:"cluster_state_reload_interval_ms"`
	// Autopipeline: the clients share pipelines that this program makes, and
	// LibraryAutopipeline: that go-redis makes.
	Autopipeline        bool `json:"autopipeline,omitempty"`
	LibraryAutopipeline bool `json:"library_autopipeline,omitempty"`
}
