package scenarios

import (
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// DefaultLibrary is the client library that workloads go through if they name none.
const DefaultLibrary = "go-redis"

// ClientOptions are go-redis cluster client options by their own names, in
// snake case. Nil leaves the preset's choice, or else the library's default.
type ClientOptions struct {
	// Library is the client library, one of those of the catalog; empty: DefaultLibrary.
	Library string `yaml:"library"`
	// Preset is what options that are not given are: one of Presets.
	Preset      string          `yaml:"preset"`
	DialTimeout *units.Duration `yaml:"dial_timeout"`
	// DialerRetries is how often a connection is tried before an attempt fails;
	// go-redis's default is 5.
	DialerRetries   *int            `yaml:"dialer_retries"`
	ReadTimeout     *units.Duration `yaml:"read_timeout"`
	WriteTimeout    *units.Duration `yaml:"write_timeout"`
	PoolSize        *int            `yaml:"pool_size"`
	PoolTimeout     *units.Duration `yaml:"pool_timeout"`
	MinIdleConns    *int            `yaml:"min_idle_conns"`
	MaxRedirects    *int            `yaml:"max_redirects"`
	MinRetryBackoff *units.Duration `yaml:"min_retry_backoff"`
	MaxRetryBackoff *units.Duration `yaml:"max_retry_backoff"`
	// ClusterStateReloadInterval is how old a topology may get while no node
	// redirects; go-redis's default is 60 s. A dead master redirects nobody.
	ClusterStateReloadInterval *units.Duration `yaml:"cluster_state_reload_interval"`
	// Autopipeline has the writes of all clients to one shard that are ready at the
	// same time travel in one pipeline, which this program makes.
	Autopipeline bool `yaml:"autopipeline,omitempty"`
	// LibraryAutopipeline has go-redis make the pipelines: its AutoPipeline, by its
	// defaults.
	LibraryAutopipeline bool `yaml:"library_autopipeline,omitempty"`
}

// What ClientOptions.Preset can be. None is the same as PresetDefault.
const (
	// PresetDefault is go-redis as it comes.
	PresetDefault = "default"
	// PresetFastFailover gives up early, on nodes and on commands, and looks for a
	// new master all the time.
	PresetFastFailover = "fast-failover"
	// PresetPatient goes on with a command for about half a minute, so that none
	// fails while a replica takes over.
	PresetPatient = "patient"
)

// Presets lists what ClientOptions.Preset can be.
func Presets() []string { return []string{PresetDefault, PresetFastFailover, PresetPatient} }

// preset is the options of a preset; those that it leaves alone are nil.
func preset(name string) ClientOptions {
	last := func(d time.Duration) *units.Duration { return (*units.Duration)(&d) }
	times := func(n int) *int { return &n }
	switch name {
	case PresetFastFailover:
		return ClientOptions{
			DialTimeout: last(200 * time.Millisecond), DialerRetries: times(1),
			ReadTimeout: last(300 * time.Millisecond), WriteTimeout: last(300 * time.Millisecond),
			PoolTimeout: last(300 * time.Millisecond), MaxRedirects: times(3),
			MinRetryBackoff: last(5 * time.Millisecond), MaxRetryBackoff: last(50 * time.Millisecond),
			// The library itself rests for as long after each look.
			ClusterStateReloadInterval: last(200 * time.Millisecond),
		}
	case PresetPatient:
		return ClientOptions{
			DialTimeout: last(time.Second), DialerRetries: times(1),
			ReadTimeout: last(5 * time.Second), WriteTimeout: last(5 * time.Second),
			PoolTimeout: last(30 * time.Second), MaxRedirects: times(60),
			MinRetryBackoff: last(100 * time.Millisecond), MaxRetryBackoff: last(500 * time.Millisecond),
			// However often a command is sent again, it goes to the master of then.
			ClusterStateReloadInterval: last(time.Second),
		}
	default:
		return ClientOptions{}
	}
}

// Effective is the options as the client gets them: those given, and those of
// the preset where none is. Nil is still the library's default.
func (o ClientOptions) Effective() ClientOptions {
	p := preset(o.Preset)
	fill(&o.DialTimeout, p.DialTimeout)
	fill(&o.DialerRetries, p.DialerRetries)
	fill(&o.ReadTimeout, p.ReadTimeout)
	fill(&o.WriteTimeout, p.WriteTimeout)
	fill(&o.PoolTimeout, p.PoolTimeout)
	fill(&o.MaxRedirects, p.MaxRedirects)
	fill(&o.MinRetryBackoff, p.MinRetryBackoff)
	fill(&o.MaxRetryBackoff, p.MaxRetryBackoff)
	fill(&o.ClusterStateReloadInterval, p.ClusterStateReloadInterval)
	return o
}

// fill gives an option that is not given the value of the preset.
func fill[T any](given **T, preset *T) {
	if *given == nil {
		*given = preset
	}
}

// WithPreset is the options with a preset, without those given that any preset is about.
func (o ClientOptions) WithPreset(name string) ClientOptions {
	o.Preset = name
	o.DialTimeout, o.DialerRetries, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = nil, nil, nil, nil, nil
	o.MaxRedirects, o.MinRetryBackoff, o.MaxRetryBackoff, o.ClusterStateReloadInterval = nil, nil, nil, nil
	return o
}
