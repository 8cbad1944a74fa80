package record

// newData makes an empty event of a type, or nil for an unknown type.
func newData(typ string) Data {
	for _, d := range []Data{
		&RunStarted{}, &RunEnded{}, &Fault{}, &NodeEvent{}, &Identity{}, &NodeFlag{}, &Role{},
		&SlotOwner{}, &ClusterState{}, &Replication{}, &Reachable{}, &Log{},
		&Epoch{}, &Link{}, &Lag{}, &MasterLink{}, &Persistence{}, &Counters{}, &ClockOffset{}, &ClockStep{}, &Starved{},
		&Probe{}, &Probing{}, &Acks{}, &Occupied{}, &LatencyInterval{}, &WorkloadDone{}, &Verified{}, &StaleRead{}, &Locks{}, &Linearizability{}, &Heard{}, &Consumed{}, &Settled{}, &Steady{}, &KeysRemoved{}, &Note{},
	} {
		if d.Type() == typ {
			return d
		}
	}
	return nil
}
