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
	Lead       string
	Missed     []chartView
	Thresholds []chartView
	Course     []chartView
	Findings   []string
	Balance    []balanceView
	BalanceOf  string // which events it is of
	Expected   string // the heading of what the balance asks for
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
	maxPoints               = 240 // of a threshold's line: finer than its pixels can show
	maxIntervals            = 120 // of a missed rate's line: longer intervals have steadier rates
)

func drawLearning(l Layer, p portion) (learningView, []file) {
	course, files := courseCharts(l, p.prefix)
	v := learningView{Course: course, BalanceOf: "the later half of the events", Expected: "Expected"}
	unit := eventUnit(l.Banks)
	if c, caption := missedChart(l, unit); c != nil {
		view, f := viewOf(c, p.prefix+"missed.svg", caption)
		v.Missed, files = append(v.Missed, view), append(files, f)
	}
	low, high := thresholdRange(l.Banks)
	names := newNames()
	for i, b := range l.Banks {
		if c, caption := thresholdChart(b, seriesClass(i, b.Name), unit, low, high, p.lines); c != nil {
			view, f := viewOf(c, names.take(p.prefix+"thresholds-"+slug(b.Name), ".svg"), caption)
			v.Thresholds, files = append(v.Thresholds, view), append(files, f)
		}
	}
	if l.Frozen {
		v.Lead, v.BalanceOf, v.Expected = frozenLead, "all events", "While learning"
		if c, caption := restingChart(l); c != nil {
			view, f := viewOf(c, p.prefix+"thresholds.svg", caption)
			v.Thresholds, files = append(v.Thresholds, view), append(files, f)
		}
	}
	v.Findings = findings(l.Course)
	v.Balance = balances(l)
	if len(v.Missed)+len(v.Thresholds)+len(v.Course) == 0 {
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
	return unitOf(float64(most), "events seen by the bank")
}

// unitOf gives the unit that suits a number of events, which are named.
func unitOf(most float64, events string) unit {
	switch {
	case most >= 2_000_000:
		return unit{1e6, "millions of " + events}
	case most >= 2_000:
		return unit{1e3, "thousands of " + events}
	}
	return unit{1, events}
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
		seen, missed := laterHalf(b.History)
		if l.Frozen && len(b.History) > 0 { // nothing had to settle
			last := b.History[len(b.History)-1]
			seen, missed = last.Events, last.Missed
		}
		if seen > 0 {
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

// digitsG writes a parameter as short as it can be written.
func digitsG(v float64) string { return strings.Replace(fmt.Sprintf("%.4g", v), "e-0", "e-", 1) }

// width estimates how wide a text of a chart is, in pixels.
func width(s string) float64 { return 8 * float64(len([]rune(s))) }
