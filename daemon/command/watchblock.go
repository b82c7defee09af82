package command

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/features/monitor"
)

// blockName is the column of the names of a block's lines.
const blockName = 13

// block is what is shown of a sensor, in lines no wider than asked for.
func (w *watched) block(now time.Time, g glyphs, wide int) []string {
	var out []string
	line := func(name, format string, args ...any) {
		out = append(out, fmt.Sprintf("  %-*s%s", blockName-2, name, fmt.Sprintf(format, args...)))
	}
	out = append(out, w.heading())
	s := w.status
	total := ""
	if s != nil {
		total = fmt.Sprintf("   %s in all, %s", grouped(s.Events), plural(s.Recordings, "recording"))
		if s.QueueDepth > 0 {
			total += ", " + plural(s.QueueDepth, "message") + " waiting"
		}
	}
	line("events", "%12s/s%s", rate(w.rate(now)), total)
	w.missedLine(line, now, g, wide)
	if s != nil {
		learningLines(line, s, now, w.change, g)
	}
	w.usageLines(line, g, wide)
	w.labelLine(line, now)
	w.troubleLine(line)
	for i, l := range out {
		out[i] = strings.TrimRight(g.cutTo(printable(l), wide), " ")
	}
	return out
}

func (w *watched) heading() string {
	h := w.name
	if s := w.status; s != nil {
		if s.Width > 0 {
			h += fmt.Sprintf("  %dx%d %s on %s", s.Width, s.Height, s.Encoding, s.Device)
		}
		if s.Learning {
			h += "  learning"
		} else {
			h += "  not learning"
		}
	}
	if w.recording != "" {
		h += "  " + w.recording
	}
	return h
}

type lineFunc func(name, format string, args ...any)

// missedLine draws the missed rate of the last minute, as far as there is room.
func (w *watched) missedLine(line lineFunc, now time.Time, g glyphs, wide int) {
	const numbers = 42 // characters of what stands beside
	each, all := w.missed(now, min(watchWindow-1, max(wide-blockName-numbers, 8)))
	if all < 0 {
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
	if w.status != nil && w.status.Balance != nil {
		expected := w.status.Balance.Expected
		scale = max(scale, 2*expected/(1+expected))
	}
	line("missed", "%12s   %s  %.2f to %.2f %%, %d s", percent(all), g.sparkline(each, scale), 100*low, 100*high, len(each))
}

// learningLines say how learning goes, as the daemon's monitor sees it.
func learningLines(line lineFunc, s *bus.Status, now, changed time.Time, g glyphs) {
	if b := s.Balance; b != nil && b.Expected > 0 {
		line("balance", "%12.4f   misses per hit, %s: %s%.2f of the %.4f at rest", b.Measured, b.State, g.times, b.Ratio, b.Expected)
	}
	if in := s.Interval; in != nil {
		line("thresholds", "%12.3f   mean, sd %.3f, %.3f to %.3f, moving by %.2g in 1,000 events",
			in.All.ThresholdMean, in.All.ThresholdSD, in.All.ThresholdMin, in.All.ThresholdMax, in.All.ThresholdChange)
	} else {
		line("thresholds", "%12.3f   mean, %.3f to %.3f", s.ThresholdMean, s.ThresholdMin, s.ThresholdMax)
	}
	line("layer", "%s", layerState(s, now, changed))
}

// layerState says whether the layer has settled, or drifts, and since when.
func layerState(s *bus.Status, now, changed time.Time) string {
	c := changeOf(s)
	when := fmt.Sprintf(" after %s", plural(c.At, "event"))
	if !changed.IsZero() {
		when += fmt.Sprintf(", %s ago", now.Sub(changed).Round(time.Second))
	}
	switch {
	case c.Change == monitor.Settled && s.Settled:
		return "settled" + when
	case c.Change == monitor.Drift:
		return "drifted" + when + ": " + c.Signal
	case c.Change != monitor.None:
		return string(c.Change) + when // a newer daemon's
	case !s.Learning:
		return "frozen: it does not learn"
	case s.Interval == nil:
		return "not settled: too few events yet to tell"
	}
	return "not settled yet"
}

// topLines is how many lines the most used features take.
const topLines = 3

// usageLines draw how often each feature won of late, and the names and shares of
// those that won most.
func (w *watched) usageLines(line lineFunc, g glyphs, wide int) {
	const cell, bar = 29, 12 // characters of a feature with its bar, and of the bar
	columns := max((wide-blockName)/cell, 1)
	top := w.usage.top(topLines * columns)
	if len(top) == 0 {
		return
	}
	all := make([]rune, 0, len(w.usage.wins))
	most := slices.Max(w.usage.wins)
	for _, n := range w.usage.wins[:min(len(w.usage.wins), max(wide-blockName, 1))] {
		all = append(all, g.level(n, most))
	}
	line("features", "%s", string(all))
	for i := 0; i < len(top); i += columns {
		text := ""
		for _, t := range top[i:min(i+columns, len(top))] {
			text += fmt.Sprintf("%-6s%s%8s   ", fmt.Sprintf("#%d", t.feature), g.barOf(t.share/top[0].share, bar), percent(t.share))
		}
		line("", "%s", text)
	}
}

func (w *watched) labelLine(line lineFunc, now time.Time) {
	l := w.label
	if l == nil {
		return
	}
	text := fmt.Sprintf("%s   confidence %.2f", l.Label, l.Confidence)
	if l.Truth != "" {
		if l.Truth == l.Label {
			text += ", right"
		} else {
			text += ", wrong: it is " + l.Truth
		}
	}
	if l.Recording != "" {
		text += "  " + l.Recording
	}
	text += fmt.Sprintf(", %s ago", now.Sub(w.labelled).Round(time.Second))
	if w.judged > 0 {
		text += fmt.Sprintf("; %s of %s right", grouped(w.right), grouped(w.judged))
	}
	line("label", "%s", text)
}

// troubleLine tells of what should not be: nothing, mostly.
func (w *watched) troubleLine(line lineFunc) {
	var told []string
	if s := w.status; s != nil {
		for _, t := range []struct {
			name string
			n    int64
		}{
			{"messages missing", s.Gaps}, {"rejects", s.Rejects}, {"refused as too many", s.Refused},
		} {
			if t.n > 0 {
				told = append(told, grouped(t.n)+" "+t.name)
			}
		}
	} else if w.rejects > 0 {
		told = append(told, plural(w.rejects, "reject"))
	}
	if r := w.reject; r != nil {
		told = append(told, fmt.Sprintf("last reject: %s: %s", r.Reason, r.Error))
	}
	if len(told) > 0 {
		line("trouble", "%s", strings.Join(told, ", "))
	}
}
