package directive

import "strings"

// Overridden says why a directive of a redis.conf that somebody else has written does not reach the nodes; "" if it
// does, or says no more than holds for every node.
func Overridden(name, args string) string {
	holds := map[string]string{
		"cluster-enabled": "yes", "cluster-config-file": "nodes.conf", "daemonize": "no", "logfile": "", "protected-mode": "no", "supervised": "no",
		"enable-module-command": "no", "enable-protected-configs": "no",
	}
	if name == "cluster-preferred-endpoint-type" && args == "unknown-endpoint" {
		return "go-redis cannot read the answer of CLUSTER SLOTS with it"
	}
	words, _ := Split(args)
	if value, ok := holds[name]; ok && len(words) == 1 && strings.EqualFold(words[0], value) {
		return ""
	}
	return whyRefused(name)
}

// Settable tells whether a directive is one that a user sets, rather than the tool.
func Settable(name string) bool { return whyRefused(name) == "" }

// Modern is the name that servers of today have for a directive, which may be an old one.
func Modern(name string) string {
	renamed := map[string]string{
		"masterauth": "primaryauth", "masteruser": "primaryuser", "lua-time-limit": "busy-reply-threshold",
		"slowlog-log-slower-than": "commandlog-execution-slower-than", "slowlog-max-len": "commandlog-slow-execution-max-len",
	}
	if modern := renamed[name]; modern != "" {
		return modern
	}
	return strings.NewReplacer("slave", "replica", "-ziplist-", "-listpack-").Replace(name)
}
