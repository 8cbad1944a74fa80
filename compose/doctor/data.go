package doctor

import (
	"fmt"
	"path"
	"strings"
)

func dataChecks() []Check {
	return []Check{
		{"volume", "data directories (`dir`) that are on no volume of a name: a container that is made anew has neither its data nor its place in the cluster (nodes.conf)", each(noVolume)},
		{"volume-shared", "nodes that have their data in the same folder of the same volume", volumeShared},
		{"empty-restart", "no persistence with `restart: always`: a master that comes back empty before its replicas have replaced it has them drop all data", each(emptyRestart)},
		{"persistence", "nodes that lose what they had, or what came since the last snapshot, when they start again", each(noPersistence)},
	}
}

// dirOf is where a server keeps its data.
func dirOf(n Node) string {
	dir, given := n.Config.Value("dir")
	if !given {
		return ""
	}
	if !path.IsAbs(dir) {
		dir = path.Join("/data", dir)
	}
	return path.Clean(dir)
}

func noVolume(n Node) *Finding {
	dir := dirOf(n)
	if n.Service == nil || dir == "" {
		return nil
	}
	switch m := n.Service.at(dir); {
	case m == nil:
		return &Finding{Severity: Warn, Evidence: fmt.Sprintf("dir is %s, and no volume is mounted there", dir), Remedy: fmt.Sprintf(`mount one: volumes: ["NAME:%s"], another one for each node`, dir)}
	case m.Source == "":
		return &Finding{Severity: Warn, Evidence: fmt.Sprintf("dir is %s, on a volume without a name, which a new container does not get again", dir), Remedy: fmt.Sprintf(`give it a name: volumes: ["NAME:%s"], another one for each node`, dir)}
	}
	return nil
}

func volumeShared(s Setup) (all []Finding) {
	for _, t := range shared(s.Nodes, dataOf) {
		all = append(all, Finding{Severity: Fail, Where: strings.Join(t.names, ", "), Evidence: fmt.Sprintf("%d nodes have their data in %s: a server locks its nodes.conf, and the next one does not start", len(t.names), t.key),
			Remedy: "give each node a volume of its own; a scaled service has one for all of its containers"})
	}
	return all
}

// dataOf is the folder of a volume, or of the host, where a node has its data; "" if it has none, or another one for each
// task of a Swarm.
func dataOf(n Node) string {
	dir := dirOf(n)
	if n.Service == nil || dir == "" || serversOf(n) > 1 {
		return ""
	}
	m := n.Service.at(dir)
	if m == nil || m.Source == "" || strings.Contains(m.Source, "{{") {
		return ""
	}
	return m.Source + strings.TrimPrefix(dir, m.Target)
}

func emptyRestart(n Node) *Finding {
	if n.Service == nil {
		return nil
	}
	aof, snapshots := n.Config.isPersistent()
	_, given := n.Config.Value("save")
	if aof || snapshots && given || n.Service.Restart == "" || n.Service.Restart == "no" {
		return nil
	}
	evidence := "no AOF (appendonly no) and no snapshots (save \"\")"
	severity := Fail
	if snapshots {
		evidence, severity = "no AOF (appendonly no), and snapshots at best every minute (the default of save)", Warn
	}
	return &Finding{Severity: severity, Evidence: fmt.Sprintf("%s, with restart: %s: a master that dies is back within a second, without what is not on disk, and before cluster-node-timeout is over; its replicas then copy that", evidence, n.Service.Restart),
		Remedy: "set appendonly yes, or do without restart: a replica then takes over with the data"}
}

func noPersistence(n Node) *Finding {
	if n.Service != nil && n.Service.Restart != "" && n.Service.Restart != "no" {
		return nil // of which emptyRestart tells
	}
	if len(n.Config) == 0 {
		return nil // it did not tell
	}
	aof, snapshots := n.Config.isPersistent()
	if aof {
		return nil
	}
	if snapshots {
		return &Finding{Severity: Note, Evidence: "appendonly no: what was written since the last snapshot is gone when all nodes of a shard stop", Remedy: "set appendonly yes, if that is to last"}
	}
	return &Finding{Severity: Warn, Evidence: "no AOF (appendonly no) and no snapshots (save \"\"): a master that is started again before it was replaced is empty, and its replicas copy that", Remedy: "set appendonly yes"}
}
