package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/saccade-dev/saccade/features/monitor"
)

// cleaned gives the run with text that can be shown. The caller's own is left as
// it is.
func cleaned(run Run) Run {
	run.Title, run.Device, run.Latency.What = clean(run.Title, maxText), clean(run.Device, maxText), clean(run.Latency.What, maxText)
	run.Numbers.More, run.Versions = cleanRows(run.Numbers.More), cleanRows(run.Versions)
	first := cleanedLevel(Level{run.Layer, run.Rasters, run.Activation})
	run.Layer, run.Rasters, run.Activation = first.Layer, first.Rasters, first.Activation
	run.Behind = slices.Clone(run.Behind)
	for i, l := range run.Behind {
		run.Behind[i] = cleanedLevel(l)
	}
	run.Headlines = slices.Clone(run.Headlines)
	for i, h := range run.Headlines {
		run.Headlines[i] = Headline{clean(h.Name, maxText), clean(h.Value, maxText), clean(h.Note, maxText)}
	}
	run.Tables = slices.Clone(run.Tables)
	for i, t := range run.Tables {
		run.Tables[i] = Table{clean(t.Name, maxText), cleanRows(t.Rows)}
	}
	run.Confusion.Why = clean(run.Confusion.Why, maxNote)
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

// cleanedLevel is [cleaned] for one layer.
func cleanedLevel(l Level) Level {
	l.Layer.Banks = slices.Clone(l.Layer.Banks)
	for i := range l.Layer.Banks {
		b := &l.Layer.Banks[i]
		if b.Name = clean(b.Name, maxText); b.Name == "" {
			b.Name = fmt.Sprintf("bank %d", i)
		}
	}
	l.Layer.Surfaces = slices.Clone(l.Layer.Surfaces)
	for i, s := range l.Layer.Surfaces {
		l.Layer.Surfaces[i] = clean(s, maxText)
	}
	l.Layer.Course.Findings = slices.Clone(l.Layer.Course.Findings)
	for i := range l.Layer.Course.Findings {
		f := &l.Layer.Course.Findings[i]
		f.Change, f.Signal = monitor.Change(clean(string(f.Change), maxText)), clean(f.Signal, maxText)
	}
	l.Rasters = slices.Clone(l.Rasters)
	for i := range l.Rasters {
		r := &l.Rasters[i]
		r.Name, r.Label, r.Predicted = clean(r.Name, maxText), clean(r.Label, maxText), clean(r.Predicted, maxText)
	}
	l.Activation.What = clean(l.Activation.What, maxText)
	l.Activation.Classes = slices.Clone(l.Activation.Classes)
	for i := range l.Activation.Classes {
		l.Activation.Classes[i].Label = clean(l.Activation.Classes[i].Label, maxText)
	}
	return l
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
