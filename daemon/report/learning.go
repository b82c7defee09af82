package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/saccade-dev/saccade/daemon/report/internal/chart"
)

// chartView is a chart on the page and the file it also stands in.
type chartView struct {
	SVG     template.HTML
	File    string
	Caption string
}

func viewOf(c *chart.Canvas, name, caption string) (chartView, file) {
	// Safe for a template: the chart escapes every text that goes into it.
	return chartView{template.HTML(c.Inline()), name, caption}, file{name, c.File()}
}

type learningView struct {
	Empty      string
	Missed     []chartView
	Thresholds []chartView
	Balance    []balanceView
}

// balanceView compares a bank's misses and hits with FEAST's balance.
type balanceView struct {
	Name, Class         string
	Neurons             int
	Expected, Found     string // misses/hits
	ExpectedRate, Share string // missed events as a share of all
}

const (
	chartWidth, chartHeight = 500.0, 310.0
	chartTop, chartBottom   = 44.0, 52.0
	chartRight              = 18.0
	maxPoints               = 300 // of a threshold's line: finer than its pixels can show
	maxIntervals            = 120 // of a missed rate's line: longer intervals have steadier rates
)

func drawLearning(l Layer) (learningView, []file) {
	var v learningView
	var files []file
	unit := eventUnit(l.Banks)
	if c, caption := missedChart(l, unit); c != nil {
		view, f := viewOf(c, "missed.svg", caption)
		v.Missed, files = append(v.Missed, view), append(files, f)
	}
	low, high := thresholdRange(l.Banks)
	names := newNames()
	for i, b := range l.Banks {
		if c, caption := thresholdChart(b, seriesClass(i, b.Name), unit, low, high); c != nil {
			view, f := viewOf(c, names.take("thresholds-"+slug(b.Name), ".svg"), caption)
			v.Thresholds, files = append(v.Thresholds, view), append(files, f)
		}
	}
	v.Balance = balances(l)
	if len(v.Missed)+len(v.Thresholds) == 0 {
		v.Empty = "Nothing to show: the run has no samples of its learning."
	}
	return v, files
}

// unit is what an axis of events counts in.
type unit struct {
	size float64
	name string
}

// eventUnit gives the unit that suits the longest history.
func eventUnit(banks []Bank) unit {
	var most int64
	for _, b := range banks {
		if n := len(b.History); n > 0 {
			most = max(most, b.History[n-1].Events)
		}
	}
	switch {
	case most >= 2_000_000:
		return unit{1e6, "millions of events seen by the bank"}
	case most >= 2_000:
		return unit{1e3, "thousands of events seen by the bank"}
	}
	return unit{1, "events seen by the bank"}
}

// thinned keeps the first sample, at most so many in all, and the last. Totals are
// cumulative, so what lies between two that stay is not lost.
func thinned(history []Sample, most int) []Sample {
	stride := (len(history) + most - 1) / most
	if stride <= 1 {
		return history
	}
	out := make([]Sample, 0, most+1)
	for i := 0; i < len(history); i += stride {
		out = append(out, history[i])
	}
	if (len(history)-1)%stride != 0 {
		out = append(out, history[len(history)-1])
	}
	return out
}

// balances compares each bank over the later half of its events, when learning
// has had time to settle.
func balances(l Layer) []balanceView {
	var out []balanceView
	for i, b := range l.Banks {
		n := neurons(b)
		v := balanceView{Name: cut(b.Name, 20), Class: seriesClass(i, b.Name), Neurons: n}
		if e, ok := l.Balance(n); ok {
			v.Expected, v.ExpectedRate = ratio(e), percent(rateOf(e))
		}
		if seen, missed := laterHalf(b.History); seen > 0 {
			v.Share, v.Found = percent(float64(missed)/float64(seen)), "no hits"
			if hits := seen - missed; hits > 0 {
				v.Found = ratio(float64(missed) / float64(hits))
			}
		}
		if v.Expected != "" || v.Found != "" {
			out = append(out, v)
		}
	}
	return out
}

// laterHalf counts events and misses since the first sample at or behind the
// middle of the history, or all of them where that leaves none.
func laterHalf(history []Sample) (seen, missed int64) {
	if len(history) == 0 {
		return 0, 0
	}
	last := history[len(history)-1]
	for _, s := range history {
		if s.Events >= last.Events/2 && s.Events < last.Events {
			return last.Events - s.Events, last.Missed - s.Missed
		}
	}
	return last.Events, last.Missed
}

// rateOf turns misses/hits into misses as a share of all events.
func rateOf(missesPerHit float64) float64 { return missesPerHit / (1 + missesPerHit) }

func ratio(v float64) string {
	if v != 0 && math.Abs(v) < 0.001 {
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.4f", v)
}

// missedChart draws the share of missed events between samples, a line a bank,
// and nil where there are no samples.
func missedChart(l Layer, u unit) (*chart.Canvas, string) {
	type line struct {
		class, name string
		points      []chart.Point
	}
	var lines []line
	var rates []float64
	right := 0.0
	for i, b := range l.Banks {
		var last Sample
		ln := line{class: seriesClass(i, b.Name), name: b.Name}
		for _, s := range thinned(b.History, maxIntervals) {
			if s.Events > last.Events {
				// An interval's rate stands in the middle of the interval.
				rate := float64(s.Missed-last.Missed) / float64(s.Events-last.Events)
				ln.points = append(ln.points, chart.Point{X: (float64(last.Events) + float64(s.Events)) / 2 / u.size, Y: 100 * rate})
				rates = append(rates, 100*rate)
			}
			last = s
		}
		right = max(right, float64(last.Events)/u.size)
		if len(ln.points) > 0 {
			lines = append(lines, ln)
		}
	}
	if len(lines) == 0 {
		return nil, ""
	}
	expected := expectedRates(l)
	low, high := missedRange(rates, expected)
	y := chart.Logarithmic(low, high, chartHeight-chartBottom, chartTop, digits3)
	x := trimmed(chart.Linear(0, right, 6, leftOf(y), chartWidth-chartRight), right)

	c := chart.New(chartWidth, chartHeight, "Missed events over the events seen, with FEAST's expected balance")
	c.Text("title", chart.Start, x.From, 20, "Missed events")
	c.Frame(x, y, u.name, "missed, % of events")
	at := x.To
	if text := expectedText(l); text != "" {
		text = cut("expected "+text, 40)
		c.Text("strong", chart.End, at, 20, text)
		at -= width(text) + 8
		c.Line("line reference", at-26, 16, at, 16)
		at -= 42
	}
	for i := len(lines) - 1; i >= 0 && len(lines) <= 4; i-- {
		name := cut(lines[i].name, 12)
		c.Text("named "+lines[i].class, chart.End, at, 20, name)
		at -= width(name) + 12
	}
	for _, ln := range lines {
		points := make([]chart.Point, len(ln.points))
		for i, p := range ln.points {
			points[i] = chart.Point{X: x.At(p.X), Y: y.At(max(p.Y, y.Min))}
		}
		c.Path("line "+ln.class, points)
	}
	for _, e := range expected {
		level := y.At(100 * e.rate)
		c.Line("line reference", x.From, level, x.To, level)
	}
	caption := "Share of missed events between two samples, on a logarithmic axis; an interval without a miss stands at its foot."
	if len(expected) > 0 {
		caption += " Dashed: the share at which thresholds rest, from misses/hits = ΔI/(N·ΔE)"
		for i, e := range expected {
			caption += []string{" = ", "; "}[min(i, 1)] + fmt.Sprintf("%s/(%d·%s) = %s", digitsG(l.DeltaI), e.neurons, digitsG(l.DeltaE), ratio(e.missesPerHit))
		}
		caption += "."
	} else {
		caption += " No expected balance: the run does not give ΔI and ΔE."
	}
	return c, caption
}

// missedRange gives the range of an axis of missed rates in per cent. Rates begin
// near all or nothing and settle at a few per cent, so the axis is logarithmic;
// its foot is well below the balance, but no deeper than there is something to see.
func missedRange(rates []float64, expected []expectedRate) (low, high float64) {
	low, high = math.Inf(1), 0
	for _, r := range rates {
		if high = max(high, r); r > 0 {
			low = min(low, r)
		}
	}
	for _, e := range expected {
		low, high = min(low, 100*e.rate/2), max(high, 100*e.rate*2)
	}
	high = min(max(high, 0.1), 100)
	return min(max(low, high/1000), high/2), high
}

type expectedRate struct {
	neurons            int
	missesPerHit, rate float64
}

// expectedRates gives the balance once for each number of neurons that a bank has.
func expectedRates(l Layer) []expectedRate {
	var out []expectedRate
	seen := map[int]bool{}
	for _, b := range l.Banks {
		n := neurons(b)
		if e, ok := l.Balance(n); ok && !seen[n] {
			seen[n] = true
			out = append(out, expectedRate{n, e, rateOf(e)})
		}
	}
	return out
}

// leftOf gives where a chart's plane begins, so that the labels of y have room.
func leftOf(y chart.Axis) float64 {
	left := 62.0
	for _, t := range y.Ticks {
		left = max(left, 36+width(t.Label))
	}
	return left
}

// trimmed ends an axis at its last value and drops the ticks beyond.
func trimmed(a chart.Axis, last float64) chart.Axis {
	if last <= a.Min {
		return a
	}
	a.Max = last
	for len(a.Ticks) > 0 && a.Ticks[len(a.Ticks)-1].Value > a.Max*(1+1e-9) {
		a.Ticks = a.Ticks[:len(a.Ticks)-1]
	}
	return a
}

// thresholdRange gives the range of all banks' thresholds, so that their charts
// can be compared.
func thresholdRange(banks []Bank) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, b := range banks {
		for _, s := range b.History {
			for _, t := range s.Thresholds {
				if chart.Drawable(t) {
					low, high = min(low, t), max(high, t)
				}
			}
		}
	}
	return low, high
}

// thresholdChart draws a bank's thresholds, a line a neuron and their mean, and
// nil where there are none.
func thresholdChart(b Bank, class string, u unit, low, high float64) (*chart.Canvas, string) {
	var history []Sample
	for _, s := range b.History {
		if s.Thresholds != nil {
			history = append(history, s)
		}
	}
	if history = thinned(history, maxPoints); len(history) == 0 || len(history[0].Thresholds) == 0 {
		return nil, ""
	}
	n := len(history[0].Thresholds)
	const labelRoom = 100
	right := float64(history[len(history)-1].Events) / u.size
	y := chart.Linear(low, high, 5, chartHeight-chartBottom, chartTop)
	x := trimmed(chart.Linear(0, right, 5, leftOf(y), chartWidth-labelRoom), right)
	c := chart.New(chartWidth, chartHeight, "Selection thresholds of bank "+b.Name+" over the events seen")
	c.Text("title", chart.Start, x.From, 20, "Selection thresholds, "+cut(b.Name, 24))
	c.Frame(x, y, u.name, "selection threshold")

	drawn := min(n, maxLines)
	for k := range drawn {
		neuron := k * n / drawn
		points := make([]chart.Point, len(history))
		for i, s := range history {
			points[i] = chart.Point{X: x.At(float64(s.Events) / u.size), Y: y.At(s.Thresholds[neuron])}
		}
		c.Path("line faint "+class, points)
	}
	points := make([]chart.Point, len(history))
	last := math.NaN()
	for i, s := range history {
		m := mean(s.Thresholds)
		points[i] = chart.Point{X: x.At(float64(s.Events) / u.size), Y: y.At(m)}
		if chart.Drawable(m) {
			last = m
		}
	}
	c.Path("line mean plain", points)
	if chart.Drawable(last) {
		c.Text("strong", chart.Start, x.To+8, y.At(last)+4, "mean "+thresholdText(last))
	}
	caption := "A line a neuron; the thick line is their mean."
	if drawn < n {
		caption = fmt.Sprintf("A line a neuron for %d of %d; the thick line is the mean of all.", drawn, n)
	}
	return c, caption
}

// mean is the mean of what can be drawn, NaN where nothing can.
func mean(values []float64) float64 {
	sum, n := 0.0, 0
	for _, v := range values {
		if chart.Drawable(v) {
			sum += v
			n++
		}
	}
	return sum / float64(n)
}

// digitsG writes a parameter as short as it can be written.
func digitsG(v float64) string { return strings.Replace(fmt.Sprintf("%.4g", v), "e-0", "e-", 1) }

// width estimates how wide a text of a chart is, in pixels.
func width(s string) float64 { return 8 * float64(len([]rune(s))) }
