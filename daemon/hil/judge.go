package hil

import (
	"fmt"
	"slices"
)

// judge holds the report against the criteria.
func (r *runner) judge() {
	out, p := r.report, &r.config.Pass
	add := func(name string, passed bool, wanted, found string) {
		out.Verdicts = append(out.Verdicts, Verdict{Name: name, Passed: passed, Wanted: wanted, Found: found})
	}
	atMost := func(name string, most, found int64) {
		if most >= 0 {
			add(name, found <= most, fmt.Sprintf("at most %d", most), fmt.Sprint(found))
		}
	}
	add("to the end", out.Ended == "", "the whole stream", orElse(out.Ended, "the whole stream"))
	// A run of events that are all beyond the layer's sensor tells nothing of a device.
	add("events", out.Events >= p.Events && (p.Events == 0 || out.Counts.Competed > 0), fmt.Sprintf("at least %d, some of which compete", p.Events),
		fmt.Sprintf("%d, of which %d compete", out.Events, out.Counts.Competed))
	atMost("mismatches", p.Mismatches, out.Counts.Mismatches)
	if p.Mismatches == 0 {
		add("nothing unasked", out.Counts.Stray == 0 && len(out.Complaints) == 0, "no stray words, no error of the device",
			fmt.Sprintf("%d stray words, %d errors", out.Counts.Stray, len(out.Complaints)))
	}
	if r.config.Compare.Arithmetic == Tolerance {
		share := float64(out.Counts.Winners) / float64(max(out.Events, 1))
		add("winners", share <= r.config.Compare.Winners, fmt.Sprintf("at most %g of the events with another winner", r.config.Compare.Winners), fmt.Sprintf("%.6g", share))
	}
	atMost("drops", p.Drops, out.Counts.Drops())
	if p.EventsPerCycle > 0 {
		rate := float64(out.Events) / float64(max(out.Cycles.Total, 1))
		add("throughput", rate >= p.EventsPerCycle, fmt.Sprintf("at least %g events a cycle", p.EventsPerCycle), fmt.Sprintf("%.5f", rate))
	}
	if p.P99Cycles > 0 {
		found := "not measured: the device's clock is not seen"
		passed := false
		if out.Latency != nil {
			found, passed = fmt.Sprint(out.Latency.P99), out.Latency.P99 <= uint64(p.P99Cycles)
		}
		add("latency", passed, fmt.Sprintf("p99 at most %d cycles", p.P99Cycles), found)
	}
	if p.Memories && r.config.Compare.Memories != Never {
		found := "not read"
		if out.Memory != nil {
			found = out.Memory.String()
		}
		add("memories", out.Memory != nil && out.Memory.Same(), "the reference's", found)
	}
	if p.FaultsDetected {
		var missed []string
		for i := range out.Faults {
			if f := &out.Faults[i]; !f.Detected() || f.Struck == 0 {
				missed = append(missed, fmt.Sprintf("faults[%d], %s, struck %d times", i, f.Fault.Kind, f.Struck))
			}
		}
		add("faults detected", len(missed) == 0, "all of them, and each has struck", orElse(list(missed), "all of them"))
		if len(missed) == 0 {
			out.Verdicts[len(out.Verdicts)-1].Found = "all of them"
		}
	}
	out.Passed = !slices.ContainsFunc(out.Verdicts, func(v Verdict) bool { return !v.Passed })
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
