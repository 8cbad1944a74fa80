package record

// ClientSettings is the options of a workload's cluster client in effect, by
// go-redis' own names. A time of 0 is none.
type ClientSettings struct {
	// Preset is where those come from that the scenario does not give.
	Preset             string `json:"preset"`
	DialTimeout        Millis `json:"dial_timeout_ms"`
	DialerRetries      int    `json:"dialer_retries"`
	ReadTimeout        Millis `json:"read_timeout_ms"`
	WriteTimeout       Millis `json:"write_timeout_ms"`
	PoolSize           int    `json:"pool_size"`
	PoolTimeout        Millis `json:"pool_timeout_ms"`
	MinIdleConns       int    `json:"min_idle_conns"`
	MaxRedirects       int    `json:"max_redirects"`
	MinRetryBackoff    Millis `json:"min_retry_backoff_ms"`
	MaxRetryBackoff    Millis `json:"max_retry_backoff_ms"`
	ClusterStateReload Millis `json:"cluster_state_reload_interval_ms"`
	// Autopipeline: the clients share pipelines that this program makes, and
	// LibraryAutopipeline: that go-redis makes.
	Autopipeline        bool `json:"autopipeline,omitempty"`
	LibraryAutopipeline bool `json:"library_autopipeline,omitempty"`
}
