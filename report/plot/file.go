package plot

import (
	"html/template"
	"io"
	"unicode/utf8"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// Where the parts of a drawing in a file of its own are, in pixels.
const (
	fileTop   = 54 // of the area
	fileFoot  = 44 // below the area
	fileLeft  = 16
	fileRight = 28
)

// file is a scatter chart as a drawing of its own.
type file struct {
	*scatter
	Keys []fileKey
}

// fileKey explains a mark in a drawing.
type fileKey struct {
	legend
	X, TextX int
}

// WriteSVG draws the chart as an SVG file, which needs nothing but itself.
func (s Scatter) WriteSVG(w io.Writer) error {
	f := file{scatter: s.drawn()}
	for x, i := fileLeft, 0; i < len(f.Legend); i++ {
		k := fileKey{legend: f.Legend[i], X: x, TextX: x + 20}
		f.Keys = append(f.Keys, k)
		x = k.TextX + int(float64(utf8.RuneCountInString(k.Text))*labelWidth) + 22
	}
	text, err := execute("scatter-file", f)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, visible.Text(string(text)))
	return err
}

// Style is that of the file.
func (f file) Style() template.CSS {
	return page.Style() + Style() + `
.file > .ground { fill: var(--ground); } .file .title { fill: var(--muted); font-size: 12px; }
.file rect.key { fill: var(--own); } .file rect.band { fill: var(--muted); opacity: .3; }
`
}

// The places that the template needs.
func (f file) Width() int      { return f.Right() + fileRight }
func (f file) FileHeight() int { return fileTop + f.Height + fileFoot }
func (f file) AreaWidth() int  { return usualWidth }
func (f file) Left() int       { return fileLeft + f.GutterWidth }
func (f file) Right() int      { return f.Left() + usualWidth }
func (f file) Top() int        { return fileTop }
func (f file) Foot() int       { return fileTop + f.Height }
func (f file) Bottom() int     { return f.Foot() + fileFoot - 10 }
