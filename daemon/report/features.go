package report

import (
	"fmt"
	"html/template"
	"image"
	"slices"
)

// featuresView is what the page shows of the learned features.
type featuresView struct {
	Empty    string
	Side     int
	Planes   int    // of a patch, 0 for one
	Sums     string // what features of features are pictured on, empty where they are not
	SumSide  int
	Scale    string // how weights became colours
	Bar      template.URL
	Low, Top string // what the ends of the colour bar mean
	NaN      template.CSS
	Broken   bool // a weight is no number
	Places   string
	PlaceBar template.URL
	Orders   []orderView
	Paired   bool // two banks of few features, which stand side by side
	Banks    []bankView
}

type bankView struct {
	Name, Class string
	Low, Top    string // what the ends of the colour bar mean, in short
	File        string
	Count       int
	Many        bool
	Deep        bool // of features of features, whose pictures are large
	Omitted     int  // features beyond what is drawn
	Tiles       []tileView
}

type tileView struct {
	Index     int
	Picture   template.URL
	Threshold string
	Share     string
	Idle      bool // won nothing
	Hint      string
	Sum       template.URL // what a feature of features looks like on the sensor
	SumHint   string
	Place     template.URL // where it won
	PlaceHint string
	// Where it stands in its bank when that is ordered by wins and by threshold.
	ByShare, ByThreshold int
}

// orderView is one of the orders that tiles can be put in.
type orderView struct {
	ID, Name string
	First    bool
}

const tileSide = 96 // pixels that a tile comes near to

// drawFeatures makes the tiles of every bank and a sheet of each.
func drawFeatures(l Layer, p portion, faces typefaces) (featuresView, []file, error) {
	v := featuresView{Side: 2*l.Radius + 1, NaN: css(colourNaN), Sums: sumsTold(l), SumSide: l.SumSide}
	if l.Planes > 1 {
		v.Planes = l.Planes
	}
	colours, err := newColours()
	if err != nil {
		return v, nil, err
	}
	shared := v.scale(l)
	if v.Bar, err = colourBar(colours.weights[:weightLevels]); err != nil {
		return v, nil, err
	}
	if v.Places = l.Field.told(); v.Places != "" && slices.ContainsFunc(l.Banks, func(b Bank) bool { return b.Places != nil }) {
		if v.PlaceBar, err = colourBar(colours.places); err != nil {
			return v, nil, err
		}
	}

	var files []file
	names := newNames()
	room := p.tiles
	for i, b := range l.Banks {
		if len(b.Weights) == 0 {
			continue
		}
		bv := bankView{
			Name: b.Name, Class: seriesClass(i, b.Name), Count: len(b.Weights),
			Low: v.Low, Top: v.Top, Many: len(b.Weights) > 64, Deep: len(b.Sums) > 0,
			File: names.take(p.prefix+"features-"+slug(b.Name), ".png"),
		}
		pictures, err := v.drawBank(&bv, l, b, shared, colours, &room)
		if err != nil {
			return v, nil, err
		}
		v.Banks = append(v.Banks, bv)
		v.orders(b)
		data, err := encodePNG(featureSheet(bv, pictures, v.Scale, colours.weights, faces))
		if err != nil {
			return v, nil, err
		}
		files = append(files, file{bv.File, data})
	}
	v.Paired = len(v.Banks) == 2 && !v.Banks[0].Many && !v.Banks[1].Many
	if len(v.Banks) == 0 {
		v.Empty = "Nothing to show: the run has no learned features."
	}
	return v, files, nil
}

// scale says how weights become colours, and gives the range of all of them.
func (v *featuresView) scale(l Layer) span {
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
	return shared
}

// pictures are those of a feature, for the sheet of its bank.
type pictures struct {
	tile, sum, place *image.Paletted // sum and place are nil where there is none
}

// drawBank makes a bank's tiles, as many as there is room for in bytes of the page.
func (v *featuresView) drawBank(bv *bankView, l Layer, b Bank, shared span, colours colours, room *int) ([]pictures, error) {
	var out []pictures
	ranks := ranksOf(b)
	for j := range min(len(b.Weights), maxTiles) {
		s := shared
		if l.Scale == PerTile {
			s = spanOf(b.Weights[j])
		}
		tile := drawTile(b.Weights[j], v.Side, max(l.Planes, 1), s, colours)
		v.Broken = v.Broken || slices.Contains(tile.Pix, weightLevels)
		p := pictures{tile: enlarge(tile, scaleTo(tileSide, tile.Rect.Dx()))}
		tv := caption(b, j)
		tv.ByShare, tv.ByThreshold = ranks.share[j], ranks.threshold[j]
		var err error
		if tv.Picture, err = dataURI(p.tile); err != nil {
			return nil, err
		}
		if len(b.Sums) > 0 {
			sum := drawSum(l, b, j, colours)
			p.sum = enlarge(sum, scaleTo(p.tile.Rect.Dx(), sum.Rect.Dx()))
			tv.SumHint = sumHint(b, j)
			if tv.Sum, err = dataURI(sum); err != nil {
				return nil, err
			}
		}
		if v.PlaceBar != "" && b.Places != nil {
			place := drawPlaces(b.Places[j], l.Field, colours.places)
			p.place = enlarge(place, scaleTo(tileSide, max(place.Rect.Dx(), place.Rect.Dy())))
			tv.PlaceHint = placeHint(b, j, l.Field)
			if tv.Place, err = dataURI(place); err != nil {
				return nil, err
			}
		}
		if *room -= tv.bytes(); *room < 0 && len(out) > 0 {
			break
		}
		out = append(out, p)
		bv.Tiles = append(bv.Tiles, tv)
	}
	bv.Omitted = len(b.Weights) - len(out)
	return out, nil
}

// bytes is about what a tile takes of the page: its pictures, its texts, each of
// which stands there twice, and the elements about them.
func (v tileView) bytes() int {
	const elements = 300
	return len(v.Picture) + len(v.Sum) + len(v.Place) + 2*len(v.Hint) + 2*len(v.SumHint) + 2*len(v.PlaceHint) + elements
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

func withPrefix(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
