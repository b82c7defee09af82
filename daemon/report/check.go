package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/saccade-dev/saccade/events"
)

// Bounds on what is drawn. What lies beyond the last three is left out, and the
// page says so.
const (
	maxRadius  = 127
	maxClasses = 1000
	maxText    = 200  // characters of a label
	maxNote    = 4000 // characters of a note
	maxTiles   = 1024 // features of a bank
	maxStrips  = 100  // recordings
	maxLines   = 64   // thresholds drawn one by one
)

// check finds what does not fit together, before anything is written.
func check(run Run) error {
	if err := checkLayer(run.Layer); err != nil {
		return err
	}
	c := run.Confusion
	if len(c.Labels) > maxClasses {
		return fmt.Errorf("report: confusion matrix: expected at most %d classes, found %d", maxClasses, len(c.Labels))
	}
	if len(c.Counts) != len(c.Labels) {
		return fmt.Errorf("report: confusion matrix: expected %d rows, one a label, found %d", len(c.Labels), len(c.Counts))
	}
	for i, row := range c.Counts {
		if len(row) != len(c.Labels) {
			return fmt.Errorf("report: confusion matrix, row %d: expected %d columns, found %d", i, len(c.Labels), len(row))
		}
		for j, n := range row {
			if n < 0 {
				return fmt.Errorf("report: confusion matrix, row %d, column %d: expected a count, found %d", i, j, n)
			}
		}
	}
	for i, r := range run.Recordings {
		if r.Frames < 0 || r.Frames > MaxFrames {
			return fmt.Errorf("report: recording %d: expected 0 to %d frames, found %d", i, MaxFrames, r.Frames)
		}
		if g := r.Geometry; g != (events.Geometry{}) && !g.Valid() {
			return fmt.Errorf("report: recording %d: expected sides of 1 to %d pixels, found %dx%d", i, events.MaxSide, g.Width, g.Height)
		}
	}
	return nil
}

func checkLayer(l Layer) error {
	if len(l.Banks) == 0 {
		return nil
	}
	if l.Radius < 0 || l.Radius > maxRadius {
		return fmt.Errorf("report: layer: expected a radius of 0 to %d, found %d", maxRadius, l.Radius)
	}
	if l.Scale != PerTile && l.Scale != Shared {
		return fmt.Errorf("report: layer: expected scale PerTile or Shared, found %d", l.Scale)
	}
	side := 2*l.Radius + 1
	for _, b := range l.Banks {
		for i, w := range b.Weights {
			if len(w) != side*side {
				return fmt.Errorf("report: bank %q, neuron %d: expected %d weights for radius %d, found %d", b.Name, i, side*side, l.Radius, len(w))
			}
		}
		n := neurons(b)
		if b.Thresholds != nil && len(b.Thresholds) != n {
			return fmt.Errorf("report: bank %q: expected %d thresholds, found %d", b.Name, n, len(b.Thresholds))
		}
		if b.Wins != nil && len(b.Wins) != n {
			return fmt.Errorf("report: bank %q: expected %d counts of wins, found %d", b.Name, n, len(b.Wins))
		}
		for i, w := range b.Wins {
			if w < 0 {
				return fmt.Errorf("report: bank %q, neuron %d: expected a count of wins, found %d", b.Name, i, w)
			}
		}
		if err := checkHistory(b, n); err != nil {
			return err
		}
	}
	return nil
}

func checkHistory(b Bank, n int) error {
	var last Sample
	for i, s := range b.History {
		if s.Events < last.Events || s.Missed < last.Missed || s.Missed-last.Missed > s.Events-last.Events {
			return fmt.Errorf("report: bank %q, sample %d: expected running totals after %d events and %d missed, found %d and %d",
				b.Name, i, last.Events, last.Missed, s.Events, s.Missed)
		}
		if s.Thresholds != nil && len(s.Thresholds) != n {
			return fmt.Errorf("report: bank %q, sample %d: expected %d thresholds, found %d", b.Name, i, n, len(s.Thresholds))
		}
		last = s
	}
	return nil
}

// neurons is how many neurons a bank has, by whatever it brings.
func neurons(b Bank) int {
	if len(b.Weights) > 0 {
		return len(b.Weights)
	}
	for _, s := range b.History {
		if s.Thresholds != nil {
			return len(s.Thresholds)
		}
	}
	return max(len(b.Thresholds), len(b.Wins))
}

// cleaned gives the run with text that can be shown. The caller's own is left as
// it is.
func cleaned(run Run) Run {
	run.Title, run.Device, run.Latency.What = clean(run.Title, maxText), clean(run.Device, maxText), clean(run.Latency.What, maxText)
	run.Numbers.More, run.Versions = cleanRows(run.Numbers.More), cleanRows(run.Versions)
	run.Layer.Banks = slices.Clone(run.Layer.Banks)
	for i := range run.Layer.Banks {
		b := &run.Layer.Banks[i]
		if b.Name = clean(b.Name, maxText); b.Name == "" {
			b.Name = fmt.Sprintf("bank %d", i)
		}
	}
	run.Confusion.Labels = slices.Clone(run.Confusion.Labels)
	for i, l := range run.Confusion.Labels {
		run.Confusion.Labels[i] = clean(l, maxText)
	}
	run.Recordings = slices.Clone(run.Recordings)
	for i := range run.Recordings {
		r := &run.Recordings[i]
		r.Name, r.Label, r.Predicted = clean(r.Name, maxText), clean(r.Label, maxText), clean(r.Predicted, maxText)
	}
	run.Notes = slices.Clone(run.Notes)
	for i, n := range run.Notes {
		run.Notes[i] = clean(n, maxNote)
	}
	return run
}

func cleanRows(rows []Row) []Row {
	rows = slices.Clone(rows)
	for i, r := range rows {
		rows[i] = Row{clean(r.Name, maxText), clean(r.Value, maxNote)}
	}
	return rows
}

// clean makes text fit to be shown: labels come from folder names, which may hold
// anything. Control characters and those that turn the direction of what follows
// become the replacement character, white space becomes a space, and what is too
// long is cut.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) && r < 0x80:
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == 0xFFFE, r == 0xFFFF:
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
	return cut(strings.TrimSpace(s), most)
}

// cut shortens text to at most that many characters, the last of them an ellipsis.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	runes := []rune(s)
	return string(runes[:most-1]) + "…"
}
