package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"sort"
	"strconv"

	"github.com/saccade-dev/saccade/daemon/report/internal/chart"
	"github.com/saccade-dev/saccade/events"
)

// rastersView is the rasters and the choice among them.
type rastersView struct {
	Choices []choiceView
	Omitted int
	Style   template.CSS // shows the one that is chosen
}

type choiceView struct {
	Index          int
	Name           string
	Title          string
	Verdict, Class string
	Facts          string
	Empty          string
	Chart          chartView
}

// drawRasters makes a chart of every recording, of which the page shows one.
func drawRasters(l Layer, rasters []Raster, id string, p portion) (rastersView, []file) {
	var v rastersView
	var files []file
	if len(rasters) > maxRasters {
		v.Omitted, rasters = len(rasters)-maxRasters, rasters[:maxRasters]
	}
	names := newNames()
	most := dotsEach(rasters, p.dots)
	for i, r := range rasters {
		c := choiceView{Index: i, Name: cmp.Or(r.Label, r.Name, strconv.Itoa(i+1)), Title: cmp.Or(r.Name, "recording")}
		c.Name = cut(c.Name, 24)
		c.Verdict, c.Class = verdict(r.Label, r.Predicted)
		won := len(r.Events)
		c.Facts = plural(int64(won), "event") + " that a feature won"
		if won == 0 {
			c.Empty = "Nothing to show: no feature won an event of this recording."
		} else {
			canvas, drawn := rasterChart(l, r, most)
			caption := "Each dot is an event, at its time and at the feature that won it; orange for ON events, blue for OFF."
			if drawn < won {
				caption += fmt.Sprintf(" Of %s events %s are drawn, evenly spread.", count(int64(won)), count(int64(drawn)))
			}
			var f file
			c.Chart, f = viewOf(canvas, names.take(p.prefix+"raster-"+slug(c.Name), ".svg"), caption)
			files = append(files, f)
		}
		v.Choices = append(v.Choices, c)
	}
	v.Style = chosenStyle(id, len(v.Choices))
	return v, files
}

// dotsEach is how many dots a raster may have, so that all together have no more
// than all: what small ones leave goes to the large.
func dotsEach(rasters []Raster, all int) int {
	// The least number that is too many, less one.
	return sort.Search(maxDots, func(most int) bool {
		dots := 0
		for _, r := range rasters {
			dots += min(len(r.Events), most+1)
		}
		return dots > all
	})
}

// chosenStyle shows a raster where its choice is on, and hides it where it is not:
// without style all are shown, and without a choice none is missing.
func chosenStyle(id string, n int) template.CSS {
	s := ""
	for i := range n {
		s += fmt.Sprintf(".choose>#raster%s-%d:checked~.chosen>#rastered%s-%d{display:block}\n", id, i, id, i)
	}
	// Safe for a template: it has nothing but numbers of ours.
	return template.CSS(s)
}

// verdict says what a recording was taken for.
func verdict(label, predicted string) (text, class string) {
	switch {
	case predicted == "":
		return "", ""
	case label == "":
		return "recognised as " + predicted, "plain"
	case label == predicted:
		return "recognised as " + predicted, "right"
	}
	return "taken for " + predicted, "wrong"
}

const rasterWidth = 1080.0

// rasterChart draws at most so many of a recording's events.
func rasterChart(l Layer, r Raster, most int) (c *chart.Canvas, drawn int) {
	all := slices.SortedStableFunc(slices.Values(r.Events), func(a, b Win) int { return cmp.Compare(a.T, b.T) })
	first := all[0].T
	since := func(w Win) float64 { return float64(uint64(w.T) - uint64(first)) }
	n := l.neurons()
	row := min(max(480/float64(n), 0.25), 9)
	const top, bottom, left = 16.0, 50.0, 78.0
	size := top + row*float64(n)
	scale, name := timeUnit(since(all[len(all)-1]))
	last := since(all[len(all)-1]) / scale
	x := trimmed(chart.Linear(0, last, 10, left, rasterWidth-14), last)
	c = chart.New(rasterWidth, size+bottom, fmt.Sprintf("Raster of the features that won events of %s", cmp.Or(r.Name, "a recording")))
	for _, t := range x.Ticks {
		at := x.At(t.Value)
		c.Line("grid", at, top, at, size)
		c.Text("", chart.Middle, at, size+19, t.Label)
	}
	c.Text("", chart.Middle, (x.From+x.To)/2, size+38, "time since the first of them, "+name)
	rasterRows(c, l, x, row, top)

	var dots [2][]chart.Point
	drawn = min(len(all), most)
	for i := range drawn {
		w := all[i*len(all)/drawn]
		p := 0
		if w.P == events.On {
			p = 1
		}
		dots[p] = append(dots[p], chart.Point{X: x.At(since(w) / scale), Y: top + row*(float64(w.Feature)+0.5)})
	}
	diameter := min(max(row*0.5, 1.2), 3)
	c.Dots("dots off", diameter, dots[0])
	c.Dots("dots on", diameter, dots[1])
	return c, drawn
}

// rasterRows names the rows, bank by bank.
func rasterRows(c *chart.Canvas, l Layer, x chart.Axis, row, top float64) {
	from := 0
	for i, b := range l.Banks {
		n := neurons(b)
		y := top + row*float64(from)
		c.Line("axis", x.From, y, x.To, y)
		every := max(1, int(math.Ceil(14/row)))
		for k := 0; k < n; k += every {
			c.Text("", chart.End, x.From-8, y+row*(float64(k)+0.5)+4, strconv.Itoa(k))
		}
		if room := int(row * float64(n) / 8); room >= 2 {
			c.Rotated("named "+seriesClass(i, b.Name), chart.Middle, 30, y+row*float64(n)/2, -90, cut(b.Name, min(room, 20)))
		}
		from += n
	}
	y := top + row*float64(from)
	c.Line("axis", x.From, y, x.To, y)
	if height := row * float64(from); height > 90 {
		c.Rotated("", chart.Middle, 12, top+height/2, -90, "feature")
	}
}

// timeUnit gives the unit that suits a time in microseconds.
func timeUnit(most float64) (size float64, name string) {
	switch {
	case most >= 1e7:
		return 1e6, "s"
	case most >= 1e3:
		return 1e3, "ms"
	}
	return 1, "µs"
}
