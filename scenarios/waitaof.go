package scenarios

import "time"

// WaitAOF is how many servers must have a write in their append-only file, on
// disk, and within what time, for it to count as acked.
type WaitAOF struct {
	// Local is 1 to ask the master itself, and 0 not to.
	Local    int      `yaml:"local"`
	Replicas int      `yaml:"replicas"`
	Timeout  Duration `yaml:"timeout"`
}

// checkWaitAOF wants a WAITAOF that can be answered, and before the client gives up.
func (d *decoder) checkWaitAOF(root, n *node, w Workload, replicas int) {
	wait := n.field("waitaof")
	if wait == nil || w.WaitAOF == nil || !d.sound(wait) {
		return
	}
	if n.field("wait") != nil {
		d.blame(wait, "there is a wait, too; leave one of the two out: a replica that has a write on disk has it")
		return
	}
	if !d.wantFields(wait, "local", "replicas", "timeout") {
		return
	}
	local, asked, cluster := wait.field("local"), wait.field("replicas"), root.field("cluster")
	has, files := cluster.field("replicas"), cluster.field("config").field("appendonly")
	switch {
	case w.WaitAOF.Local < 0 || w.WaitAOF.Local > 1:
		d.blame(local, "%d is out of range; write 1 to wait for the master's own disk, or 0 not to", w.WaitAOF.Local)
	case w.WaitAOF.Replicas < 0:
		d.blame(asked, "%d is out of range; write at least 0", w.WaitAOF.Replicas)
	case w.WaitAOF.Local+w.WaitAOF.Replicas == 0:
		d.blame(wait, "it waits for nobody; write local: 1 or replicas: 1, or leave waitaof out")
	case w.WaitAOF.Replicas > replicas && d.sound(has):
		at := asked.pos
		if has != nil {
			at = culprit(asked, has)
		}
		d.at(at, "%s waits for the disks of %d replicas, but a master has only %d (cluster.replicas); wait for fewer or deploy more", n.name, w.WaitAOF.Replicas, replicas)
	case files != nil && files.text == "no":
		d.at(culprit(wait, files), "%s waits for append-only files, and the servers write none (cluster.config.appendonly); write appendonly: yes, or leave waitaof out", n.name)
	}
	d.checkPatience(n, wait.field("timeout"), w.WaitAOF.Timeout, w.Client)
}

// checkPatience wants a server to answer before its client gives up.
func (d *decoder) checkPatience(n, timeout *node, asked Duration, c ClientOptions) {
	limit := defaultReadTimeout
	if read := c.Effective().ReadTimeout; read != nil && *read > 0 && d.sound(n.field("client")) {
		limit = *read
	}
	switch {
	case asked < Duration(time.Millisecond):
		d.blame(timeout, "%v is out of range; write at least 1ms", asked)
	case asked >= limit:
		d.blame(timeout, "%v is as long as the client waits for any answer, %v (client.read_timeout); write less, or have the client wait longer", asked, limit)
	}
}
