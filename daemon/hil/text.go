package hil

import (
	"fmt"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// Text is the report for people.
func (r *Report) Text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	verdict := "PASSED"
	if !r.Passed {
		verdict = "FAILED"
	}
	line("%s: %s", oneLine(r.Name), verdict)
	for _, v := range r.Verdicts {
		mark := "pass"
		if !v.Passed {
			mark = "FAIL"
		}
		line("  %s  %-15s %s; expected %s", mark, v.Name, v.Found, v.Wanted)
	}
	line("  device     %s, %d neurons, %d lanes, %d rows; the layer has %d features of %dx%d on %dx%d pixels, %s",
		r.Config.Device.Address, r.Device.Neurons, r.Device.Lanes, r.Device.Rows, r.Layer.Features(), r.Layer.Side(), r.Layer.Side(), r.Layer.Width, r.Layer.Height,
		map[bool]string{true: "learning", false: "not learning"}[r.Config.Model.Learning])
	line("  events     %d of %s, %s in %s, against %s", r.Events, plural(r.Recordings, "recording"), plural(r.Words, "word"), plural(r.Batches, "batch"), r.Reference)
	c := &r.Counts
	line("  compared   %d mismatches: %d winners, %d dot products, %d norms, %d without an answer; %d stray words, %d near ties", c.Mismatches, c.Winners-c.Ties, c.Dots, c.Norms, c.Lost, c.Stray, c.Ties)
	line("  dropped    %d in, %d out, by the device's counters; %d events never reached it", c.DroppedIn, c.DroppedOut, c.Missing)
	if r.Memory != nil {
		line("  memories   %s", r.Memory)
	}
	line("  cycles     %d: %.2f an event, %.0f thousand events/s at %g MHz", r.Cycles.Total, r.Cycles.PerEvent, r.Cycles.Rate/1e3, r.Cycles.ClockMHz)
	if l := r.Latency; l != nil {
		line("  latency    in the device: %d cycles at least, p50 %d, p90 %d, p99 %d, p99.9 %d, %d at the most", l.Min, l.P50, l.P90, l.P99, l.P999, l.Max)
	}
	if l := r.Host; l != nil {
		ms := func(ns uint64) string { return time.Duration(ns).Round(time.Microsecond).String() }
		line("  host       waited for an event %s (p50), %s (p99), %s at the most; %.2f s in all, %.0f thousand events/s", ms(l.P50), ms(l.P99), ms(l.Max), r.Seconds, float64(r.Events)/max(r.Seconds, 1e-9)/1e3)
	}
	if r.LateMost > 0 {
		line("  pacing     events were sent up to %.6f s behind their time", r.LateMost)
	}
	if r.Model != nil {
		for _, u := range r.Model.Units {
			line("  unit       %-12s busy %5.1f %%", u.Name, 100*float64(u.Busy)/float64(max(r.Model.Cycles, 1)))
		}
		line("  FIFOs      %d of %d words in, %d of %d out, at the most; limited by: %s", r.Model.InMost, r.Model.In, r.Model.OutMost, r.Model.Out, r.Model.Limit())
	}
	for _, said := range r.Complaints {
		line("  error      %s", said)
	}
	for i := range r.Faults {
		line("  fault      %s", r.Faults[i].text())
	}
	if r.First != nil {
		b.WriteString(r.First.Text())
	}
	return b.String()
}

func (f *FaultReport) text() string {
	what := f.Fault.Kind
	if f.Fault.Direction != "" {
		what += " " + f.Fault.Direction
	}
	text := fmt.Sprintf("%s: struck %s in %s, noticed in %d of them", what, plural(f.Struck, "time"), plural(f.Batches, "batch"), f.Noticed)
	if f.How != "" {
		return text + fmt.Sprintf("; first struck in the batch from event %d on, found at event %d: %s", f.First, f.Found, f.How)
	}
	return text
}

// Text is all that is known of the mismatch, for people.
func (m *Mismatch) Text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("first mismatch: %s", m.What)
	line("  event      %d of the run, %d of %s", m.Event, m.Within, oneLine(m.Recording))
	line("             t %d us, x %d, y %d, %s; stamp %d, number %d modulo 2^16, bank %d", m.Of.T, m.Of.X, m.Of.Y, m.Of.P, m.Stamp, m.Seq, m.Bank)
	line("  words      %s", strings.Trim(fmt.Sprintf("%08x", m.Words), "[]"))
	line("  expected   %s", m.Expected.text(true))
	if m.Found != nil {
		line("  found      %s", m.Found.text(m.Details))
	} else {
		line("  found      no answer")
	}
	if a := m.Again; a != nil {
		m.again(line)
	}
	if len(m.Dots) > 0 {
		line("  neuron  expected dot  least dot that wins  threshold%s", map[bool]string{true: "  dot when repeated", false: ""}[m.Again != nil && len(m.Again.Dots) == len(m.Dots)])
		for i, dot := range m.Dots {
			again := ""
			if m.Again != nil && len(m.Again.Dots) == len(m.Dots) {
				again = fmt.Sprintf("  %17d", m.Again.Dots[i])
			}
			line("  %6d  %12d  %19d  %9.6f%s", i, dot, m.Least[i], float64(m.Thresholds[i])/(1<<hw.ThresholdFraction), again)
		}
	}
	if len(m.Stamps) > 0 {
		grid(line, "stamps", m.Side, m.Stamps)
		grid(line, "values", m.Side, m.Values)
	}
	if m.Memory != nil {
		line("  memories   behind the batch: %s", m.Memory)
	}
	for _, n := range m.Notes {
		line("  note       %s", n)
	}
	for _, r := range m.Registers {
		line("  register   %03x %-26s %08x", r.Address, r.Name, r.Value)
	}
	return b.String()
}

func (m *Mismatch) again(line func(format string, args ...any)) {
	a := m.Again
	switch {
	case a.Reproduced:
	case m.Memory != nil && m.Memory.Same():
		line("  repeated   from the reference's memories, without faults: right; and behind the batch the device held what it should, so it was the link, from the device")
		return
	default:
		line("  repeated   from the reference's memories, without faults: right; so it was what the device held that was wrong, or the link, to the device")
		return
	}
	line("  repeated   from the reference's memories, without faults: wrong again from event %d on, so the device computes wrongly", a.Event)
}

func (s *Said) text(details bool) string {
	what := fmt.Sprintf("feature %d", s.Winner)
	if s.Winner < 0 {
		what = "answer " + answerName(s.Winner)
	}
	if !details {
		return what
	}
	return fmt.Sprintf("%s, dot product %d, norm %.4f", what, s.Dot, float64(s.Norm)/(1<<hw.NormFraction))
}

// answerName is what an answer that is no feature means.
func answerName(w int16) string {
	names := map[int16]string{hw.Missed: "missed", hw.Border: "border", hw.Outside: "outside", hw.Noise: "noise", hw.Ignored: "ignored", hwfpga.Refused: "refused"}
	if n, ok := names[w]; ok {
		return n
	}
	return fmt.Sprint(w)
}

func grid[T uint32 | int16](line func(format string, args ...any), name string, side int, values []T) {
	for row := range side {
		text := ""
		for _, v := range values[row*side:][:side] {
			text += fmt.Sprintf(" %10d", v)
		}
		line("  %-8s %s", name, text)
		name = ""
	}
}

// plural says how many there are of something.
func plural[T int | int64](n T, one string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(one, "ch"):
		one += "es"
	default:
		one += "s"
	}
	return fmt.Sprintf("%d %s", n, one)
}

// oneLine keeps a name from outside on its line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
