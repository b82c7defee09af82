package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/daemon/report/internal/chart"
	"github.com/saccade-dev/saccade/features/monitor"
)

// maxMarks is how many findings are marked in a chart; a layer that drifts more
// often than that has a list that says so.
const maxMarks = 24

// courseCharts draws what package monitor saw of a layer while it learned, as far
// as there is anything.
func courseCharts(l Layer, prefix string) (views []chartView, files []file) {
	in := l.Course.Intervals
	if len(in) == 0 {
		return nil, nil
	}
	u := unitOf(float64(in[len(in)-1].To), "events that came to the layer")
	add := func(c *chart.Canvas, name, caption string) {
		view, f := viewOf(c, prefix+name, caption)
		views, files = append(views, view), append(files, f)
	}
	if l.Frozen {
		add(signalCourse(l, u, usage), "course-usage.svg", usageCaption)
		return views, files
	}
	add(thresholdCourse(l, u), "course-thresholds.svg",
		"Over all neurons: their mean, a standard deviation to either side (darker) and the range from the least to the greatest (lighter). Dotted verticals are where the layer was found to have settled, or to drift.")

	expected := expectedRates(l)
	caption := "Misses for every hit of an interval."
	if len(expected) > 0 {
		caption += " Dashed: where thresholds stand still, ΔI/(N·ΔE)"
		for i, e := range expected {
			caption += []string{" = ", "; "}[min(i, 1)] + ratio(e.missesPerHit)
		}
		caption += ". Above it they fall on the average, below it they rise."
	}
	add(signalCourse(l, u, signalChart{
		title: "Misses per hit", unit: "misses per hit", logarithmic: true,
		value: func(s monitor.Signals) float64 { return zeroIsNone(s.MissesPerHit) },
		lines: missesLines(expected),
	}), "course-balance.svg", caption)
	add(signalCourse(l, u, usage), "course-usage.svg", usageCaption)
	add(signalCourse(l, u, signalChart{
		title: "Movement of the thresholds", unit: "change per 1,000 events", logarithmic: true,
		value: func(s monitor.Signals) float64 { return zeroIsNone(s.ThresholdChange) },
	}), "course-change.svg",
		"How far a threshold moves from one sample to the next, the mean over neurons, for 1,000 events. It does not fall to 0: hits and misses move thresholds for ever.")
	return views, files
}

// usage is the chart of how evenly features win.
var usage = signalChart{
	title: "Use of the features", unit: "entropy of the wins, relative",
	value: func(s monitor.Signals) float64 {
		if s.Hits == 0 {
			return math.NaN()
		}
		return s.UsageRelative
	},
}

const usageCaption = "Entropy of the features' shares in the wins, relative to that of features which win alike: 1 where all win as often, 0 where one wins everything."

// findings says in words what was found and when.
func findings(c Course) []string {
	out := make([]string, 0, len(c.Findings))
	for _, f := range c.Findings {
		s := fmt.Sprintf("%s after %s", cut(string(f.Change), 40), plural(clampCount(f.At), "event"))
		if f.Signal != "" {
			s += ": " + f.Signal
		}
		out = append(out, s)
	}
	if more := len(out) - maxMarks; more > 0 {
		out = append(out[:maxMarks], fmt.Sprintf("and %d more", more))
	}
	return out
}

func clampCount(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

func zeroIsNone(v float64) float64 {
	if v == 0 {
		return math.NaN() // no place on a logarithmic axis
	}
	return v
}

func missesLines(expected []expectedRate) (out []float64) {
	for _, e := range expected {
		out = append(out, e.missesPerHit)
	}
	return out
}

// middle is where an interval's signals stand on the axis of events.
func middle(in monitor.Interval) float64 { return (float64(in.From) + float64(in.To)) / 2 }

// eventAxis goes from the first event to the last.
func eventAxis(in []monitor.Interval, u unit, from, to float64) chart.Axis {
	first, last := float64(in[0].From)/u.size, float64(in[len(in)-1].To)/u.size
	return trimmed(chart.Linear(min(first, last), last, 6, from, to), last)
}

// marks draws the findings as verticals, with what they are beside them. Labels
// that would stand over one another go to lines of their own, as far as there are.
func marks(c *chart.Canvas, l Layer, u unit, x, y chart.Axis) {
	const lines = 3
	var free [lines]float64 // from where on a line of labels has room
	for _, f := range l.Course.Findings[:min(len(l.Course.Findings), maxMarks)] {
		at := x.At(float64(f.At) / u.size)
		if math.IsNaN(at) || at < x.From-0.5 || at > x.To+0.5 {
			continue
		}
		c.Line("line mark", at, y.From, at, y.To)
		text := cut(string(f.Change), 12)
		i := slices.IndexFunc(free[:], func(room float64) bool { return room <= at })
		wide := 7 * float64(len(text))
		if i < 0 {
			continue // the list below has it
		}
		free[i] = at + wide + 8
		anchor, shift := chart.Start, 4.0
		if at+wide > chartWidth {
			anchor, shift = chart.End, -4
		}
		c.Text("marked", anchor, at+shift, y.To+11+13*float64(i), text)
	}
}
