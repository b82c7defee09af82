package report

import (
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/daemon/report/internal/chart"
)

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
		what := "expected "
		if l.Frozen {
			what = "while learning " // thresholds that rest owe nothing
		}
		text = cut(what+text, 40)
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
		caption += " Dashed: the share at which " + restingWhere(l) + ", from misses/hits = ΔI/(N·ΔE)"
		for i, e := range expected {
			caption += []string{" = ", "; "}[min(i, 1)] + fmt.Sprintf("%s/(%d·%s) = %s", digitsG(l.DeltaI), e.neurons, digitsG(l.DeltaE), ratio(e.missesPerHit))
		}
		caption += "."
	} else {
		caption += " No expected balance: the run does not give ΔI and ΔE."
	}
	return c, caption
}

// restingWhere says what the dashed line of missed events is.
func restingWhere(l Layer) string {
	if l.Frozen {
		return "learning comes to rest"
	}
	return "thresholds rest"
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
