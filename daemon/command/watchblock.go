package command

import (
	"fmt"
	"slices"
	"strings"
	"time"
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
	w.layerLines(line, now, g, wide)
	if s != nil {
		networkLine(line, s.Network)
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
