package chart

import (
	_ "embed"
	"encoding/xml"
	"math"
	"strconv"
	"strings"
)

// CSS is what the classes of a chart look like. A page that holds charts needs
// it once; a chart in a file of its own carries it.
//
//go:embed chart.css
var CSS string

// Anchor says which point of a text its position is.
type Anchor string

// Where a text's position lies.
const (
	Start  Anchor = "start"
	Middle Anchor = "middle"
	End    Anchor = "end"
)

// Canvas collects the elements of one chart. Lengths are in CSS pixels from the
// top left corner.
type Canvas struct {
	width, height float64
	label         string
	body          strings.Builder
}

// New makes an empty chart. The label is what a screen reader says of it.
func New(width, height float64, label string) *Canvas {
	return &Canvas{width: width, height: height, label: label}
}

// Inline gives the chart as an element of an HTML page that holds CSS.
func (c *Canvas) Inline() string {
	return c.open("") + c.body.String() + "</svg>"
}

// File gives the chart as an SVG document that needs nothing else.
func (c *Canvas) File() []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		c.open(` xmlns="http://www.w3.org/2000/svg" width="`+number(c.width)+`" height="`+number(c.height)+`"`) +
		"<style>\n" + CSS + "</style>\n" +
		`<rect class="paper" width="100%" height="100%"/>` + "\n" +
		c.body.String() + "</svg>\n")
}

func (c *Canvas) open(attributes string) string {
	return `<svg class="chart" role="img" aria-label="` + escape(c.label) + `" viewBox="0 0 ` +
		number(c.width) + ` ` + number(c.height) + `"` + attributes + ">\n"
}

// Line draws a straight line.
func (c *Canvas) Line(class string, x1, y1, x2, y2 float64) {
	if !finite(x1, y1, x2, y2) {
		return
	}
	c.body.WriteString(`<line class="` + escape(class) + `" x1="` + number(x1) + `" y1="` + number(y1) +
		`" x2="` + number(x2) + `" y2="` + number(y2) + "\"/>\n")
}

// Dot draws a filled circle.
func (c *Canvas) Dot(class string, x, y, radius float64) {
	if !finite(x, y, radius) {
		return
	}
	c.body.WriteString(`<circle class="` + escape(class) + `" cx="` + number(x) + `" cy="` + number(y) +
		`" r="` + number(radius) + "\"/>\n")
}

// Bar draws a filled rectangle with a hint that shows when it is pointed at; an
// empty hint is left off.
func (c *Canvas) Bar(class string, x, y, width, height float64, hint string) {
	c.Cell(class, x, y, width, height, 1, hint)
}

// Cell draws a rectangle whose fill is as opaque as given, from 0 to 1.
func (c *Canvas) Cell(class string, x, y, width, height, opacity float64, hint string) {
	if !finite(x, y, width, height, opacity) {
		return
	}
	c.body.WriteString(`<rect class="` + escape(class) + `" x="` + number(x) + `" y="` + number(y) +
		`" width="` + number(max(width, 0)) + `" height="` + number(max(height, 0)) + `"`)
	if opacity < 1 {
		c.body.WriteString(` fill-opacity="` + strconv.FormatFloat(max(opacity, 0), 'f', 3, 64) + `"`)
	}
	if hint == "" {
		c.body.WriteString("/>\n")
		return
	}
	c.body.WriteString("><title>" + escape(hint) + "</title></rect>\n")
}

// Text writes a line of text with its baseline at y.
func (c *Canvas) Text(class string, anchor Anchor, x, y float64, text string) {
	c.text(class, anchor, x, y, "", text)
}

// Rotated writes a line of text that is turned by an angle in degrees, clockwise,
// about its position.
func (c *Canvas) Rotated(class string, anchor Anchor, x, y, angle float64, text string) {
	c.text(class, anchor, x, y, ` transform="rotate(`+number(angle)+" "+number(x)+" "+number(y)+`)"`, text)
}

func (c *Canvas) text(class string, anchor Anchor, x, y float64, more, text string) {
	if !finite(x, y) {
		return
	}
	c.body.WriteString(`<text x="` + number(x) + `" y="` + number(y) + `" text-anchor="` + string(anchor) + `"` + more)
	if class != "" {
		c.body.WriteString(` class="` + escape(class) + `"`)
	}
	c.body.WriteString(">" + escape(text) + "</text>\n")
}

// Point is a place on a chart.
type Point struct{ X, Y float64 }

// Path joins points by straight lines. A point that is not finite ends a line;
// the next one begins another. A point on its own is drawn as a dot.
func (c *Canvas) Path(class string, points []Point) {
	var d strings.Builder
	for i, p := range points {
		if !finite(p.X, p.Y) {
			continue
		}
		before := i > 0 && finite(points[i-1].X, points[i-1].Y)
		after := i+1 < len(points) && finite(points[i+1].X, points[i+1].Y)
		switch {
		case before:
			d.WriteByte('L')
		case after:
			d.WriteByte('M')
		default:
			c.Dot(class+" dot", p.X, p.Y, 2)
			continue
		}
		d.WriteString(number(p.X))
		d.WriteByte(' ')
		d.WriteString(number(p.Y))
	}
	if d.Len() > 0 {
		c.body.WriteString(`<path class="` + escape(class) + `" d="` + d.String() + "\"/>\n")
	}
}

// number writes a coordinate to a tenth of a pixel: what is finer cannot be seen.
func number(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err) // a strings.Builder does not fail
	}
	return b.String()
}

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
