package directive

import (
	"fmt"
	"slices"
	"strings"
)

// DefaultUser is the one that a connection is without AUTH.
const DefaultUser = "default"

// Command is a command that is needed, and what for.
type Command struct {
	Name string // in upper case
	// Sub lists the subcommands that are sent to every version of the server.
	Sub []string
	To  string
	// Replayed: the servers send it to their replicas, who ask for no permission.
	Replayed bool
}

// ToolCommands lists what the tool itself sends to the nodes, and these to each other.
func ToolCommands() []Command {
	const replicate = "for replication"
	return []Command{
		{Name: "CLUSTER", Sub: []string{"FAILOVER", "INFO", "MEET", "MYID", "NODES", "REPLICATE", "SET-CONFIG-EPOCH", "SLOTS"}, To: "to form the cluster and to observe it"},
		{Name: "CONFIG", Sub: []string{"GET", "SET"}, To: "to form the cluster"},
		{Name: "INFO", To: "to observe the nodes"},
		{Name: "PING", To: "to see that a node is up"},
		{Name: "SET", To: "for its probes"},
		{Name: "PSYNC", To: replicate},
		{Name: "REPLCONF", To: replicate},
		{Name: "SELECT", To: replicate, Replayed: true},
	}
}

// Rules are those of a user that may send just the commands that are needed.
func Rules(needed []Command) []string {
	rules := []string{"-@all"}
	for _, c := range needed {
		if !c.Replayed {
			rules = append(rules, "+"+strings.ToLower(c.Name))
		}
	}
	return rules
}

// Lacks says what a client needs that connects as the default user, and the rules of that do not
// give, as far as they alone tell; "" if nothing.
func Lacks(rules []string, needed []Command) string { return readACL(rules).lacks(needed) }

// permission is whether a rule allows something.
type permission int

const (
	isDenied permission = iota
	isAllowed
	isOpen // that depends on the server: on a category of commands, or on a selector
)

// acl is what the rules of a user directive come to, as far as they alone tell.
type acl struct {
	on, noPass, noKeys bool
	rest               permission // of commands that no rule names
	commands           map[string]permission
	// sub lists the subcommands that are denied one by one, as CLUSTER|MEET.
	sub []string
}

// readACL applies the rules of a user, one after the other, to a user that may do
// nothing: that is what the servers do with the default user, too.
func readACL(rules []string) acl {
	a := acl{noKeys: true, commands: map[string]permission{}}
	for _, rule := range rules {
		if strings.HasPrefix(rule, "(") { // what it allows comes on top of the rest
			a.open()
			break
		}
		a.apply(strings.ToUpper(rule))
	}
	return a
}

func (a *acl) apply(rule string) {
	switch {
	case rule == "RESET":
		*a = acl{noKeys: true, commands: map[string]permission{}}
	case rule == "ON" || rule == "OFF":
		a.on = rule == "ON"
	case rule == "NOPASS":
		a.noPass = true
	case rule == "RESETPASS", strings.HasPrefix(rule, ">"), strings.HasPrefix(rule, "#"):
		a.noPass = false
	case rule == "ALLKEYS", strings.HasPrefix(rule, "~"), strings.HasPrefix(rule, "%"):
		a.noKeys = false
	case rule == "RESETKEYS":
		a.noKeys = true
	case rule == "ALLCOMMANDS" || rule == "+@ALL":
		a.rest, a.commands, a.sub = isAllowed, map[string]permission{}, nil
	case rule == "NOCOMMANDS" || rule == "-@ALL":
		a.rest, a.commands, a.sub = isDenied, map[string]permission{}, nil
	case strings.HasPrefix(rule, "+@"), strings.HasPrefix(rule, "-@"):
		a.category(rule[0] == '+')
	case strings.HasPrefix(rule, "+"), strings.HasPrefix(rule, "-"):
		a.command(rule[1:], rule[0] == '+')
	}
}

// category leaves open what a rule about a category of commands may change.
func (a *acl) category(allowed bool) {
	changes := isAllowed
	if allowed {
		changes, a.sub = isDenied, nil
	}
	if a.rest == changes {
		a.rest = isOpen
	}
	for name, p := range a.commands {
		if p == changes {
			a.commands[name] = isOpen
		}
	}
}

// command allows or denies a command, or one of its subcommands.
func (a *acl) command(name string, allowed bool) {
	parent, _, isSub := strings.Cut(name, "|")
	switch {
	case isSub && allowed:
		a.sub = slices.DeleteFunc(a.sub, func(s string) bool { return s == name })
		if a.of(parent) == isDenied {
			a.commands[parent] = isOpen
		}
	case isSub:
		a.sub = append(a.sub, name)
	default:
		a.commands[name] = isDenied
		if allowed {
			a.commands[name] = isAllowed
		}
		a.sub = slices.DeleteFunc(a.sub, func(s string) bool { return strings.HasPrefix(s, name+"|") })
	}
}

// open leaves open all that is not allowed.
func (a *acl) open() {
	a.noKeys = false
	a.category(true)
}

func (a *acl) of(command string) permission {
	if p, named := a.commands[command]; named {
		return p
	}
	return a.rest
}

// denied is what of a command is denied for certain: its name, that of a subcommand, or "".
func (a *acl) denied(c Command) string {
	if a.of(c.Name) == isDenied {
		return c.Name
	}
	for _, sub := range c.Sub {
		if slices.Contains(a.sub, c.Name+"|"+sub) {
			return c.Name + " " + sub
		}
	}
	return ""
}

// lacks says what the tool needs and the rules of the default user do not give it, as
// far as they alone tell; "" if nothing.
func (a acl) lacks(needed []Command) string {
	var denied []string
	to := ""
	for _, c := range needed {
		if name := a.denied(c); name != "" && !c.Replayed {
			denied = append(denied, name)
			if to == "" {
				to = c.To
			}
		}
	}
	switch {
	case !a.on:
		return "the tool connects as this user, and it is off; write on"
	case !a.noPass:
		return "the tool connects without a password; write nopass"
	case len(denied) == 1:
		return fmt.Sprintf("the tool connects as this user, and needs %s %s; write +%s", denied[0], to, strings.ToLower(strings.ReplaceAll(denied[0], " ", "|")))
	case len(denied) > 1:
		return fmt.Sprintf("the tool connects as this user, and needs commands that it is denied: %s; write +@all, or allow them", strings.Join(denied, ", "))
	case a.noKeys:
		return "the tool connects as this user, and writes to keys; write ~*"
	default:
		return ""
	}
}
