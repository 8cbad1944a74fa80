package parse

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// ours are the keys of clusters that the tool deploys.
func ours() []string {
	return []string{"image", "announce", "dns", "zones", "config", "config_file", "extra_directives"}
}

// bring clears what is true of clusters that the tool deploys, where the cluster is the user's, and finds its compose
// file from the folder of the scenario.
func (d *decoder) bring(n *document.Node, c *scenarios.Cluster) {
	if !c.IsBrought() {
		return
	}
	c.Image, c.Announce = "", ""
	if !c.Bootstrap {
		c.Masters, c.Replicas = 0, 0
	}
	d.absolute(n.Field("compose"), &c.Compose)
}

// absolute makes the path of a file absolute. It is relative to the folder of the scenario, or on the command line to
// the working directory.
func (d *decoder) absolute(n *document.Node, path *string) {
	if *path == "" || filepath.IsAbs(*path) {
		return
	}
	if n != nil && n.Pos.Set == "" {
		*path = filepath.Join(filepath.Dir(d.File), *path)
	}
	if whole, err := filepath.Abs(*path); err == nil {
		*path = whole
	}
}

// projectForm is what Compose takes for the name of a project.
var projectForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// checkBrought judges how a cluster of the user's is named.
func (d *decoder) checkBrought(n *document.Node, c scenarios.Cluster) {
	compose, addrs := n.Field("compose"), n.Field("addrs")
	if compose != nil && addrs != nil {
		d.At(culprit(compose, addrs), "cluster: compose and addrs each say where the cluster is; write one of them")
		return
	}
	for _, key := range []string{"project", "services", "up", "bootstrap"} {
		if at := n.Field(key); at != nil && compose == nil {
			d.Blame(at, "it is of a compose file of your own; write compose: docker-compose.yml beside it, or leave it out")
		}
	}
	for _, key := range []string{"address_map", "allow_data_loss"} {
		if at := n.Field(key); at != nil && !c.IsBrought() {
			d.Blame(at, "it is of a cluster of your own; write compose: docker-compose.yml or addrs: [host:port] beside it, or leave it out")
		}
	}
	if !c.IsBrought() {
		return
	}
	for _, key := range ours() {
		if at := n.Field(key); at != nil {
			d.Blame(at, "it is of clusters that this program deploys, and this one is your own; leave it out")
		}
	}
	for _, key := range []string{"masters", "replicas"} {
		if at := n.Field(key); at != nil && !c.Bootstrap {
			d.Blame(at, "a cluster of your own has the nodes that it has; leave it out, or write bootstrap: true to have empty nodes joined")
		}
	}
	if c.Project != "" && !projectForm.MatchString(c.Project) {
		d.Blame(n.Field("project"), "%q is not the name of a Compose project; write lower-case letters, digits, dashes and underscores", c.Project)
	}
	for i, addr := range c.Addrs {
		d.checkAddr(addrs, i, addr)
		if slices.Contains(c.Addrs[:i], addr) {
			d.Blame(itemOf(addrs, i), "%s is named twice; leave one out", addr)
		}
	}
	for announced, dialled := range c.AddressMap {
		at := n.Field("address_map").Field(announced)
		for _, addr := range []string{announced, dialled} {
			if why := notAddr(addr); why != "" {
				d.Blame(at, "%s", why)
			}
		}
	}
}

// itemOf is the item of a list that may be a single value.
func itemOf(n *document.Node, i int) *document.Node {
	if n.Kind == document.List {
		return n.Item(i)
	}
	return n
}

func (d *decoder) checkAddr(n *document.Node, i int, addr string) {
	if why := notAddr(addr); why != "" {
		d.Blame(itemOf(n, i), "%s", why)
	}
}

// notAddr says why a text is no address that can be dialled; empty if it is one.
func notAddr(text string) string {
	host, port, err := net.SplitHostPort(text)
	number, notNumber := strconv.Atoi(port)
	if err != nil || host == "" || strings.ContainsAny(host, " \t\r\n/@") || notNumber != nil || number < 1 || number > 65535 {
		return strconv.Quote(text) + " is not an address; write host:port, such as 10.0.0.5:6379"
	}
	return ""
}

// checkFiles wants the files to be there that a cluster names.
func (d *decoder) checkFiles(n *document.Node, c scenarios.Cluster) {
	d.checkFile(n.Field("compose"), c.Compose, "a compose file")
	if login := c.Login(); login != nil {
		at := n.Field("password")
		if c.Auth != nil {
			at = n.Field("auth").Field("password")
		}
		d.checkFile(at, login.Password.File(), "a file with the password")
	}
	if c.TLS != nil {
		at := n.Field("tls")
		d.checkFile(at.Field("ca"), c.TLS.CA, "the CA's certificate")
		d.checkFile(at.Field("cert"), c.TLS.Cert, "a client certificate")
		d.checkFile(at.Field("key"), c.TLS.Key, "the key of the client certificate")
	}
}

func (d *decoder) checkFile(n *document.Node, path, what string) {
	if path == "" || !d.Sound(n) {
		return
	}
	switch info, err := os.Stat(path); {
	case err != nil:
		d.Blame(n, "%v; write the path of %s, relative to the scenario", err, what)
	case info.IsDir():
		d.Blame(n, "%s is a folder; write the path of %s in it", path, what)
	}
}
