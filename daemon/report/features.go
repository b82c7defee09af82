package report

import (
	"fmt"
	"html/template"
	"image"
	"image/color"
	"slices"
	"strconv"

	"golang.org/x/image/font"
)

// featuresView is what the page shows of the learned features.
type featuresView struct {
	Empty    string
	Side     int
	Scale    string // how weights became colours
	Bar      template.URL
	Low, Top string // what the ends of the colour bar mean
	NaN      template.CSS
	Broken   bool // a weight is no number
	Banks    []bankView
}

type bankView struct {
	Name, Class string
	Low, Top    string // what the ends of the colour bar mean, in short
	File        string
	Count       int
	Many        bool
	Omitted     int // features beyond what is drawn
	Tiles       []tileView
}

type tileView struct {
	Index     int
	Picture   template.URL
	Threshold string
	Share     string
	Idle      bool // won nothing
	Hint      string
}

const tileSide = 96 // pixels that a tile comes near to

// drawFeatures makes the tiles of every bank and a sheet of each.
func drawFeatures(l Layer, faces typefaces) (featuresView, []file, error) {
	side := 2*l.Radius + 1
	v := featuresView{Side: side, NaN: css(colourNaN)}
	palette, err := weightPalette()
	if err != nil {
		return v, nil, err
	}
	shared := span{}
	for _, b := range l.Banks {
		s := spanOf(b.Weights...)
		shared = span{min(shared.low, s.low), max(shared.high, s.high)}
	}
	v.Low, v.Top = "0", "largest"
	v.Scale = "Each tile has a scale of its own, from 0 to its largest weight."
	switch {
	case l.Scale == Shared:
		v.Low, v.Top = digits3(shared.low), digits3(shared.high)
		v.Scale = "All tiles share one scale."
	case shared.low < 0:
		v.Low, v.Scale = "least", "Each tile has a scale of its own, from 0, or its least weight where that is negative, to its largest."
	}
	if v.Bar, err = colourBar(palette); err != nil {
		return v, nil, err
	}

	var files []file
	names := newNames()
	for i, b := range l.Banks {
		if len(b.Weights) == 0 {
			continue
		}
		tiles := make([]*image.Paletted, min(len(b.Weights), maxTiles))
		for j := range tiles {
			s := shared
			if l.Scale == PerTile {
				s = spanOf(b.Weights[j])
			}
			tile := drawTile(b.Weights[j], side, s, palette)
			v.Broken = v.Broken || slices.Contains(tile.Pix, weightLevels)
			tiles[j] = enlarge(tile, scaleTo(tileSide, side))
		}
		bv := bankView{
			Name: b.Name, Class: seriesClass(i, b.Name), Count: len(b.Weights), Omitted: len(b.Weights) - len(tiles),
			Low: v.Low, Top: v.Top, Many: len(b.Weights) > 64, File: names.take("features-"+slug(b.Name), ".png"),
		}
		for j, tile := range tiles {
			tv := caption(b, j)
			if tv.Picture, err = dataURI(tile); err != nil {
				return v, nil, err
			}
			bv.Tiles = append(bv.Tiles, tv)
		}
		v.Banks = append(v.Banks, bv)
		data, err := encodePNG(featureSheet(bv, tiles, v.Scale, palette, faces))
		if err != nil {
			return v, nil, err
		}
		files = append(files, file{bv.File, data})
	}
	if len(v.Banks) == 0 {
		v.Empty = "Nothing to show: the run has no learned features."
	}
	return v, files, nil
}

// drawTile makes one pixel of each weight.
func drawTile(weights []float64, side int, s span, palette color.Palette) *image.Paletted {
	p := image.NewPaletted(image.Rect(0, 0, side, side), palette)
	for i, w := range weights {
		p.Pix[i] = s.level(w)
	}
	return p
}

func caption(b Bank, neuron int) tileView {
	v := tileView{Index: neuron, Hint: fmt.Sprintf("%s, neuron %d", b.Name, neuron)}
	if b.Thresholds != nil {
		v.Threshold = thresholdText(b.Thresholds[neuron])
		v.Hint += ", selection threshold " + v.Threshold
	}
	if b.Wins != nil {
		var all float64 // a sum of counts from outside may exceed an integer's range
		for _, w := range b.Wins {
			all += float64(w)
		}
		share := 0.0
		if all > 0 {
			share = float64(b.Wins[neuron]) / all
		}
		v.Share, v.Idle = percent(share), b.Wins[neuron] == 0
		v.Hint += ", won " + plural(b.Wins[neuron], "event") + " (" + v.Share + ")"
	}
	return v
}

func thresholdText(v float64) string {
	if s, ok := special(v); ok {
		return s
	}
	if v >= 1e4 || v <= -1e4 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

func colourBar(palette color.Palette) (template.URL, error) {
	p := image.NewPaletted(image.Rect(0, 0, weightLevels, 1), palette)
	for i := range weightLevels {
		p.Pix[i] = uint8(i)
	}
	return dataURI(p)
}

// featureSheet lays a bank's tiles out in rows of eight, or of sixteen where they
// are many, each with its caption below.
func featureSheet(v bankView, tiles []*image.Paletted, scale string, palette color.Palette, faces typefaces) image.Image {
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
	side := tiles[0].Rect.Dx()
	pitchX, pitchY := side+gap, side+gap+lines*line
	width := max(2*margin+columns*pitchX-gap, narrowest)
	s := newSheet(width, head+rows*pitchY+margin, faces)

	s.text(faces.title, sheetInk, margin, margin+12, width-2*margin-170, false, fmt.Sprintf("%s: %s", v.Name, plural(int64(v.Count), "feature")))
	s.text(faces.text, sheetGrey, margin, margin+32, width-2*margin, false, scale)
	drawBar(s, v, width-margin, margin+12, palette)
	for i, tile := range tiles {
		x, y := margin+i%columns*pitchX, head+i/columns*pitchY
		s.put(x, y, tile)
		t := v.Tiles[i]
		y += side + line - 2
		s.text(faces.text, sheetInk, x+side/2, y, pitchX-2, true, fmt.Sprintf("#%d", t.Index))
		for _, more := range []string{withPrefix("θ ", t.Threshold), t.Share} {
			if more != "" {
				y += line
				s.text(faces.text, sheetGrey, x+side/2, y, pitchX-2, true, more)
			}
		}
	}
	return s.NRGBA
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

func withPrefix(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
