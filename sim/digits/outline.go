package digits

import (
	"fmt"

	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// point is a point of an outline: y grows downwards.
type point struct{ x, y float64 }

// outline is a glyph as closed polygons, in a box from (0, 0) to (1, 1) that the
// glyph touches on all sides, and how wide it was before for its height.
type outline struct {
	contours [][]point
	aspect   float64
}

// An outline is taken apart finely enough that a distortion bends straight lines
// and leaves no corners in curves.
const (
	emSize     = 1024 // pixels an em, at which glyphs are loaded
	curveParts = 8    // of a quadratic curve
	lineLength = 48.0 // pixels at emSize, above which a line is divided
)

// loadOutline flattens the glyph of r. Glyphs come as integers, which is what the
// whole chain behind them owes its reproducibility to.
func loadOutline(f *opentype.Font, r rune) (outline, error) {
	var buf sfnt.Buffer
	index, err := f.GlyphIndex(&buf, r)
	if err != nil {
		return outline{}, fmt.Errorf("digits: glyph of %q: %w", r, err)
	}
	segments, err := f.LoadGlyph(&buf, index, fixed.I(emSize), &sfnt.LoadGlyphOptions{})
	if err != nil {
		return outline{}, fmt.Errorf("digits: glyph of %q: %w", r, err)
	}
	var o outline
	var c []point
	end := func() {
		if len(c) > 2 {
			o.contours = append(o.contours, c)
		}
		c = nil
	}
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			end()
			c = append(c, at(s.Args[0]))
		case sfnt.SegmentOpLineTo:
			c = appendLine(c, at(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			c = appendCurve(c, at(s.Args[0]), at(s.Args[1]))
		default:
			return outline{}, fmt.Errorf("digits: glyph of %q: expected TrueType curves, found a cubic one", r)
		}
	}
	if len(c) > 0 {
		c = appendLine(c, c[0])
	}
	end()
	lo, hi := bounds(o.contours)
	if !(hi.x > lo.x && hi.y > lo.y) {
		return outline{}, fmt.Errorf("digits: glyph of %q is empty", r)
	}
	o.aspect = (hi.x - lo.x) / (hi.y - lo.y)
	for _, c := range o.contours {
		for i, p := range c {
			c[i] = point{(p.x - lo.x) / (hi.x - lo.x), (p.y - lo.y) / (hi.y - lo.y)}
		}
	}
	return o, nil
}

func at(p fixed.Point26_6) point { return point{float64(p.X) / 64, float64(p.Y) / 64} }

// mix goes the fraction t of the way from a to b.
func mix(a, b point, t float64) point {
	return point{a.x + float64(t*(b.x-a.x)), a.y + float64(t*(b.y-a.y))}
}

func appendLine(c []point, to point) []point {
	from := c[len(c)-1]
	length := max(to.x-from.x, from.x-to.x) + max(to.y-from.y, from.y-to.y)
	n := 1 + int(length/lineLength)
	for i := 1; i <= n; i++ {
		c = append(c, mix(from, to, float64(i)/float64(n)))
	}
	return c
}

func appendCurve(c []point, via, to point) []point {
	from := c[len(c)-1]
	for i := 1; i <= curveParts; i++ {
		t := float64(i) / curveParts
		c = append(c, mix(mix(from, via, t), mix(via, to, t), t))
	}
	return c
}

// bounds is the smallest box around all points.
func bounds(contours [][]point) (lo, hi point) {
	first := true
	for _, c := range contours {
		for _, p := range c {
			if first {
				lo, hi, first = p, p, false
			}
			lo = point{min(lo.x, p.x), min(lo.y, p.y)}
			hi = point{max(hi.x, p.x), max(hi.y, p.y)}
		}
	}
	return lo, hi
}
