package report

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/palette/moreland"
)

// weightLevels is how many colours a weight is drawn with. The palette has one
// more, the last, for a weight that is no number.
const weightLevels = 255

// colourNaN stands out from every colour of the map.
var colourNaN = color.NRGBA{0x00, 0xc8, 0xc8, 0xff}

// weightPalette is the colour map of weights: the extended black body of K.
// Moreland, "Why We Use Bad Color Maps and What You Can Do About It" (2016),
// whose lightness rises evenly, so that it reads the same in grey and to the
// colour-blind.
func weightPalette() (color.Palette, error) {
	m := moreland.ExtendedBlackBody()
	m.SetMin(0)
	m.SetMax(1)
	p := make(color.Palette, 0, weightLevels+1)
	for i := range weightLevels {
		c, err := m.At(float64(i) / (weightLevels - 1))
		if err != nil {
			return nil, fmt.Errorf("report: colour map: %w", err)
		}
		p = append(p, opaque(c))
	}
	return append(p, colourNaN), nil
}

// placeLevels is how many colours a count is drawn with.
const placeLevels = 64

// placePalette is the colour map of counts on the sensor: Kindlmann's, also by
// Moreland, whose lightness rises as evenly and which is not taken for weights.
func placePalette() (color.Palette, error) {
	m := moreland.Kindlmann()
	m.SetMin(0)
	m.SetMax(1)
	p := make(color.Palette, 0, placeLevels)
	for i := range placeLevels {
		c, err := m.At(float64(i) / (placeLevels - 1))
		if err != nil {
			return nil, fmt.Errorf("report: colour map: %w", err)
		}
		p = append(p, opaque(c))
	}
	return p, nil
}

// colours are the palettes of the report.
type colours struct{ weights, planes, places color.Palette }

func newColours() (c colours, err error) {
	if c.weights, err = weightPalette(); err != nil {
		return c, err
	}
	c.planes = slices.Clone(c.weights)
	c.planes[gapLevel] = colourGap
	c.places, err = placePalette()
	return c, err
}

// colourGap is the line between planes: no colour of the map is grey.
var colourGap = color.NRGBA{0x7f, 0x83, 0x88, 0xff}

// opaque gives a colour, which must not be transparent, in eight bits a channel.
func opaque(c color.Color) color.NRGBA {
	r, g, b, _ := c.RGBA()
	return color.NRGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xff}
}

// span is the range of weights that the colour map covers.
type span struct{ low, high float64 }

// spanOf gives the range of a set of weights: from zero, or from the smallest
// where one is negative, to the largest. What is not finite does not count.
func spanOf(weights ...[]float64) span {
	var s span
	for _, ws := range weights {
		for _, w := range ws {
			if !math.IsNaN(w) && !math.IsInf(w, 0) {
				s.low, s.high = min(s.low, w), max(s.high, w)
			}
		}
	}
	return s
}

// level gives the palette's index of a weight.
func (s span) level(w float64) uint8 {
	if math.IsNaN(w) || math.IsInf(w, 0) {
		return weightLevels
	}
	// Halves, for the difference of two large numbers may overflow.
	width := s.high/2 - s.low/2
	if width <= 0 {
		return 0
	}
	share := (w/2 - s.low/2) / width
	return uint8(math.Round(min(max(share, 0), 1) * (weightLevels - 1)))
}

// Colours of events. They differ in lightness and hue, stand out on white and on
// black, and are those of the banks in the charts.
var (
	colourOff = color.NRGBA{0x2a, 0x6b, 0xcc, 0xff}
	colourOn  = color.NRGBA{0xf0, 0x78, 0x1e, 0xff}
)

// eventColour gives the colour of a pixel that fired: its hue by the share of ON
// events, as opaque as there are events, up to saturation. The least is well
// above nothing, for a single event is what most pixels have.
func eventColour(on, off, saturation int) color.NRGBA {
	if on+off == 0 {
		return color.NRGBA{}
	}
	share := float64(on) / float64(on+off)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + share*(float64(b)-float64(a)))) }
	full := min(float64(on+off)/float64(max(saturation, 1)), 1)
	return color.NRGBA{
		mix(colourOff.R, colourOn.R), mix(colourOff.G, colourOn.G), mix(colourOff.B, colourOn.B),
		uint8(math.Round(255 * (0.45 + 0.55*full))),
	}
}
