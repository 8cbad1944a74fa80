package doctor

import (
	"strings"
)

func securityChecks() []Check {
	return []Check{
		{"protected-mode", "`protected-mode yes` without a password: whoever is not on the loopback interface is refused, other nodes too", each(protectedMode)},
		{"open", "servers that take commands from anybody who reaches a published port", each(open)},
		{"masterauth", "a password for clients (`requirepass`), and none or another for replicas (`masterauth`)", each(masterAuth)},
		{"tls", "TLS for some connections, and not for others that it is wanted for", each(halfTLS)},
	}
}

func hasPassword(c Config) bool {
	password, given := c.Value("requirepass")
	_, users := c.Value("user")
	file, _ := c.Value("aclfile")
	return given && password != "" || users || file != ""
}

func protectedMode(n Node) *Finding {
	if !n.Config.Is("protected-mode", "yes") || hasPassword(n.Config) {
		return nil
	}
	return &Finding{Severity: Fail, Evidence: "protected-mode yes, and no password: the server answers nobody but those on its loopback interface (before Redis 7.0, unless bind is given), and replicas cannot follow it", Remedy: "set a password (requirepass and masterauth), or protected-mode no on a network that is yours alone"}
}

func open(n Node) *Finding {
	certified := n.Config.Is("port", "0") && !n.Config.Is("tls-auth-clients", "no") // whoever connects shows a certificate
	if n.Service == nil || hasPassword(n.Config) || n.Config.Is("protected-mode", "yes") || certified {
		return nil
	}
	for _, p := range n.Service.Ports {
		if p.Inner == n.Config.port() && !p.Packet && p.Host != "127.0.0.1" && p.Host != "::1" {
			return &Finding{Severity: Warn, Evidence: "it has no password, and its port is published on all addresses of the host", Remedy: `set requirepass and masterauth, or publish it on the loopback interface ("127.0.0.1:PORT:PORT")`}
		}
	}
	return nil
}

func masterAuth(n Node) *Finding {
	password, given := n.Config.Value("requirepass")
	if !given || password == "" {
		return nil
	}
	switch auth, has := n.Config.Value("masterauth"); {
	case !has || auth == "":
		return &Finding{Severity: Fail, Evidence: "requirepass, and no masterauth: as a replica, it is refused by its master", Remedy: "set masterauth to the password, on all nodes: each may become a replica"}
	case auth != password && n.Live == nil:
		return &Finding{Severity: Warn, Evidence: "masterauth is not the password of requirepass: if the other nodes have that, too, it is refused as a replica", Remedy: "set both to the same password, on all nodes"}
	}
	return nil
}

func halfTLS(n Node) *Finding {
	c := n.Config
	port, _ := c.Number("tls-port")
	plain, given := c.Number("port")
	switch {
	case given && plain == 0 && port == 0:
		return &Finding{Severity: Fail, Evidence: "port 0 and no tls-port: the server listens nowhere", Remedy: "set tls-port, with tls-cert-file, tls-key-file and tls-ca-cert-file"}
	case port == 0 && !c.Is("tls-cluster", "yes") && !c.Is("tls-replication", "yes"):
		return nil
	}
	for _, name := range []string{"tls-cert-file", "tls-key-file"} {
		file, has := c.Value(name)
		switch {
		case !has || file == "":
			return &Finding{Severity: Fail, Evidence: "TLS, and no " + name + ": the server does not start", Remedy: "set tls-cert-file and tls-key-file, and tls-ca-cert-file for the certificates of others"}
		case n.Service != nil && strings.HasPrefix(file, "/") && n.Service.at(file) == nil:
			return &Finding{Severity: Warn, Evidence: name + " is " + file + ", and nothing is mounted there; it has to be in the image", Remedy: `mount the folder of the certificates (volumes: ["./certs:/certs:ro"])`}
		}
	}
	switch {
	case !c.Is("tls-cluster", "yes"):
		return &Finding{Severity: Fail, Evidence: "tls-port, and no tls-cluster yes: the bus is in the clear, and with it who is master of what", Remedy: "set tls-cluster yes on all nodes, at the same time"}
	case !c.Is("tls-replication", "yes"):
		return &Finding{Severity: Fail, Evidence: "tls-port, and no tls-replication yes: replicas dial their master in the clear, and with port 0 in vain", Remedy: "set tls-replication yes on all nodes"}
	case given && plain > 0 || !given:
		return &Finding{Severity: Warn, Evidence: "tls-port, and a port that takes connections in the clear", Remedy: "write port 0, once all clients speak TLS"}
	}
	return nil
}
