// Package plot draws figures of runs as SVG in HTML: strips of dots, scatter charts and stacked
// bars. They fill the width that they get, down to that of a phone, follow the reader's dark or
// light colours, print, and need no script. A page that shows some takes in Style once.
//
// A value that never came has a lane of its own, beyond all numbers. One that is no number, is
// 1e15 or more, or has no place on a logarithmic axis is left out.
package plot

import (
	_ "embed"
	"html/template"
	"math"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/stats"
)

//go:embed plot.css
var style string

//go:embed plot.html.tmpl
var source string

// Style is the style sheet of all plots. It takes the colours of package page.
func Style() template.CSS { return template.CSS(style) }

// Unit is what the values of an axis are counted in.
type Unit string

// The units of axes.
const (
	Millis    Unit = "ms"
	Count     Unit = "count"
	Ratio     Unit = "ratio" // shown in percent
	PerSecond Unit = "ops/s"
)

// Axis is what values are laid out on.
type Axis struct {
	Label string
	Unit  Unit
	// Log is a logarithmic axis.
	Log bool
	// Never names the lane of values that never came; "never" if it is empty.
	Never string
}

// percent is a place or a length across a drawing.
type percent float64

func (p percent) String() string { return strconv.FormatFloat(float64(p), 'f', 2, 64) + "%" }

// execute renders one of the plots of plot.html.tmpl.
func execute(name string, data any) (template.HTML, error) {
	t, err := template.New("plot").Parse(source)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	if err := t.ExecuteTemplate(&text, name, data); err != nil {
		return "", err
	}
	return template.HTML(text.String()), nil
}

// isNumber tells whether a value is one that has a place on an axis, other than the lane of those
// that never came. No figure is as large as largest.
func isNumber(v float64) bool {
	const largest = 1e15
	return math.Abs(v) < largest // and not NaN
}

// pointer is the value that there is; ok is false where there is none.
func pointer(v *stats.Value) (value float64, ok bool) {
	if v == nil || math.IsNaN(float64(*v)) {
		return 0, false
	}
	return float64(*v), true
}
