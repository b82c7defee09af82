package report

import (
	"fmt"
	"image"
	"image/color"
	"slices"
)

// told says what a field's squares are, and nothing where there is no field.
func (f Field) told() string {
	switch {
	case !f.Geometry.Known():
		return ""
	case f.Block > 1:
		return fmt.Sprintf("%d×%d pixels, %d×%d of them drawn as one", f.Geometry.Width, f.Geometry.Height, f.Block, f.Block)
	}
	return fmt.Sprintf("%d×%d pixels", f.Geometry.Width, f.Geometry.Height)
}

// drawPlaces makes a pixel of each square of a field, from the palette's first
// colour for none to its last for as many as one square in a hundred of those with
// any exceeds: a hot pixel shall not darken the rest.
func drawPlaces(counts []int64, f Field, palette color.Palette) *image.Paletted {
	p := image.NewPaletted(image.Rect(0, 0, f.Columns(), f.Rows()), palette)
	full := fullCount(counts)
	for i, n := range counts {
		if n > 0 {
			level := min(float64(n)/full, 1) * float64(len(palette)-1)
			p.Pix[i] = uint8(max(level+0.5, 1)) // one event is not none
		}
	}
	return p
}

// fullCount is the count that one in a hundred of those above zero exceeds.
func fullCount(counts []int64) float64 {
	var positive []int64
	for _, n := range counts {
		if n > 0 {
			positive = append(positive, n)
		}
	}
	if len(positive) == 0 {
		return 1
	}
	slices.Sort(positive)
	return float64(positive[(len(positive)-1)*99/100])
}

// placeHint says in words where a feature won: how many events, and where the most.
func placeHint(b Bank, neuron int, f Field) string {
	return fmt.Sprintf("where %s, neuron %d won: %s", b.Name, neuron, mapHint(b.Places[neuron], f))
}

func mapHint(counts []int64, f Field) string {
	all, most := 0.0, 0 // a sum of counts from outside may exceed an integer's range
	for i, n := range counts {
		all += float64(n)
		if n > counts[most] {
			most = i
		}
	}
	if all == 0 {
		return "nowhere"
	}
	block := max(f.Block, 1)
	return fmt.Sprintf("%.0f events, most (%.0f) at x %d, y %d", all, float64(counts[most]), most%f.Columns()*block, most/f.Columns()*block)
}
