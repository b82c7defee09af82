package chart

import "strings"

// Area fills what lies between two lines of as many points, the one above the
// other. Where a point of either is not finite there is a gap.
func (c *Canvas) Area(class string, above, below []Point) {
	var d strings.Builder
	for from := 0; from < len(above); from++ {
		to := from
		for to < len(above) && finite(above[to].X, above[to].Y, below[to].X, below[to].Y) {
			to++
		}
		if to-from >= 2 {
			for i := from; i < to; i++ {
				step(&d, i == from, above[i])
			}
			for i := to - 1; i >= from; i-- {
				step(&d, false, below[i])
			}
			d.WriteByte('Z')
		}
		from = to
	}
	if d.Len() > 0 {
		c.body.WriteString(`<path class="` + escape(class) + `" d="` + d.String() + "\"/>\n")
	}
}

// Dots draws many dots of one kind as one path: lines of no length with round
// ends, some twelve bytes a dot where a circle takes fifty. Those that would
// stand on the same tenth of a pixel as the one before are drawn once.
func (c *Canvas) Dots(class string, diameter float64, points []Point) {
	var d strings.Builder
	last := ""
	for _, p := range points {
		if !finite(p.X, p.Y) {
			continue
		}
		if at := number(p.X) + " " + number(p.Y); at != last {
			d.WriteString("M" + at + "h0")
			last = at
		}
	}
	if d.Len() > 0 {
		c.body.WriteString(`<path class="` + escape(class) + `" stroke-width="` + number(diameter) + `" d="` + d.String() + "\"/>\n")
	}
}

// step goes to a point, along a line but for the first.
func step(d *strings.Builder, first bool, p Point) {
	if first {
		d.WriteByte('M')
	} else {
		d.WriteByte('L')
	}
	d.WriteString(number(p.X) + " " + number(p.Y))
}
