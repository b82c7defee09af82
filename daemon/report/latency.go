package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/saccade-dev/saccade/daemon/report/internal/chart"
)

type latencyView struct {
	Empty string
	Chart chartView
}

// quantiles gives the run's p50 and p99, taken from the samples where the caller
// does not give them, and false where there are neither.
func (l Latency) quantiles() (p50, p99 time.Duration, ok bool) {
	if len(l.Samples) == 0 {
		return l.P50, l.P99, l.P50 != 0 || l.P99 != 0
	}
	sorted := slices.Sorted(slices.Values(l.Samples))
	return cmp.Or(l.P50, nearestRank(sorted, 50)), cmp.Or(l.P99, nearestRank(sorted, 99)), true
}

// nearestRank gives the smallest value that at least so many per cent of the
// sorted values do not exceed.
func nearestRank(sorted []time.Duration, percent int) time.Duration {
	return sorted[max((len(sorted)*percent+99)/100-1, 0)]
}

func drawLatency(l Latency) (latencyView, []file) {
	var positive []float64
	for _, s := range l.Samples {
		if s > 0 {
			positive = append(positive, s.Seconds())
		}
	}
	if len(positive) == 0 {
		return latencyView{Empty: "Nothing to show: the run has no latency samples."}, nil
	}
	caption := plural(int64(len(positive)), "sample")
	if l.What != "" {
		caption += " " + l.What
	}
	caption += "; the time axis is logarithmic."
	if left := len(l.Samples) - len(positive); left > 0 {
		caption += " " + plural(int64(left), "sample") + " of zero or less left out."
	}
	p50, p99, _ := l.quantiles()
	view, f := viewOf(latencyChart(positive, p50.Seconds(), p99.Seconds()), "latency.svg", caption)
	return latencyView{Chart: view}, []file{f}
}

// latencyChart draws a histogram of positive lengths of time in seconds.
func latencyChart(samples []float64, p50, p99 float64) *chart.Canvas {
	left := leftOf(chart.Linear(0, float64(len(samples)), 5, 0, 1)) // no bar is higher than all samples
	x := chart.Logarithmic(slices.Min(samples), slices.Max(samples), left, chartWidth-chartRight, seconds)
	// As many bars as the samples can fill.
	bins := make([]int, min(max(int(2*math.Sqrt(float64(len(samples)))), 8), 48))
	for _, s := range samples {
		i := int(x.Share(s) * float64(len(bins)))
		bins[min(max(i, 0), len(bins)-1)]++
	}
	most := slices.Max(bins)
	y := chart.Linear(0, float64(most), min(5, most), chartHeight-chartBottom, chartTop+16)

	c := chart.New(chartWidth, chartHeight, fmt.Sprintf("Histogram of latency: p50 %s, p99 %s", seconds(p50), seconds(p99)))
	c.Text("title", chart.Start, x.From, 20, "Latency")
	c.Frame(x, y, "latency", "results")
	step := (x.To - x.From) / float64(len(bins))
	for i, n := range bins {
		if n == 0 {
			continue
		}
		height := max(y.From-y.At(float64(n)), 1.5)
		low, high := x.ValueAt(float64(i)/float64(len(bins))), x.ValueAt(float64(i+1)/float64(len(bins)))
		c.Bar("bar off", x.From+float64(i)*step+0.5, y.From-height, step-1, height,
			fmt.Sprintf("%s to %s: %s", seconds(low), seconds(high), plural(int64(n), "result")))
	}
	// The two labels stand on lines of their own, for the values may be near.
	for i, q := range []struct {
		name  string
		value float64
	}{{"p50", p50}, {"p99", p99}} {
		at := x.At(q.value)
		if math.IsNaN(at) || at < x.From-1 || at > x.To+1 {
			continue
		}
		text := q.name + " " + seconds(q.value)
		anchor, shift := chart.Start, 5.0
		if at+width(text) > x.To {
			anchor, shift = chart.End, -5
		}
		level := chartTop - 4 + 15*float64(i)
		c.Line("line reference", at, y.From, at, level-9)
		c.Text("strong", anchor, at+shift, level, text)
	}
	return c
}
