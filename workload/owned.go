package workload

// owned is where writes go if each key belongs to one client, which takes turns at its
// keys: client c owns the keys c, c+clients, c+2·clients…
type owned struct{ clients, keys int }

// keyOf is the key that write n of a client goes to.
func (o owned) keyOf(client int, n uint32) int {
	return client + o.clients*int(n%o.keysOf(client))
}

// keysOf is how many keys a client owns.
func (o owned) keysOf(client int) uint32 {
	return uint32((o.keys - client + o.clients - 1) / o.clients)
}
