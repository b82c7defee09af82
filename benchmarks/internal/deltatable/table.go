package deltatable

import (
	"fmt"
	"slices"
	"strings"
)

// far is how much accuracy by frames a setting loses at most that is shown.
const far = 0.12

// Markdown is the table of all rows of a data set and a network. Those that Choose
// chose are bold; those that lose much more than would be accepted are only named.
func Markdown(rows []Row, times map[Key]Timing) string {
	chosen := Choose(rows)
	var b strings.Builder
	b.WriteString("| arm | setting | accuracy, frames | recordings | zeros | unchanged | MACs a frame | first frame | state | time a frame |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	var lost []string
	for i := range rows {
		r := &rows[i]
		if r.Arm != ReLUCounts && behind(r, &rows[0]) > far {
			lost = append(lost, r.Arm+" "+r.Setting)
			continue
		}
		mark := ""
		if slices.ContainsFunc(chosen, func(c Row) bool { return c.Arm == r.Arm && c.Setting == r.Setting }) {
			mark = "**"
		}
		percent := func(of func(*Result) float64) string {
			m, sd := r.Mean(of)
			return fmt.Sprintf("%.1f ± %.1f", 100*m, 100*sd)
		}
		thousand := func(of func(*Result) float64) string {
			m, sd := r.Mean(of)
			return fmt.Sprintf("%s ± %s", kilo(m), kilo(sd))
		}
		state := "0"
		if r.Temporal {
			state = fmt.Sprintf("%.1f KB", float64(r.Results[0].State)/1000)
		}
		fmt.Fprintf(&b, "| %s%s%s | %s | %s | %s | %s | %s | %s%s%s | %s | %s | %s |\n",
			mark, r.Arm, mark, r.Setting, percent(testFrames), percent(testRecordings),
			percent(func(r *Result) float64 { return r.Test.Spatial }), percent(func(r *Result) float64 { return r.Test.Temporal }),
			mark, thousand(testMACs), mark, thousand(func(r *Result) float64 { return r.Test.FirstMACs }), state, timeOf(r, times))
	}
	if lost != nil {
		fmt.Fprintf(&b, "\nMore than %.0f points lost: %s.\n", 100*far, strings.Join(lost, "; "))
	}
	return b.String()
}

// behind is how much accuracy by frames a row loses against another.
func behind(r, base *Row) float64 {
	a, _ := r.Mean(testFrames)
	b, _ := base.Mean(testFrames)
	return b - a
}

// kilo writes a number in thousands, with three digits that count.
func kilo(v float64) string {
	switch v /= 1000; {
	case v >= 100:
		return fmt.Sprintf("%.0fk", v)
	case v >= 10:
		return fmt.Sprintf("%.1fk", v)
	default:
		return fmt.Sprintf("%.2fk", v)
	}
}

// timeOf is the time a frame over the seeds.
func timeOf(r *Row, times map[Key]Timing) string {
	mean, sd, n := 0.0, 0.0, 0.0
	for i := range r.Results {
		if t, ok := times[r.Results[i].Key]; ok {
			mean, sd, n = mean+t.Mean, sd+t.Deviation, n+1
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f ± %.1f µs", mean/n/1000, sd/n/1000)
}

// Ratios say how many times fewer multiply-adds than each arm's chosen setting that of one arm
// takes, and by how much the accuracies differ, on the recordings that are reported.
func Ratios(rows []Row, arm string) string {
	chosen := Choose(rows)
	of := slices.IndexFunc(chosen, func(r Row) bool { return r.Arm == arm })
	if of < 0 {
		return fmt.Sprintf("no setting of %s keeps to the tolerance\n", arm)
	}
	mine, _ := chosen[of].Mean(testMACs)
	frames, _ := chosen[of].Mean(testFrames)
	whole, _ := chosen[of].Mean(testRecordings)
	var b strings.Builder
	fmt.Fprintf(&b, "| %s, %s, against | setting | times fewer MACs | accuracy by frames, points | by recordings |\n|---|---|---|---|---|\n", arm, chosen[of].Setting)
	for _, a := range Arms() {
		i := slices.IndexFunc(chosen, func(r Row) bool { return r.Arm == a })
		switch {
		case a == arm:
			continue
		case i < 0:
			fmt.Fprintf(&b, "| %s | | none keeps within %g points | | |\n", a, 100*Tolerance)
			continue
		}
		macs, _ := chosen[i].Mean(testMACs)
		f, _ := chosen[i].Mean(testFrames)
		w, _ := chosen[i].Mean(testRecordings)
		name := a
		if Trained(a) {
			name += " (trained for sparsity)"
		}
		fmt.Fprintf(&b, "| %s | %s | %.1f | %+.1f | %+.1f |\n", name, chosen[i].Setting, macs/mine, 100*(frames-f), 100*(whole-w))
	}
	return b.String()
}

// Layers say where the multiply-adds of the chosen settings are: those of each layer with
// weights in thousands a frame.
func Layers(rows []Row) string {
	var b strings.Builder
	for n, r := range Choose(rows) {
		layers := r.Results[0].Test.Layers
		if n == 0 {
			b.WriteString("| MACs a frame | setting |")
			for _, l := range layers {
				fmt.Fprintf(&b, " %s, of %s |", l.Name, kilo(l.Dense))
			}
			b.WriteString("\n|---|---|" + strings.Repeat("---|", len(layers)) + "\n")
		}
		fmt.Fprintf(&b, "| %s | %s |", r.Arm, r.Setting)
		for i := range layers {
			m, _ := r.Mean(func(r *Result) float64 {
				if l := r.Test.Layers[i]; !r.Temporal {
					return l.Nonzero
				}
				return r.Test.Layers[i].Changed
			})
			fmt.Fprintf(&b, " %s |", kilo(m))
		}
		b.WriteString("\n")
	}
	return b.String()
}
