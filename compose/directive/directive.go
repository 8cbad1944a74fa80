// Package directive is the directives of redis.conf: which of them can be set on the nodes of a cluster, what they
// may hold, and what the rules of a user leave a client to do.
package directive

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// harmless lists directives of Redis 6.2 to 8.6 and Valkey 7.2 to 9.1 that name no file,
// run nothing, and are in nobody's way, whatever their value is.
//
//go:embed directives.txt
var harmless string

// harmlessDirectives is that list, sorted.
func harmlessDirectives() []string { return strings.Fields(harmless) }

// refusedDirective is a directive that cannot be set, such as one that the tool sets
// itself, and why.
type refusedDirective struct {
	name   string
	prefix bool // the name is the beginning of several
	why    string
}

func refusedDirectives() []refusedDirective {
	const (
		addresses = "the tool gives every node its address"
		noAuth    = "the tool sets users and passwords; write cluster.auth"
		noTLS     = "the tool makes certificates and says what is over TLS; write cluster.tls: true"
		roles     = "a cluster node becomes a replica by CLUSTER REPLICATE, and the tool says of whom"
		files     = "the tool decides where a node keeps its files"
		logs      = "the tool collects the logs from the output of the server"
		logForm   = "the tool reads the logs in their usual form"
		process   = "the tool supervises the server process"
		reach     = "anybody who can connect to a node could have it run or overwrite what its user may"
	)
	return []refusedDirective{
		{name: "port", why: addresses},
		{name: "bind", why: addresses},
		{name: "bind-source-addr", why: addresses},
		{name: "rdma-", prefix: true, why: addresses},
		{name: "unixsocket", prefix: true, why: addresses},
		{name: "socket-mark-id", why: addresses},
		{name: "cluster-announce-", prefix: true, why: addresses},
		{name: "cluster-port", why: addresses},
		{name: "replica-announce-", prefix: true, why: addresses},
		{name: "slave-announce-", prefix: true, why: addresses},
		{name: "replicaof", why: roles},
		{name: "slaveof", why: roles},
		{name: "sentinel", why: "every node is a cluster node"},
		{name: "protected-mode", why: "the tool connects from outside of the node"},
		{name: "requirepass", why: noAuth},
		{name: "masterauth", why: noAuth},
		{name: "masteruser", why: noAuth},
		{name: "primaryauth", why: noAuth},
		{name: "primaryuser", why: noAuth},
		{name: "aclfile", why: "the file would not be there on the nodes, and the tool and its probes connect as the user of cluster.auth"},
		{name: "tls-port", why: noTLS},
		{name: "tls-cert-file", why: noTLS},
		{name: "tls-key-file", prefix: true, why: noTLS},
		{name: "tls-client-", prefix: true, why: noTLS},
		{name: "tls-dh-params-file", why: noTLS},
		{name: "tls-ca-cert-", prefix: true, why: noTLS},
		{name: "tls-auth-clients", prefix: true, why: noTLS},
		{name: "tls-replication", why: noTLS},
		{name: "tls-cluster", why: noTLS},
		{name: "dir", why: files},
		{name: "cluster-config-file", why: files},
		{name: "pidfile", why: "the server would overwrite the file, and the tool knows the processes without one"},
		{name: "req-res-logfile", why: files},
		{name: "include", why: "the file would not be there on the nodes; write its directives out"},
		{name: "search-ext-load", why: "it loads code from a file; load it as an argument of loadmodule"},
		{name: "search-friso-ini", why: "the file would not be there on the nodes"},
		{name: "cluster-enabled", why: "every node is a cluster node"},
		{name: "daemonize", why: process},
		{name: "supervised", why: process},
		{name: "logfile", why: logs},
		{name: "syslog-", prefix: true, why: logs},
		{name: "log-format", why: logForm},
		{name: "log-timestamp-format", why: logForm},
		{name: "enable-module-command", why: reach},
		{name: "enable-protected-configs", why: reach},
	}
}

func whyRefused(directive string) string {
	for _, refused := range refusedDirectives() {
		if directive == refused.name || refused.prefix && strings.HasPrefix(directive, refused.name) {
			return refused.why
		}
	}
	return ""
}

// isModuleDirective tells whether a directive is of a module: with a dot, or one of
// those that come with Redis 8, which have a dash there.
func isModuleDirective(name string) bool {
	bundled := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	return strings.Contains(name, ".") || slices.ContainsFunc([]string{"bf-", "cf-", "json-", "search-", "ts-", "vset-"}, bundled)
}

// Check says whether a directive is known to do no harm with a line of
// arguments; "" if it is.
func Check(name, line string) string {
	args, ok := Split(line)
	if !ok {
		return "its quotes are not balanced"
	}
	switch name {
	case "user", "rename-command":
		return "" // what they take away from the tool is checked when all of the scenario is known
	case "loadmodule":
		if len(args) == 0 || !strings.HasPrefix(args[0], "/") {
			return "the path of the module is not absolute; write where it is on the nodes, such as /usr/lib/module.so"
		}
		return ""
	case "appenddirname", "appendfilename", "dbfilename":
		return checkFileName(args)
	case "oom-score-adj-values":
		return checkOOMScores(args)
	}
	if slices.Contains(harmlessDirectives(), name) {
		return ""
	}
	// What is not known could name a file. One that is in the folder of the node could be
	// any of the node's.
	if slices.ContainsFunc(args, func(arg string) bool { return strings.Contains(arg, "/") || arg == ".." }) {
		return fmt.Sprintf("%q is a path, and what a server does with one here is not known; only values without a slash can be given", line)
	}
	return ""
}

// checkFileName wants the name of a file that the server makes in the node's folder, and
// that none of the others there has.
func checkFileName(args []string) string {
	taken := []string{"nodes.conf", "redis.conf", "server.log"}
	if len(args) != 1 || !regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`).MatchString(args[0]) {
		return "it is a name in the folder of the node, of letters, digits, _, . and -, such as dump.rdb"
	}
	if slices.Contains(taken, args[0]) {
		return fmt.Sprintf("%s is another file of the node; write another name", args[0])
	}
	return ""
}

// checkOOMScores wants scores that do not have the kernel kill other processes of the
// machine rather than a node.
func checkOOMScores(args []string) string {
	for _, arg := range args {
		if score, err := strconv.Atoi(arg); err != nil || score < 0 {
			return fmt.Sprintf("%q is not 0 or more: other processes of the machine would be killed rather than the nodes", arg)
		}
	}
	return ""
}

// CheckKnown says whether a directive is one of those that can be set, or one of the extra ones; ""
// if it is. closest finds the known one that a misspelt name may mean.
func CheckKnown(name string, extra []string, closest func(name string, known []string) string) string {
	if why := whyRefused(name); why != "" {
		return name + " cannot be set: " + why
	}
	checked := []string{"appenddirname", "appendfilename", "dbfilename", "loadmodule", "oom-score-adj-values", "rename-command", "user"}
	known := append(checked, harmlessDirectives()...)
	if slices.Contains(known, name) || slices.Contains(extra, name) || isModuleDirective(name) {
		return ""
	}
	meant := "; "
	if near := closest(name, known); near != "" {
		meant = fmt.Sprintf("; did you mean %q? Otherwise, ", near)
	}
	return fmt.Sprintf("unknown directive %q%sone that only your build of the server has is listed in cluster.extra_directives as well", name, meant)
}

// OnSeveralLines lists the directives that may stand on several lines of redis.conf, each
// of which adds to those before.
func OnSeveralLines() []string {
	return []string{"client-output-buffer-limit", "loadmodule", "rename-command", "save", "user"}
}
