package stats

import "math"

// kth is the k-th least, from 1, of numbers that are told by how many of them are at most d. It
// bisects all floating-point numbers, so that none of them has to be kept.
func kth(k int, atMost func(d float64) int) Difference {
	low, high := placeOf(math.Inf(-1)), placeOf(math.Inf(1))
	for low < high {
		middle := low + (high-low)/2
		if atMost(floatAt(middle)) >= k {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return Difference(floatAt(low) + 0) // of -0 and 0, which are equal, the latter
}

// placeOf numbers all floating-point numbers in their order.
func placeOf(f float64) uint64 {
	const negative = 1 << 63
	bits := math.Float64bits(f)
	if bits&negative == 0 {
		return bits | negative
	}
	return ^bits
}

// floatAt is the floating-point number with a place in their order.
func floatAt(place uint64) float64 {
	const negative = 1 << 63
	if place&negative != 0 {
		return math.Float64frombits(place &^ negative)
	}
	return math.Float64frombits(^place)
}

// between is how many of the differences between a value of b and one of a, both sorted, are at
// most d.
func between(a, b []Value, d float64) (n int) {
	first := 0 // of a, from which on the differences to a value of b are at most d
	for _, y := range b {
		for first < len(a) && float64(y.minus(a[first])) > d {
			first++
		}
		n += len(a) - first
	}
	return n
}

// within is how many of the distances between two values of a set, sorted, are at most d.
func within(values []Value, d float64) (n int) {
	first := 0
	for i, v := range values {
		for first < i && float64(v.minus(values[first])) > d {
			first++
		}
		n += i - first
	}
	return n
}

// middle is the median of n numbers, by the k-th of them.
func middle(n int, kth func(k int) Difference) Difference {
	low, high := kth((n+1)/2), kth(n/2+1)
	if low == high { // as two that are infinite
		return low
	}
	return (low + high) / 2
}
