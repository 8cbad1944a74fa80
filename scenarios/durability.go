package scenarios

// checkDurability wants writes that can be waited for, and made in transactions.
func (d *decoder) checkDurability(n *node, w Workload) {
	if w.Spec == nil || w.Can(CountsLoss) || !d.sound(n.field("type")) {
		return
	}
	for _, name := range []string{"wait", "waitaof", "transaction"} {
		if option := n.field(name); option != nil && (name == "transaction" || !w.Can(Waits)) {
			d.blame(option, "a %s does not make its writes one by one; leave the key out, or write type: %s",
				w.Type, d.typesThat(CountsLoss))
		}
	}
}
