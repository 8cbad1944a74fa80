package parse

import (
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// defaultReadTimeout is go-redis's.
const defaultReadTimeout = units.Duration(5 * time.Second)

// checkWait wants a WAIT that can be answered, and before the client gives up.
func (d *decoder) checkWait(root, n *document.Node, w scenarios.Workload, c scenarios.Cluster) {
	wait := n.Field("wait")
	if wait == nil || w.Wait == nil || !d.Sound(wait) || !d.wantFields(wait, "replicas", "timeout") {
		return
	}
	asked, has := wait.Field("replicas"), root.Field("cluster").Field("replicas")
	switch {
	case w.Wait.Replicas < 1:
		d.Blame(asked, "%d is out of range; write at least 1, or leave wait out", w.Wait.Replicas)
	case c.IsKnown() && w.Wait.Replicas > c.Replicas && d.Sound(has):
		at := asked.Pos
		if has != nil {
			at = culprit(asked, has)
		}
		d.At(at, "%s waits for %d replicas of each write, but a master has only %d (cluster.replicas); wait for fewer or deploy more", n.Name, w.Wait.Replicas, c.Replicas)
	}
	d.checkPatience(n, wait.Field("timeout"), w.Wait.Timeout, w.Client)
}

// checkWaitAOF wants a WAITAOF that can be answered, and before the client gives up.
func (d *decoder) checkWaitAOF(root, n *document.Node, w scenarios.Workload, c scenarios.Cluster) {
	wait := n.Field("waitaof")
	if wait == nil || w.WaitAOF == nil || !d.Sound(wait) {
		return
	}
	if n.Field("wait") != nil {
		d.Blame(wait, "there is a wait, too; leave one of the two out: a replica that has a write on disk has it")
		return
	}
	if !d.wantFields(wait, "local", "replicas", "timeout") {
		return
	}
	local, asked, cluster := wait.Field("local"), wait.Field("replicas"), root.Field("cluster")
	has, files := cluster.Field("replicas"), cluster.Field("config").Field("appendonly")
	switch {
	case w.WaitAOF.Local < 0 || w.WaitAOF.Local > 1:
		d.Blame(local, "%d is out of range; write 1 to wait for the master's own disk, or 0 not to", w.WaitAOF.Local)
	case w.WaitAOF.Replicas < 0:
		d.Blame(asked, "%d is out of range; write at least 0", w.WaitAOF.Replicas)
	case w.WaitAOF.Local+w.WaitAOF.Replicas == 0:
		d.Blame(wait, "it waits for nobody; write local: 1 or replicas: 1, or leave waitaof out")
	case c.IsKnown() && w.WaitAOF.Replicas > c.Replicas && d.Sound(has):
		at := asked.Pos
		if has != nil {
			at = culprit(asked, has)
		}
		d.At(at, "%s waits for the disks of %d replicas, but a master has only %d (cluster.replicas); wait for fewer or deploy more", n.Name, w.WaitAOF.Replicas, c.Replicas)
	case files != nil && files.Text == "no":
		d.At(culprit(wait, files), "%s waits for append-only files, and the servers write none (cluster.config.appendonly); write appendonly: yes, or leave waitaof out", n.Name)
	}
	d.checkPatience(n, wait.Field("timeout"), w.WaitAOF.Timeout, w.Client)
}

// checkPatience wants a server to answer before its client gives up.
func (d *decoder) checkPatience(n, timeout *document.Node, asked units.Duration, c scenarios.ClientOptions) {
	limit := defaultReadTimeout
	if read := c.Effective().ReadTimeout; read != nil && *read > 0 && d.Sound(n.Field("client")) {
		limit = *read
	}
	switch {
	case asked < units.Duration(time.Millisecond):
		d.Blame(timeout, "%v is out of range; write at least 1ms", asked)
	case asked >= limit:
		d.Blame(timeout, "%v is as long as the client waits for any answer, %v (client.read_timeout); write less, or have the client wait longer", asked, limit)
	}
}

// checkDurability wants writes that can be waited for, and made in transactions.
func (d *decoder) checkDurability(n *document.Node, w scenarios.Workload) {
	if w.Spec == nil || w.Can(trait.CountsLoss) || !d.Sound(n.Field("type")) {
		return
	}
	for _, name := range []string{"wait", "waitaof", "transaction"} {
		if option := n.Field(name); option != nil && (name == "transaction" || !w.Can(trait.Waits)) {
			d.Blame(option, "a %s does not make its writes one by one; leave the key out, or write type: %s",
				w.Type, d.typesThat(trait.CountsLoss))
		}
	}
}
