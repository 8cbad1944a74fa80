package words

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// WasWere counts things that something was done to: "1 lock was", "2 locks were".
func WasWere(n int64, thing string) string {
	if n == 1 {
		return Plural(n, thing) + " was"
	}
	return Plural(n, thing) + " were"
}

// Plural counts things: "1 replica", "2 replicas".
func Plural(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return Count(n) + " " + thing + "s"
}

// Masters says how many masters there are, and how many replicas each has: replicas, or those of each shard.
func Masters(masters, replicas int, of []int) string {
	if len(of) == 0 {
		return fmt.Sprintf("%d masters with %s each", masters, Plural(int64(replicas), "replica"))
	}
	counts := make([]string, len(of))
	for i, n := range of {
		counts[i] = Count(int64(n))
	}
	return fmt.Sprintf("%d masters, with replicas by shard: %s", masters, strings.Join(counts, ", "))
}

// List joins names: "a", "a and b", "a, b and c"; many are counted: "a, b, c and 9 more".
func List(names []string) string {
	const most, shown = 6, 3
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// ByNumber sorts names that end in numbers by these: a9 before a10.
func ByNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

// Optional writes milliseconds that may not be known.
func Optional(ms *record.Millis) string {
	if ms == nil {
		return "–"
	}
	return Duration(*ms)
}

// OptionalCount writes a count that may not be known.
func OptionalCount(n *int64) string {
	if n == nil {
		return "–"
	}
	return Count(*n)
}

// Window writes the time of the first and the last.
func Window(ms *[2]record.Millis) string {
	if ms == nil {
		return "–"
	}
	return fmt.Sprintf("%s – %s", Duration(ms[0]), Duration(ms[1]))
}

// Was is the verb for so many.
func Was(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// Times is how often: "once", "3 times".
func Times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// Range writes a range: 5 – 7.7 s.
func Range(bounds *[2]record.Millis) string {
	if bounds == nil {
		return "–"
	}
	least, most := Duration(bounds[0]), Duration(bounds[1])
	unit := func(s string) string { return s[strings.LastIndexByte(s, ' ')+1:] }
	if unit(least) == unit(most) || bounds[0] == 0 {
		least = strings.TrimSuffix(least, " "+unit(least))
	}
	return least + " – " + most
}
