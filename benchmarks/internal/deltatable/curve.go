package deltatable

import (
	"bytes"
	"cmp"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/saccade-dev/saccade/features/wholefile"
)

// Panel is a data set and a network in a picture.
type Panel struct {
	Title string
	Rows  []Row
}

// Curves draws accuracy by frames against effective multiply-adds, a panel each, all arms in one
// picture, and writes it as a PNG: points are settings, means over the seeds, on the recordings
// that are reported; lines go through those than which no other setting of the arm is both cheaper and
// better. Settings that lose more than 12 points against the ReLU baseline are left out.
func Curves(path string, panels []Panel, columns int) error {
	rows := (len(panels) + columns) / columns // and one for the legend
	grid := make([][]*plot.Plot, rows)
	for i := range grid {
		grid[i] = make([]*plot.Plot, columns)
	}
	for i, p := range panels {
		one, err := panel(p)
		if err != nil {
			return err
		}
		grid[i/columns][i%columns] = one
	}
	key, err := legend(panels)
	if err != nil {
		return err
	}
	grid[len(panels)/columns][len(panels)%columns] = key
	img := vgimg.NewWith(vgimg.UseWH(vg.Length(columns)*4.1*vg.Inch, vg.Length(rows)*3.3*vg.Inch), vgimg.UseDPI(80))
	tiles := draw.Tiles{Rows: rows, Cols: columns, PadX: vg.Points(8), PadY: vg.Points(8), PadTop: vg.Points(4), PadBottom: vg.Points(4), PadLeft: vg.Points(4), PadRight: vg.Points(10)}
	canvases := plot.Align(grid, tiles, draw.New(img))
	for i := range grid {
		for k, p := range grid[i] {
			if p != nil {
				p.Draw(canvases[i][k])
			}
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: img}).WriteTo(&b); err != nil {
		return err
	}
	return wholefile.Write(path, b.Bytes())
}

// looks are how arms are drawn: arms of a family share a colour.
var looks = map[string]struct {
	colour color.RGBA
	shape  draw.GlyphDrawer
	dashed bool
}{
	ReLU:             {color.RGBA{A: 255}, draw.CrossGlyph{}, false},
	ReLUCounts:       {color.RGBA{R: 120, G: 120, B: 120, A: 255}, draw.PlusGlyph{}, false},
	L1:               {color.RGBA{R: 150, G: 90, B: 30, A: 255}, draw.SquareGlyph{}, true},
	TopK:             {color.RGBA{R: 200, G: 150, B: 0, A: 255}, draw.TriangleGlyph{}, true},
	Cut:              {color.RGBA{R: 110, G: 140, B: 40, A: 255}, draw.RingGlyph{}, false},
	Threshold:        {color.RGBA{R: 30, G: 90, B: 200, A: 255}, draw.SquareGlyph{}, false},
	PostTraining:     {color.RGBA{R: 60, G: 170, B: 220, A: 255}, draw.TriangleGlyph{}, false},
	Fixed:            {color.RGBA{R: 140, G: 60, B: 170, A: 255}, draw.RingGlyph{}, true},
	FixedRefined:     {color.RGBA{R: 140, G: 60, B: 170, A: 255}, draw.CircleGlyph{}, false},
	FixedThreshold:   {color.RGBA{R: 90, G: 30, B: 120, A: 255}, draw.TriangleGlyph{}, false},
	FixedLambda:      {color.RGBA{R: 230, G: 110, B: 190, A: 255}, draw.PyramidGlyph{}, true},
	ThresholdRefined: {color.RGBA{R: 30, G: 90, B: 200, A: 255}, draw.CircleGlyph{}, true},
	DeltaThreshold:   {color.RGBA{R: 250, G: 130, B: 60, A: 255}, draw.TriangleGlyph{}, false},
	Delta:            {color.RGBA{R: 220, G: 40, B: 40, A: 255}, draw.RingGlyph{}, true},
	DeltaRefined:     {color.RGBA{R: 220, G: 40, B: 40, A: 255}, draw.CircleGlyph{}, false},
}

func panel(in Panel) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = in.Title
	p.X.Label.Text, p.Y.Label.Text = "effective MACs a frame", "accuracy by frames, %"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, decades{}
	p.Add(plotter.NewGrid())
	base := slices.IndexFunc(in.Rows, func(r Row) bool { return r.Arm == ReLU })
	if base < 0 {
		return nil, fmt.Errorf("deltatable: %s: expected results of %s, found none", in.Title, ReLU)
	}
	for _, arm := range Arms() {
		points := points(in.Rows, arm, &in.Rows[base])
		if len(points) == 0 {
			continue
		}
		line, _, err := drawn(arm, frontier(points))
		if err != nil {
			return nil, err
		}
		_, shapes, err := drawn(arm, points)
		if err != nil {
			return nil, err
		}
		p.Add(line, shapes)
	}
	top, _ := in.Rows[base].Mean(testFrames)
	p.Y.Max = max(p.Y.Max, 100*top) + 0.5
	return p, nil
}

// points are the settings of an arm that do not lose far too much.
func points(rows []Row, arm string, base *Row) (out plotter.XYs) {
	for i := range rows {
		if r := &rows[i]; r.Arm == arm && behind(r, base) < far {
			x, _ := r.Mean(testMACs)
			y, _ := r.Mean(testFrames)
			out = append(out, plotter.XY{X: max(x, 1), Y: 100 * y})
		}
	}
	slices.SortFunc(out, func(a, b plotter.XY) int { return cmp.Compare(a.X, b.X) })
	return out
}

// frontier are those of points in the order of what they cost that are better than all cheaper ones.
func frontier(points plotter.XYs) (out plotter.XYs) {
	for _, p := range points {
		if len(out) == 0 || p.Y > out[len(out)-1].Y {
			out = append(out, p)
		}
	}
	return out
}

// drawn is an arm as it looks.
func drawn(arm string, points plotter.XYs) (*plotter.Line, *plotter.Scatter, error) {
	line, shapes, err := plotter.NewLinePoints(points)
	if err != nil {
		return nil, nil, err
	}
	look := looks[arm]
	line.Color, shapes.Color, shapes.Shape, shapes.Radius = look.colour, look.colour, look.shape, vg.Points(2.6)
	if look.dashed {
		line.Dashes = []vg.Length{vg.Points(3), vg.Points(2)}
	}
	return line, shapes, nil
}

// legend is a tile that says what the arms look like.
func legend(panels []Panel) (*plot.Plot, error) {
	p := plot.New()
	p.HideAxes()
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.TextStyle.Font = font.From(p.Legend.TextStyle.Font, vg.Points(10))
	p.Legend.Padding = vg.Points(3)
	for _, arm := range Arms() {
		there := slices.ContainsFunc(panels, func(in Panel) bool {
			return slices.ContainsFunc(in.Rows, func(r Row) bool { return r.Arm == arm })
		})
		if !there {
			continue
		}
		line, shapes, err := drawn(arm, plotter.XYs{{X: 0, Y: 0}})
		if err != nil {
			return nil, err
		}
		p.Legend.Add(arm, line, shapes)
	}
	return p, nil
}

// decades are ticks at 1, 2 and 5 times each power of ten.
type decades struct{}

// Ticks are those between two numbers.
func (decades) Ticks(low, high float64) (out []plot.Tick) {
	for e := math.Floor(math.Log10(low)); e <= math.Log10(high); e++ {
		for _, m := range []float64{1, 2, 5} {
			v := m * math.Pow(10, e)
			label := fmt.Sprintf("%g", v)
			if v >= 1000 {
				label = fmt.Sprintf("%gk", v/1000)
			}
			out = append(out, plot.Tick{Value: v, Label: label})
		}
	}
	return slices.DeleteFunc(out, func(t plot.Tick) bool { return t.Value < low || t.Value > high })
}
