package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/daemon/report/internal/chart"
)

// frozenLead says what the curves of a layer are that learned nothing in the run.
const frozenLead = "The features were frozen: weights and thresholds rested. Missed events are those that no threshold would have let in, " +
	"as while learning, whether the layer was asked to leave them out or to give the nearest feature all the same. " +
	"While learning, thresholds follow the stream, and miss what the balance asks for; at rest they miss more or fewer of the same events, on N-MNIST about twice as many at most. " +
	"Several times as many tell of recordings unlike those that the layer learned from."

// restingChart draws a frozen layer's thresholds, a line a bank, and nil where there
// are none.
func restingChart(l Layer) (*chart.Canvas, string) {
	low, high, most := math.Inf(1), math.Inf(-1), 0
	for _, b := range l.Banks {
		for _, t := range b.Thresholds {
			if chart.Drawable(t) {
				low, high = min(low, t), max(high, t)
			}
		}
		most = max(most, len(b.Thresholds))
	}
	if most == 0 {
		return nil, ""
	}
	y := chart.Linear(low, high, 5, chartHeight-chartBottom, chartTop)
	x := trimmed(chart.Linear(1, max(float64(most), 2), 6, leftOf(y), chartWidth-chartRight), max(float64(most), 2))
	c := chart.New(chartWidth, chartHeight, "Selection thresholds, the highest first")
	c.Text("title", chart.Start, x.From, 20, "Selection thresholds")
	c.Frame(x, y, "features of a bank, the highest threshold first", "selection threshold (cosine)")
	at := x.To
	for i := len(l.Banks) - 1; i >= 0; i-- {
		b := l.Banks[i]
		class := seriesClass(i, b.Name)
		c.Path("line "+class, ranked(b.Thresholds, x, y))
		if len(l.Banks) <= 4 {
			name := cut(b.Name, 12)
			c.Text("named "+class, chart.End, at, 20, name)
			at -= width(name) + 10
		}
	}
	return c, "How near an event must come to be let in by each feature, if thresholds rule: 1 is equal, 0 has nothing in common. A line a bank."
}

// ranked puts thresholds on a chart from the highest to the lowest, no more of them
// than its pixels can show.
func ranked(thresholds []float64, x, y chart.Axis) (out []chart.Point) {
	sorted := slices.SortedFunc(slices.Values(thresholds), func(a, b float64) int { return cmp.Compare(b, a) })
	for i, n := 0, min(len(sorted), maxPoints); i < n; i++ {
		at := i
		if n > 1 {
			at = i * (len(sorted) - 1) / (n - 1)
		}
		out = append(out, chart.Point{X: x.At(float64(at + 1)), Y: y.At(sorted[at])})
	}
	return out
}
