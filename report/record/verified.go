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
