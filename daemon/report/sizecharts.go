package report

import (
	"math"
	"slices"
	"strconv"

	"github.com/saccade-dev/saccade/daemon/report/internal/chart"
)

// sizeLine is a line of a chart of sizes: what of a point it shows.
type sizeLine struct {
	class string // besides the bank's
	name  string // behind the bank's, at its end
	of    func(SizePoint) float64
	// spread, if set, is how far a value varies on either side.
	spread func(SizePoint) float64
}

// sizeCharts draws a curve's charts, all over the same axis of sizes.
func sizeCharts(s Sizes) []chartView {
	var views []chartView
	add := func(title, unit, caption string, high float64, lines ...sizeLine) {
		c := sizeChart(s, title, unit, high, lines)
		view, _ := viewOf(c, "", caption)
		views = append(views, view)
	}
	add("Noise told from structure", "separation, bits",
		"What a winner tells of whether its event is noise, where half of the events are: 0 nothing, 1 all. "+
			"Bars: the standard deviation over runs. The size is chosen where doubling it adds little from there on.",
		math.NaN(),
		sizeLine{
			class: "line mean", of: func(p SizePoint) float64 { return p.Separation },
			spread: drawnSpread,
		})
	add("What noise takes", "share of events, %",
		"Thick: the known noise events that features taken by noise win. Thin: the other events that those features win with them, the recordings' own noise among them.",
		100,
		sizeLine{class: "line mean", name: " noise", of: func(p SizePoint) float64 { return 100 * p.Caught }},
		sizeLine{class: "line", name: " structure", of: func(p SizePoint) float64 { return 100 * p.Lost }})
	add("Features of noise", "features of a bank",
		"Thick: features taken by noise. Thin: over how many features noise is spread, two to the power of its entropy. "+
			"Spread that grows with the size is noise that falls anywhere, and later noise that takes more features than it needs.",
		math.NaN(),
		sizeLine{class: "line mean", name: " taken", of: func(p SizePoint) float64 { return p.Taken }},
		sizeLine{class: "line", name: " spread", of: func(p SizePoint) float64 { return p.NoiseFeatures }})
	add("How near features are", "mean cosine with the winner",
		"Thick: of structure, which gains from every neuron and has no bend in natural recordings. Thin: of noise.",
		1,
		sizeLine{class: "line mean", name: " structure", of: func(p SizePoint) float64 { return p.StructureCosine }},
		sizeLine{class: "line", name: " noise", of: func(p SizePoint) float64 { return p.NoiseCosine }})
	return views
}

// drawnSpread is the bar on a separation, none where a single run has no spread.
func drawnSpread(p SizePoint) float64 {
	if math.IsNaN(p.SeparationSpread) {
		return 0
	}
	return p.SeparationSpread
}

// sizeChart draws lines of each bank; high is where the axis ends, NaN for where the
// values do.
func sizeChart(s Sizes, title, unit string, high float64, lines []sizeLine) *chart.Canvas {
	const labelRoom = 112
	if math.IsNaN(high) {
		high = 0
		for _, b := range s.Banks {
			for _, p := range b.Points {
				for _, l := range lines {
					v := l.of(p)
					if l.spread != nil {
						v += l.spread(p)
					}
					if chart.Drawable(v) {
						high = max(high, v)
					}
				}
			}
		}
	}
	y := chart.Linear(0, high, 5, chartHeight-chartBottom, chartTop)
	x := sizeAxis(s.Banks[0].Points, leftOf(y), chartWidth-labelRoom)
	c := chart.New(chartWidth, chartHeight, title+" over the number of neurons")
	c.Text("title", chart.Start, x.From, 20, title)
	c.Frame(x, y, "neurons of each bank", unit)
	if s.Chosen > 0 {
		at := x.At(float64(s.Chosen))
		c.Line("line reference", at, y.From, at, y.To)
		c.Text("strong", chart.Middle, at, y.To-6, strconv.Itoa(s.Chosen)+" chosen")
	}
	var labels []endLabel
	for i, b := range s.Banks {
		class := seriesClass(i, b.Name)
		for _, l := range lines {
			points := make([]chart.Point, len(b.Points))
			for k, p := range b.Points {
				points[k] = chart.Point{X: x.At(float64(p.Neurons)), Y: y.At(l.of(p))}
				if l.spread != nil {
					// Banks stand beside each other, or their bars would hide one another.
					at := points[k].X + 3*(float64(i)-float64(len(s.Banks)-1)/2)
					c.Line("line "+class, at, y.At(max(l.of(p)-l.spread(p), y.Min)), at, y.At(l.of(p)+l.spread(p)))
				}
			}
			c.Path(l.class+" "+class, points)
			labels = append(labels, endLabel{points[len(points)-1].Y, class, cut(b.Name, 8) + l.name})
		}
	}
	writeEndLabels(c, x.To+8, y.To, y.From, labels)
	return c
}

// sizeAxis is logarithmic, with ticks at the sizes themselves as far as there is room.
func sizeAxis(points []SizePoint, from, to float64) chart.Axis {
	low, high := float64(points[0].Neurons), float64(points[len(points)-1].Neurons)
	a := chart.Logarithmic(low, max(high, low*2), from, to, func(float64) string { return "" })
	a.Min, a.Max, a.Ticks = low, max(high, low*2), nil
	last := math.Inf(-1)
	for _, p := range points {
		label := strconv.Itoa(p.Neurons)
		if at := a.At(float64(p.Neurons)); at >= last+width(label) {
			a.Ticks = append(a.Ticks, chart.Tick{Value: float64(p.Neurons), Label: label})
			last = at + width(label)/2
		}
	}
	return a
}

// endLabel is the name of a line, where the line ends.
type endLabel struct {
	at          float64
	class, text string
}

// writeEndLabels writes names beside the ends of their lines, moved apart where they
// would lie over each other.
func writeEndLabels(c *chart.Canvas, x, top, bottom float64, labels []endLabel) {
	const apart = 15.0
	labels = slices.DeleteFunc(labels, func(l endLabel) bool { return math.IsNaN(l.at) })
	slices.SortStableFunc(labels, func(a, b endLabel) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	for i := range labels {
		labels[i].at = max(labels[i].at, top)
		if i > 0 {
			labels[i].at = max(labels[i].at, labels[i-1].at+apart)
		}
	}
	for i := len(labels) - 1; i >= 0; i-- {
		most := bottom
		if i+1 < len(labels) {
			most = labels[i+1].at - apart
		}
		labels[i].at = min(labels[i].at, most)
	}
	for _, l := range labels {
		c.Text("named "+l.class, chart.Start, x, l.at+4, l.text)
	}
}
