package local

import (
	"bytes"
	"net/netip"
	"path/filepath"
	"strconv"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/software"
)

func (o Options) deployment(l layout, server software.Server) compose.Deployment {
	return compose.Deployment{
		RunID: o.RunID, Masters: o.Masters, Replicas: o.Replicas, Zones: o.Zones, Config: o.Config,
		Access:           o.Access.For(server.Version),
		AccessFolder:     l.Access,
		AnnounceHostname: compose.AnnouncesHostname(server.Version),
		ClientNet:        l.ClientNet, ClusterNet: l.ClusterNet,
	}
}

func address(ip netip.Addr, port int) string {
	return netip.AddrPortFrom(ip, uint16(port)).String()
}

// arguments are those of a node's server: the shared redis.conf, and what is the
// node's own. A server must not leave for the background or log elsewhere, or it
// could not be watched.
func arguments(l layout, p compose.Planned, d compose.Deployment, port int, bind, announce netip.Addr) []string {
	args := []string{filepath.Join(l.Dir, confName)}
	if d.Access.TLS != nil {
		args = append(args, "--port", "0", "--tls-port", strconv.Itoa(port))
	} else {
		args = append(args, "--port", strconv.Itoa(port))
	}
	args = append(args, "--bind", bind.String(), "--dir", l.data(p.Name),
		"--cluster-announce-ip", announce.String(), "--daemonize", "no", "--supervised", "no", "--logfile", "")
	if d.AnnounceHostname {
		args = append(args, "--cluster-announce-hostname", p.Name)
	}
	return args
}

// sharedConf is the deployment's redis.conf without dir, which the server obeys
// on reading it, whatever a later line or the command line says.
func sharedConf(d compose.Deployment) (conf []byte, err error) {
	whole, err := d.RedisConf()
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(whole) {
		if !bytes.HasPrefix(line, []byte("dir ")) {
			conf = append(conf, line...)
		}
	}
	return conf, nil
}
