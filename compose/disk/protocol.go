package disk

// The protocol between Client and Serve is JSON, a line each: a message is answered by one
// with its id, in order.

// message asks for what a method of Disk does, or for Mount.
type message struct {
	ID        string     `json:"id"`
	Do        string     `json:"do"`
	Options   *Options   `json:"options,omitempty"` // of mount
	Name      string     `json:"name,omitempty"`    // of set and lift
	Fault     *Fault     `json:"fault,omitempty"`
	Writeback *Writeback `json:"writeback,omitempty"`
	Tear      *Tear      `json:"tear,omitempty"` // of lose-power
}

// What can be asked for.
const (
	doMount     = "mount"
	doSet       = "set"
	doLift      = "lift"
	doWriteback = "set-writeback"
	doSync      = "sync"
	doFreeze    = "freeze"
	doThaw      = "thaw"
	doLosePower = "lose-power"
	doState     = "state"
	doUnmount   = "unmount"
)

// answer is what came of a message.
type answer struct {
	ID    string `json:"id"`
	Error string `json:"error,omitempty"`
	Loss  *Loss  `json:"loss,omitempty"`
	State *State `json:"state,omitempty"`
}
