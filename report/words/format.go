// Package words writes figures and lists for people.
package words

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// Duration writes milliseconds for a person: 0.42 ms, 12 ms, 6.43 s, 2 m 5 s.
func Duration(ms record.Millis) string {
	switch {
	case ms < 0:
		return "-" + Duration(-ms)
	case ms == 0:
		return "0 ms"
	case ms < 10:
		return fmt.Sprintf("%.2f ms", ms)
	case ms < 999.5:
		return fmt.Sprintf("%.0f ms", ms)
	case ms < 119_995:
		return fmt.Sprintf("%.2f s", ms/1000)
	default:
		seconds := int(ms/1000 + 0.5)
		return fmt.Sprintf("%d m %d s", seconds/60, seconds%60)
	}
}

// Percent writes a ratio for a person.
func Percent(ratio float64) string {
	if ratio != 0 && ratio < 0.0001 {
		return fmt.Sprintf("%.2g %%", ratio*100)
	}
	return fmt.Sprintf("%.2f %%", ratio*100)
}

// Count writes a number with thousands separated: 12,345.
func Count(n int64) string {
	digits := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var parts []string
	for len(digits) > 3 {
		parts = append([]string{digits[len(digits)-3:]}, parts...)
		digits = digits[:len(digits)-3]
	}
	return sign + strings.Join(append([]string{digits}, parts...), ",")
}
