package report

import (
	"math"

	"github.com/saccade-dev/saccade/daemon/report/internal/chart"
	"github.com/saccade-dev/saccade/features/monitor"
)

// thresholdCourse draws mean, spread and range of all thresholds, and the means of
// the banks where there are several.
func thresholdCourse(l Layer, u unit) *chart.Canvas {
	in := l.Course.Intervals
	low, high := math.Inf(1), math.Inf(-1)
	for _, i := range in {
		for _, v := range []float64{i.All.ThresholdMin, i.All.ThresholdMax, i.All.ThresholdMean} {
			if chart.Drawable(v) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	y := chart.Linear(low, high, 5, chartHeight-chartBottom, chartTop)
	x := eventAxis(in, u, leftOf(y), chartWidth-chartRight)
	c := chart.New(chartWidth, chartHeight, "Mean, spread and range of the selection thresholds over the events")
	c.Text("title", chart.Start, x.From, 20, "Selection thresholds, all")
	c.Frame(x, y, u.name, "selection threshold (cosine)")
	line := func(value func(monitor.Signals) float64) []chart.Point {
		return course(in, x, y, u, func(i monitor.Interval) float64 { return value(i.All) })
	}
	c.Area("area range plain",
		line(func(s monitor.Signals) float64 { return s.ThresholdMax }),
		line(func(s monitor.Signals) float64 { return s.ThresholdMin }))
	c.Area("area plain",
		line(func(s monitor.Signals) float64 { return min(s.ThresholdMean+s.ThresholdSD, s.ThresholdMax) }),
		line(func(s monitor.Signals) float64 { return max(s.ThresholdMean-s.ThresholdSD, s.ThresholdMin) }))
	mean := func(s monitor.Signals) float64 { return s.ThresholdMean }
	bankLines(c, l, x, y, u, mean)
	c.Path("line mean plain", line(mean))
	marks(c, l, u, x, y)
	return c
}

// signalChart is a chart of one signal, a line a bank.
type signalChart struct {
	title, unit string
	logarithmic bool
	value       func(monitor.Signals) float64 // NaN for a gap
	lines       []float64                     // what to compare with
}

func signalCourse(l Layer, u unit, s signalChart) *chart.Canvas {
	in := l.Course.Intervals
	low, high := math.Inf(1), math.Inf(-1)
	widen := func(v float64) {
		if chart.Drawable(v) && (!s.logarithmic || v > 0) {
			low, high = min(low, v), max(high, v)
		}
	}
	for _, i := range in {
		widen(s.value(i.All))
		for _, b := range i.Banks {
			widen(s.value(b))
		}
	}
	for _, v := range s.lines {
		widen(v / 1.5)
		widen(v * 1.5)
	}
	y := chart.Linear(low, high, 5, chartHeight-chartBottom, chartTop)
	if s.logarithmic && high > 8*low { // within less, ticks at 1, 2 and 5 would be too few
		y = chart.Logarithmic(low, high, chartHeight-chartBottom, chartTop, digitsG)
	}
	x := eventAxis(in, u, leftOf(y), chartWidth-chartRight)
	c := chart.New(chartWidth, chartHeight, s.title+" over the events")
	c.Text("title", chart.Start, x.From, 20, s.title)
	c.Frame(x, y, u.name, s.unit)
	bankLines(c, l, x, y, u, s.value)
	c.Path("line plain", course(in, x, y, u, func(i monitor.Interval) float64 { return s.value(i.All) }))
	for _, v := range s.lines {
		c.Line("line reference", x.From, y.At(v), x.To, y.At(v))
	}
	marks(c, l, u, x, y)
	return c
}

// bankLines draws a line a bank, and the key of all lines where there are several.
func bankLines(c *chart.Canvas, l Layer, x, y chart.Axis, u unit, value func(monitor.Signals) float64) {
	if len(l.Banks) < 2 {
		return
	}
	at := x.To
	c.Text("named plain", chart.End, at, 20, "all")
	at -= width("all") + 10
	for b := len(l.Banks) - 1; b >= 0; b-- {
		class := seriesClass(b, l.Banks[b].Name)
		c.Path("line "+class, course(l.Course.Intervals, x, y, u, func(i monitor.Interval) float64 { return value(i.Banks[b]) }))
		if len(l.Banks) <= 4 {
			name := cut(l.Banks[b].Name, 12)
			c.Text("named "+class, chart.End, at, 20, name)
			at -= width(name) + 10
		}
	}
}

// course puts a value of every interval on a chart.
func course(in []monitor.Interval, x, y chart.Axis, u unit, value func(monitor.Interval) float64) []chart.Point {
	out := make([]chart.Point, len(in))
	for i, v := range in {
		out[i] = chart.Point{X: x.At(middle(v) / u.size), Y: y.At(value(v))}
	}
	return out
}
