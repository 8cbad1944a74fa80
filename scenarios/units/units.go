// Package units is how lengths of time, sizes and shares are written: with their units.
package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a span of time, written with a unit: 500ms, 5s, 2m, 1h30m.
type Duration time.Duration

// D is the duration as the standard library's type.
func (d Duration) D() time.Duration { return time.Duration(d) }

func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// ParseDuration reads a duration that carries its unit. Negative ones are errors.
func ParseDuration(s string) (Duration, error) {
	s = strings.TrimSpace(s)
	d, err := time.ParseDuration(s)
	if err != nil {
		if _, numErr := strconv.ParseFloat(s, 64); numErr == nil {
			return 0, fmt.Errorf("%q has no unit; write %sms, %ss or %sm", s, s, s, s)
		}
		return 0, fmt.Errorf("%q is not a duration; write it like 500ms, 5s or 2m", s)
	}
	if d < 0 {
		return 0, fmt.Errorf("%q is negative; a duration must not be", s)
	}
	return Duration(d), nil
}

// DurationRange is spans of time from the least to the most, written as one (2s) or as two
// (500ms-2s).
type DurationRange struct{ Least, Most Duration }

func (r DurationRange) String() string {
	if r.Least == r.Most {
		return r.Least.String()
	}
	return r.Least.String() + "-" + r.Most.String()
}

// UnmarshalScalar reads what String writes.
func (r *DurationRange) UnmarshalScalar(text string) (err error) {
	least, most, two := strings.Cut(text, "-")
	if r.Least, err = ParseDuration(least); err != nil {
		return err
	}
	r.Most = r.Least
	if two {
		r.Most, err = ParseDuration(most)
	}
	switch {
	case err != nil:
		return err
	case r.Most < r.Least:
		return fmt.Errorf("%q ends before it begins; write the shorter one first: %s-%s", text, r.Most, r.Least)
	}
	return nil
}

// Size is a number of bytes, written plain (64) or with a unit (1KB = 1000
// bytes, 1KiB = 1024 bytes).
type Size int64

// ParseSize reads a size.
func ParseSize(s string) (Size, error) {
	s = strings.TrimSpace(s)
	digits := strings.TrimRight(s, "BKMGibkmg")
	unit := map[string]int64{
		"": 1, "B": 1,
		"KB": 1000, "MB": 1000_000, "GB": 1000_000_000,
		"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
	}
	scale, ok := unit[s[len(digits):]]
	n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
	if err != nil || !ok || n < 0 || n > (1<<40)/scale {
		return 0, fmt.Errorf("%q is not a size; write it like 64, 64B, 16KB or 1MiB", s)
	}
	return Size(n * scale), nil
}

func (s Size) String() string {
	units := []struct {
		name  string
		bytes Size
	}{{"GiB", 1 << 30}, {"GB", 1000_000_000}, {"MiB", 1 << 20}, {"MB", 1000_000}, {"KiB", 1 << 10}, {"KB", 1000}}
	for _, unit := range units {
		if s != 0 && s%unit.bytes == 0 {
			return strconv.FormatInt(int64(s/unit.bytes), 10) + unit.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

// ParseMemory reads a size as redis.conf has it, where 1k is 1000 and 1kb is 1024.
func ParseMemory(s string) (Size, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	digits := strings.TrimRight(s, "bkmg")
	unit := map[string]int64{
		"": 1, "b": 1, "k": 1000, "m": 1000_000, "g": 1000_000_000, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30,
	}
	scale, ok := unit[s[len(digits):]]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !ok || n < 0 || n > (1<<40)/scale {
		return 0, fmt.Errorf("%q is not an amount of memory", s)
	}
	return Size(n * scale), nil
}

// UnmarshalScalar reads what String writes.
func (s *Size) UnmarshalScalar(text string) (err error) {
	*s, err = ParseSize(text)
	return err
}

// UnmarshalScalar reads what String writes.
func (d *Duration) UnmarshalScalar(text string) (err error) {
	*d, err = ParseDuration(text)
	return err
}

// SizeRange is sizes from the least to the most, written as one (64B) or as two
// (64B-4KB).
type SizeRange struct{ Least, Most Size }

// FixedSize is a range of one size.
func FixedSize(s Size) SizeRange { return SizeRange{s, s} }

func (r SizeRange) String() string {
	if r.Least == r.Most {
		return r.Least.String()
	}
	return r.Least.String() + "-" + r.Most.String()
}

// UnmarshalScalar reads what String writes.
func (r *SizeRange) UnmarshalScalar(text string) (err error) {
	least, most, isRange := strings.Cut(text, "-")
	if r.Least, err = ParseSize(least); err != nil {
		return err
	}
	if r.Most = r.Least; !isRange {
		return nil
	}
	if r.Most, err = ParseSize(most); err != nil {
		return err
	}
	if r.Most <= r.Least {
		return fmt.Errorf("%q is no range; write the smaller size first, like 64B-4KB", text)
	}
	return nil
}

// Percent is a share in hundredths, written with its sign: 5%, 0.5%.
type Percent float64

// Share is the part of one that it is: 0.05 of 5%.
func (p Percent) Share() float64 { return float64(p) / 100 }

func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) + "%" }

// UnmarshalScalar reads what String writes.
func (p *Percent) UnmarshalScalar(text string) error {
	digits, found := strings.CutSuffix(text, "%")
	n, err := ParseFloat(strings.TrimSpace(digits))
	if !found || err != nil || n < 0 {
		return fmt.Errorf("%q is not a percentage; write it like 5%% or 0.5%%", text)
	}
	*p = Percent(n)
	return nil
}

// ParseFloat reads a number, which is finite.
func ParseFloat(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
		err = strconv.ErrSyntax
	}
	return f, err
}
