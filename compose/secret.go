package compose

// Secret is a text that nobody is to see: whoever prints or encodes it gets Hidden. string(s) is the text itself.
type Secret string

// Hidden is what stands for a secret in reports.
const Hidden = "(hidden)"

func (Secret) String() string { return Hidden }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return Hidden }

// MarshalText implements encoding.TextMarshaler.
func (Secret) MarshalText() ([]byte, error) { return []byte(Hidden), nil }
