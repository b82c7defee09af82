package report

import (
	"fmt"
	"image"
	"image/color"

	"golang.org/x/image/font"
)

// featureSheet lays a bank's tiles out in rows of eight, or of sixteen where they
// are many, each with the map of where it won and its caption below.
func featureSheet(v bankView, tiles []pictures, scale string, palette color.Palette, faces typefaces) image.Image {
	const (
		margin, gap, line = 20, 14, 17
		head              = 64
		narrowest         = 480 // for the heading
	)
	lines := 1
	if v.Tiles[0].Threshold != "" {
		lines++
	}
	if v.Tiles[0].Share != "" {
		lines++
	}
	columns := min(len(tiles), 8)
	if v.Many {
		columns = 16
	}
	rows := (len(tiles) + columns - 1) / columns
	w, h := tiles[0].size()
	pitchX, pitchY := w+gap, h+gap+lines*line
	width := max(2*margin+columns*pitchX-gap, narrowest)
	s := newSheet(width, head+rows*pitchY+margin, faces)

	s.text(faces.title, sheetInk, margin, margin+12, width-2*margin-170, false, fmt.Sprintf("%s: %s", v.Name, plural(int64(v.Count), "feature")))
	s.text(faces.text, sheetGrey, margin, margin+32, width-2*margin, false, scale)
	drawBar(s, v, width-margin, margin+12, palette)
	for i, tile := range tiles {
		x, y := margin+i%columns*pitchX, head+i/columns*pitchY
		t := v.Tiles[i]
		at := y
		for _, p := range tile.shown() {
			s.put(x, at, p)
			at += p.Rect.Dy() + placeGap
		}
		y += h + line - 2
		s.text(faces.text, sheetInk, x+w/2, y, pitchX-2, true, fmt.Sprintf("#%d", t.Index))
		for _, more := range []string{withPrefix("θ ", t.Threshold), t.Share} {
			if more != "" {
				y += line
				s.text(faces.text, sheetGrey, x+w/2, y, pitchX-2, true, more)
			}
		}
	}
	return s.NRGBA
}

const placeGap = 4 // between a feature's pictures

// shown are the pictures that there are, from the top.
func (p pictures) shown() (out []*image.Paletted) {
	for _, picture := range []*image.Paletted{p.sum, p.tile, p.place} {
		if picture != nil {
			out = append(out, picture)
		}
	}
	return out
}

// size is the room that a feature's pictures take, one below the other.
func (p pictures) size() (width, height int) {
	height = -placeGap
	for _, picture := range p.shown() {
		width, height = max(width, picture.Rect.Dx()), height+placeGap+picture.Rect.Dy()
	}
	return width, height
}

// drawBar draws the colour bar with the meaning of its ends, to the left of a
// position on the heading's line.
func drawBar(s sheet, v bankView, right, baseline int, palette color.Palette) {
	const length = 80
	face := s.faces.text
	right -= font.MeasureString(face, v.Top).Ceil()
	s.text(face, sheetGrey, right, baseline, 200, false, v.Top)
	right -= 6 + length
	for x := range length {
		s.fill(right+x, baseline-10, 1, 10, palette[x*(weightLevels-1)/(length-1)])
	}
	right -= 6 + font.MeasureString(face, v.Low).Ceil()
	s.text(face, sheetGrey, right, baseline, 200, false, v.Low)
}
