package compose

import (
	"strings"
	"testing"
)

func TestRedisConfLastDirectiveWins(t *testing.T) {
	d := Deployment{Masters: 3, Replicas: 1}
	if got, err := d.RedisConf(); err != nil || string(got) != sharedConf {
		t.Errorf("without overrides: %s, %v", got, err)
	}
	d.Config = map[string][]string{"cluster-node-timeout": {"2000"}, "save": {""}, "user": {"a on", "b off"}}
	conf, err := d.RedisConf()
	if err != nil || !strings.HasSuffix(string(conf), "cluster-node-timeout 2000\nsave \"\"\nuser a on\nuser b off\n") {
		t.Errorf("overrides are not last: %v\n%s", err, conf)
	}
	if c := d.EffectiveConfig(); c["cluster-node-timeout"] != "2000" || c["appendonly"] != "yes" || c["user"] != "a on; b off" {
		t.Errorf("effective config: %v", c)
	}
}

// Who asks for DEBUG gets it, unless the scenario says otherwise.
func TestRedisConfAllowsDebug(t *testing.T) {
	d := Deployment{Masters: 3, Replicas: 1}
	d.Access.Debug = true
	for _, own := range []string{"", "no"} {
		want := "yes"
		if own != "" {
			d.Config, want = map[string][]string{DebugDirective: {own}}, own
		}
		conf, err := d.RedisConf()
		if err != nil || !strings.HasSuffix(string(conf), DebugDirective+" "+want+"\n") || d.EffectiveConfig()[DebugDirective] != want {
			t.Errorf("%q: %v, effective %q\n%s", own, err, d.EffectiveConfig()[DebugDirective], conf)
		}
	}
	for version, known := range map[string]bool{"6.2.14": false, "7.0.0": true, "8.1.1": true} {
		if d.Access.For(version).Debug != known {
			t.Errorf("enable-debug-command came with Redis 7.0; for %s: %t", version, !known)
		}
	}
}

// One directive is one line, whoever calls: nothing can add another.
func TestRedisConfKeepsDirectivesOnTheirLines(t *testing.T) {
	for name, lines := range map[string][]string{
		"save":                 {"900 1\npidfile /etc/passwd"},
		"maxmemory":            {"1mb\rloadmodule /tmp/x.so"},
		"hz":                   {"10", "20\x00"},
		"hz 10\npidfile":       {"/etc/passwd"},
		"save 1 1\tpidfile /x": {""},
		"":                     {"pidfile /etc/passwd"},
	} {
		d := Deployment{Masters: 3, Replicas: 1}
		d.Config = map[string][]string{name: lines}
		if conf, err := d.RedisConf(); err == nil {
			t.Errorf("%q %q is rendered: %s", name, lines, strings.TrimPrefix(string(conf), sharedConf))
		}
	}
}
