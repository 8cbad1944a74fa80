package traffic

// What a client and Serve tell each other is one JSON value a line. The first request is doOpen. Answers
// have the number of their request.

type action string

const (
	doOpen         action = "open"
	doApply        action = "apply"
	doStanding     action = "standing"
	doCapabilities action = "capabilities"
	doReset        action = "reset"
	doClear        action = "clear"
)

// OnClose is what becomes of the rules when the stream of requests ends, for whatever reason.
type OnClose string

// Clears removes all that is ours. Keeps leaves what the kernel does by itself; rules whose mechanism is
// Queue have no effect any more.
const (
	Clears OnClose = "clear"
	Keeps  OnClose = "keep"
)

type request struct {
	Number  uint64  `json:"number"`
	Do      action  `json:"do"`
	OnClose OnClose `json:"on_close,omitempty"` // of doOpen
	Rules   []Rule  `json:"rules,omitempty"`    // of doApply
	Match   *Match  `json:"match,omitempty"`    // of doReset
}

type answer struct {
	Number       uint64       `json:"number"`
	Error        string       `json:"error,omitempty"`
	Standing     *Standing    `json:"standing,omitempty"`
	Capabilities Capabilities `json:"capabilities,omitempty"`
	Connections  []Connection `json:"connections,omitempty"`
}

// maxLine is in bytes: the rules of a table, or what stands of them.
const maxLine = 64 << 20
