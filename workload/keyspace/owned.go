package keyspace

// Owned is where writes go if each key belongs to one client, which takes turns at its
// keys: client c owns the keys c, c+clients, c+2·clients…
type Owned struct{ Clients, Keys int }

// KeyOf is the key that write n of a client goes to.
func (o Owned) KeyOf(client int, n uint32) int {
	return client + o.Clients*int(n%o.KeysOf(client))
}

// KeysOf is how many keys a client owns.
func (o Owned) KeysOf(client int) uint32 {
	return uint32((o.Keys - client + o.Clients - 1) / o.Clients)
}
