package report

import (
	"html/template"
	"image"
	"image/color"
	"math"
	"strconv"
)

// drawTile makes one pixel of each weight. Of several planes it makes a patch
// each, in rows from the top left.
func drawTile(weights []float64, side, planes int, s span, c colours) *image.Paletted {
	if planes == 1 {
		p := image.NewPaletted(image.Rect(0, 0, side, side), c.weights)
		for i, w := range weights {
			p.Pix[i] = s.level(w)
		}
		return p
	}
	return drawPatches(weights, side, planes, columnsOf(planes), s, c)
}

// columnsOf is how many patches stand in a row: as many as there are rows or one more,
// or up to twice as many where that leaves no place empty.
func columnsOf(planes int) int {
	least := int(math.Ceil(math.Sqrt(float64(planes))))
	for n := least; n*n <= 2*planes; n++ {
		if planes%n == 0 {
			return n
		}
	}
	return least
}

// drawPatches makes a patch a plane, in rows of so many from the top left, with a line
// between.
func drawPatches(weights []float64, side, planes, columns int, s span, c colours) *image.Paletted {
	rows := (planes + columns - 1) / columns
	p := image.NewPaletted(image.Rect(0, 0, columns*(side+1)-1, rows*(side+1)-1), c.planes)
	for i := range p.Pix {
		p.Pix[i] = gapLevel
	}
	for i, w := range weights {
		plane, at := i/(side*side), i%(side*side)
		level := s.level(w)
		if level == gapLevel {
			level = 0
		}
		p.SetColorIndex(plane%columns*(side+1)+at%side, plane/columns*(side+1)+at/side, level)
	}
	return p
}

// gapLevel is the level that tiles of several planes give up for the line between
// them: as a weight it can hardly be told from 0.
const gapLevel = 1

func thresholdText(v float64) string {
	if s, ok := special(v); ok {
		return s
	}
	if v >= 1e4 || v <= -1e4 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

// colourBar draws every colour of a palette once.
func colourBar(palette color.Palette) (template.URL, error) {
	p := image.NewPaletted(image.Rect(0, 0, len(palette), 1), palette)
	for i := range palette {
		p.Pix[i] = uint8(i)
	}
	return dataURI(p)
}
