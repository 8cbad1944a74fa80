package demand

import (
	"fmt"
	"math"
)

// Machine is what there is to be had, in bytes; infinite where it is not known.
type Machine struct {
	// Available is the memory that programs can still take without swapping.
	Available float64
	// Allowed is what this program and its children can still take: the least that a
	// control group leaves it.
	Allowed float64
}

// usable is the share of the available memory that a run may take: estimates are not
// exact, and other programs go on.
const usable = 0.9

// Check says whether the machine can hold a run. serversHere: the servers are children of
// this program, and so in its control group.
func (m Machine) Check(d Demand, serversHere bool) error {
	mine := d.here
	if serversHere {
		mine = d.Memory()
	}
	switch {
	case d.Memory() > usable*m.Available:
		return tooMuch(d, d.Memory(), fmt.Sprintf("this machine has %s available", inUnits(m.Available)))
	case mine > usable*m.Allowed:
		return tooMuch(d, mine, fmt.Sprintf("its control group leaves this program %s", inUnits(m.Allowed)))
	}
	return nil
}

// Holds is how many runs the machine can hold at once whose servers are this program's
// children, at least one.
func (m Machine) Holds(d Demand) int {
	const most = 1 << 20
	return int(max(1, min(most, usable*min(m.Available, m.Allowed)/max(1, d.Memory()))))
}

func tooMuch(d Demand, needed float64, has string) error {
	which := ""
	if d.most != "" {
		which = ", most of it for " + d.most
	}
	return fmt.Errorf("the run takes %s of memory (%s)%s, and %s, of which a run may take %.0f %%; write smaller values, fewer clients, a lower rate or a shorter duration",
		inUnits(needed), d.parts(), which, has, 100*usable)
}

// unlimited is a Machine of which nothing is known.
func unlimited() Machine { return Machine{Available: math.Inf(1), Allowed: math.Inf(1)} }
