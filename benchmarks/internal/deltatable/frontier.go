package deltatable

import (
	"cmp"
	"math"
	"slices"
)

// Row is an arm with one of its settings, over all seeds.
type Row struct {
	Arm, Setting string
	Temporal     bool
	Results      []Result // by seed
}

// Mean is the mean and the standard deviation of a figure over the seeds.
func (r *Row) Mean(of func(*Result) float64) (mean, sd float64) {
	for i := range r.Results {
		mean += of(&r.Results[i]) / float64(len(r.Results))
	}
	for i := range r.Results {
		d := of(&r.Results[i]) - mean
		sd += d * d / float64(max(len(r.Results)-1, 1))
	}
	return mean, math.Sqrt(sd)
}

// Figures that rows have.
func heldFrames(r *Result) float64     { return r.Held.Frames }
func heldRecordings(r *Result) float64 { return r.Held.Recordings }
func heldMACs(r *Result) float64       { return r.Held.MACs }
func testFrames(r *Result) float64     { return r.Test.Frames }
func testRecordings(r *Result) float64 { return r.Test.Recordings }
func testMACs(r *Result) float64       { return r.Test.MACs }

// Rows are all results of a data set and a network, in the order of the plan; settings of
// which not all seeds are there are left out.
func (p *Plan) Rows(results map[Key]Result, data, net string) (out []Row) {
	entries := p.entries()
	entries = slices.Insert(entries, 1, entry{arm: ReLUCounts})
	for _, e := range entries {
		r := Row{Arm: e.arm, Setting: e.setting, Temporal: e.temporal}
		of := data
		if e.arm == ReLUCounts {
			of += Counts
		}
		for seed := 1; seed <= p.Seeds; seed++ {
			if v, ok := results[Key{Data: of, Net: net, Seed: uint64(seed), Arm: e.arm, Setting: e.setting}]; ok {
				r.Results = append(r.Results, v)
			}
		}
		if len(r.Results) == p.Seeds {
			out = append(out, r)
		}
	}
	return out
}

// Tolerance is how much accuracy a setting may lose on the recordings held out, by
// frames and by recordings.
const Tolerance = 0.01

// Choose gives for each arm the setting that takes the fewest multiply-adds of those that lose no
// more than the tolerance against the ReLU baseline on the recordings held out, as a mean over
// the seeds. An arm none of whose settings keeps to it is left out.
func Choose(rows []Row) (out []Row) {
	base := slices.IndexFunc(rows, func(r Row) bool { return r.Arm == ReLU })
	if base < 0 {
		return nil
	}
	mean := func(r *Row, of func(*Result) float64) float64 { m, _ := r.Mean(of); return m }
	for _, arm := range Arms() {
		var best *Row
		for i := range rows {
			r := &rows[i]
			if r.Arm != arm ||
				mean(r, heldFrames) < mean(&rows[base], heldFrames)-Tolerance ||
				mean(r, heldRecordings) < mean(&rows[base], heldRecordings)-Tolerance {
				continue
			}
			if best == nil || cmp.Less(mean(r, heldMACs), mean(best, heldMACs)) {
				best = r
			}
		}
		if best != nil {
			out = append(out, *best)
		}
	}
	return out
}

// Best is the arm with delta activations whose chosen setting takes the fewest multiply-adds on the
// recordings held out; that of refinement where none keeps to the tolerance.
func Best(rows []Row) string {
	best, least := DeltaRefined, math.Inf(1)
	for _, r := range Choose(rows) {
		if m, _ := r.Mean(heldMACs); (r.Arm == Delta || r.Arm == DeltaRefined) && m < least {
			best, least = r.Arm, m
		}
	}
	return best
}
