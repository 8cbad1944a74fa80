package software

// The names of the servers that a cluster can be made of.
const (
	Redis  = "redis"
	Valkey = "valkey"
)

// programs returns the names that a program goes by, the preferred one first.
func programs(prefer, kind string) []string {
	if prefer == Valkey {
		return []string{"valkey-" + kind, "redis-" + kind}
	}
	return []string{"redis-" + kind, "valkey-" + kind}
}
