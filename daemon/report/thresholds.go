package report

import (
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/daemon/report/internal/chart"
)

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

// thresholdChart draws a bank's thresholds, a line a neuron for at most so many and
// their mean, and nil where there are none.
func thresholdChart(b Bank, class string, u unit, low, high float64, lines int) (*chart.Canvas, string) {
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

	drawn := min(n, lines)
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
