package command

import (
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/features/monitor"
)

// layerLines say how each layer does. A single one is the sensor, and what it missed is
// known from its features as well, by the message. Of several, a features message counts
// the misses together, so that nothing is said of them before a status tells how many
// layers there are.
func (w *watched) layerLines(line lineFunc, now time.Time, g glyphs, wide int) {
	s := w.status
	if s == nil {
		missedWaits(line, "a status tells of which layer", g, wide)
		return
	}
	if len(s.Layers) == 1 {
		w.missedLine(line, now, s.Layers[0].Balance, g, wide)
		learningLines(line, &s.Layers[0], g)
		line("layer", "%s", layerState(s, 0, now, w.layers[0].change))
		return
	}
	for i := range s.Layers {
		l := &s.Layers[i]
		line(fmt.Sprintf("layer %d", i+1), "%s over %dx%d pixels, %s", plural(l.Neurons, "feature"), l.Width, l.Height,
			layerState(s, i, now, w.layers[i].change))
		w.layers[i].missedLine(line, now, l.Balance, g, wide)
		learningLines(line, l, g)
	}
}

// missedLine draws the missed rate of the last minute, as far as there is room.
func (r *rates) missedLine(line lineFunc, now time.Time, balance *monitor.Balance, g glyphs, wide int) {
	const numbers = 42 // characters of what stands beside
	each, all := r.missed(now, min(watchWindow-1, max(wide-blockName-numbers, 8)))
	switch {
	case r.first == never:
		missedWaits(line, "known from the second status on", g, wide)
		return
	case len(each) == 0: // the first second is not over
		missedWaits(line, "", g, wide)
		return
	case all < 0:
		line("missed", "nothing came in the last %s", plural(len(each), "second"))
		return
	}
	low, high := 1.0, 0.0
	for _, v := range each {
		if v >= 0 {
			low, high = min(low, v), max(high, v)
		}
	}
	// At the balance the line stands at half its height.
	scale := high
	if balance != nil {
		scale = max(scale, 2*balance.Expected/(1+balance.Expected))
	}
	line("missed", "%12s   %s  %.2f to %.2f %%, %d s", percent(all), g.sparkline(each, scale), 100*low, 100*high, len(each))
}

// missedWaits stands for a missed rate that is not known yet, and says what it waits for
// where there is room.
func missedWaits(line lineFunc, what string, g glyphs, wide int) {
	text := fmt.Sprintf("%12s   %s", g.none, what)
	if blockName+utf8.RuneCountInString(text) > wide {
		text = fmt.Sprintf("%12s", g.none)
	}
	line("missed", "%s", text)
}

// learningLines say how a layer's learning goes, as the daemon's monitor sees it.
func learningLines(line lineFunc, l *bus.LayerStatus, g glyphs) {
	in := l.Interval
	if b := l.Balance; b != nil && b.Expected > 0 {
		line("balance", "%12s   misses per hit, %s: %s%.2f of the %s at rest", ratio(b.Measured), b.State, g.times, b.Ratio, ratio(b.Expected))
	}
	if in == nil {
		line("thresholds", "%12.3f   mean, %.3f to %.3f", l.ThresholdMean, l.ThresholdMin, l.ThresholdMax)
		return
	}
	line("thresholds", "%12.3f   mean, sd %.3f, %.3f to %.3f, moving by %.2g in 1,000 events",
		in.All.ThresholdMean, in.All.ThresholdSD, in.All.ThresholdMin, in.All.ThresholdMax, in.All.ThresholdChange)
	if in.All.Hits == 0 {
		return
	}
	turned := "" // as 1 - cosine, see monitor.WeightChange
	if in.WeightChange != nil {
		turned = fmt.Sprintf("; weights turned by %s", ratio(*in.WeightChange))
	}
	line("usage", "%12.2f   bits, %.2f %% of even use%s", in.All.UsageEntropy, 100*in.All.UsageRelative, turned)
}

// layerState says whether a layer, from 0, has settled, or drifts, and since when.
func layerState(s *bus.Status, layer int, now, changed time.Time) string {
	l := &s.Layers[layer]
	c := changeOf(l)
	when := fmt.Sprintf(" after %s", plural(c.At, "event"))
	if layer > 0 {
		when += " of its own" // those that reached it
	}
	if !changed.IsZero() {
		when += fmt.Sprintf(", %s ago", now.Sub(changed).Round(time.Second))
	}
	switch {
	case c.Change == monitor.Settled && l.Settled:
		return "settled" + when
	case c.Change == monitor.Drift:
		return "drifted" + when + ": " + c.Signal
	case c.Change != monitor.None:
		return string(c.Change) + when // a newer daemon's
	case !s.Learning:
		return "frozen: it does not learn"
	case l.Interval == nil:
		return "not settled: too few events yet to tell"
	}
	return "not settled yet"
}
