package record

import "maps"

// Add adds what was found of a part, named by its type, to that of the whole.
func (v *Verified) Add(part *Verified) {
	v.Parts = append(v.Parts, *part)
	v.Checked += part.Checked
	v.LossWindow = v.window(part)
	v.Lost += part.Lost
	for shard, n := range part.LostByShard {
		if v.LostByShard == nil {
			v.LostByShard = maps.Clone(part.LostByShard)
			break
		}
		v.LostByShard[shard] += n
	}
	v.Losses = append(v.Losses, part.Losses...)
	v.UnackedApplied += part.UnackedApplied
	v.FailedApplied += part.FailedApplied
	v.Duplicated = sum(v.Duplicated, part.Duplicated)
	v.OutOfOrder = sum(v.OutOfOrder, part.OutOfOrder)
	v.Foreign += part.Foreign
	v.Unverified += part.Unverified
	if part.Error != "" {
		if v.Error != "" {
			v.Error += "; "
		}
		v.Error += part.Name + ": " + part.Error
	}
}

// window is when the first and the last write were lost of the whole and a part; nil
// if either lost some of which that is not known.
func (v *Verified) window(part *Verified) *[2]Millis {
	switch {
	case part.Lost == 0:
		return v.LossWindow
	case part.LossWindow == nil || v.Lost > 0 && v.LossWindow == nil:
		return nil
	case v.Lost == 0:
		window := *part.LossWindow
		return &window
	default:
		return &[2]Millis{min(v.LossWindow[0], part.LossWindow[0]), max(v.LossWindow[1], part.LossWindow[1])}
	}
}

// sum of what is known; nil if neither is.
func sum(a, b *int64) *int64 {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	default:
		both := *a + *b
		return &both
	}
}

// Verified is what became of a workload's writes, read back from the masters
// after the cluster had settled.
type Verified struct {
	Name string `json:"name"`
	// Checked is how many acked writes were looked for.
	Checked int64 `json:"checked"`
	Lost    int64 `json:"lost"`
	// LostByShard counts lost writes by shard number.
	LostByShard map[int]int64 `json:"lost_by_shard,omitempty"`
	// Losses is the lost writes by client, shard and node, as far as it is known
	// which ones are lost; those that lie a second apart or more, apart.
	Losses []Loss `json:"losses,omitempty"`
	// LossWindow is the time of ack of the first and the last lost write; nil
	// where none is, or where the data cannot tell which ones are.
	LossWindow *[2]Millis `json:"loss_window_ms"`
	// UnackedApplied counts indeterminate writes that are present.
	UnackedApplied int64 `json:"unacked_applied"`
	// FailedApplied counts writes that were refused and are present all the same.
	FailedApplied int64 `json:"failed_applied,omitempty"`
	// Duplicated counts how often writes were applied beyond once each; nil where
	// the data cannot tell.
	Duplicated *int64 `json:"duplicated,omitempty"`
	// OutOfOrder counts writes of a client that were applied after a later one of
	// its own to the same key; nil where the data cannot tell.
	OutOfOrder *int64 `json:"out_of_order,omitempty"`
	// Foreign counts values that this workload never wrote.
	Foreign int64 `json:"foreign,omitempty"`
	// Unverified counts acked writes on keys that could not be read.
	Unverified int64 `json:"unverified,omitempty"`
	// Parts is the same for each type of a mixed workload, named by it.
	Parts []Verified `json:"parts,omitempty"`
	Error string     `json:"error,omitempty"` // why a key could not be read
}

// Loss is lost writes of one client to one shard that one node acked, between
// First and Last.
type Loss struct {
	Client int    `json:"client"`
	Shard  int    `json:"shard"`
	Node   string `json:"node,omitempty"` // empty if that is not known
	First  Millis `json:"first_ms"`
	Last   Millis `json:"last_ms"`
	Count  int64  `json:"count"`
}

// Type implements Data.
func (*Verified) Type() string { return "verified" }
