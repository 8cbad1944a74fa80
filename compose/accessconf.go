package compose

import (
	"crypto/sha256"
	"fmt"
	"path"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/directive"
)

// The files that nodes read of their cluster's access: they are in a folder of their own, as nobody else is to
// read them.
const (
	accessConf = "access.conf"
	caFile     = "ca.crt"
	certFile   = "server.crt"
	keyFile    = "server.key"
)

// accessLine is a directive with the reason that is written above it; told is its value as reports
// have it.
type accessLine struct{ why, name, value, told string }

// lines are the directives that anybody may see. folder is where the nodes find Files.
func (a Access) lines(folder string) (lines []accessLine) {
	add := func(why, name, value string) { lines = append(lines, accessLine{why, name, value, value}) }
	if a.Debug {
		add("For faults that are done by DEBUG.", DebugDirective, "yes")
	}
	if a.TLS != nil {
		const why = "All connections are over TLS, and show a certificate."
		add(why, "port", "0")
		add(why, "tls-port", sharedPort)
		add(why, "tls-ca-cert-file", path.Join(folder, caFile))
		add(why, "tls-cert-file", path.Join(folder, certFile))
		add(why, "tls-key-file", path.Join(folder, keyFile))
		add(why, "tls-auth-clients", "yes")
		add(why, "tls-cluster", "yes")
		add(why, "tls-replication", "yes")
	}
	return lines
}

// secretLines are the directives that nobody else is to see.
func (a Access) secretLines() []accessLine {
	if a.Password == "" {
		return nil
	}
	const why = "For the scenario's user."
	password := quoted(string(a.Password))
	auth := accessLine{why, "masterauth", password, Hidden}
	if a.user() == directive.DefaultUser {
		return []accessLine{{why, "requirepass", password, Hidden}, auth}
	}
	rights := "+@all"
	if a.Rights != nil {
		rights = strings.Join(a.Rights, " ")
	}
	user := func(password string) string { return fmt.Sprintf("%s on %s ~* &* %s", a.Username, password, rights) }
	hash := fmt.Sprintf("#%x", sha256.Sum256([]byte(a.Password)))
	return []accessLine{
		{why, "user", directive.DefaultUser + " off", directive.DefaultUser + " off"},
		{why, "user", user(hash), user(Hidden)},
		{why, "masteruser", a.Username, a.Username},
		auth,
	}
}

// Files are what nodes read in the folder that RedisConf is told of, by their names.
func (a Access) Files() map[string][]byte {
	files := map[string][]byte{}
	if lines := a.secretLines(); len(lines) > 0 {
		var conf strings.Builder
		for _, line := range lines {
			fmt.Fprintf(&conf, "%s %s\n", line.name, line.value)
		}
		files[accessConf] = []byte(conf.String())
	}
	if a.TLS != nil {
		files[caFile], files[certFile], files[keyFile] = a.TLS.CA, a.TLS.Server.Cert, a.TLS.Server.Key
	}
	return files
}

// CLI are the arguments by which redis-cli connects to a node where that finds Files.
func (a Access) CLI(folder string) []string {
	if a.TLS == nil {
		return nil
	}
	return []string{"--tls", "--cacert", path.Join(folder, caFile), "--cert", path.Join(folder, certFile), "--key", path.Join(folder, keyFile)}
}

// quoted is a text as redis.conf has it in quotes, whatever is in it.
func quoted(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, b := range []byte(text) {
		if b <= ' ' || b >= 0x7f || b == '"' || b == '\\' {
			fmt.Fprintf(&out, `\x%02x`, b)
		} else {
			out.WriteByte(b)
		}
	}
	out.WriteByte('"')
	return out.String()
}
