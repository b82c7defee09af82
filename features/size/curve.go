package size

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Summary is a bank at one size, over the runs.
type Summary struct {
	Mean Measure `json:"mean"`
	// Spread is the sample standard deviation, 0 where there is only one run.
	Spread Measure `json:"spread"`
}

// Point is one size of a curve.
type Point struct {
	Neurons int         `json:"neurons"` // of each bank
	Banks   []Summary   `json:"banks"`
	Runs    [][]Measure `json:"runs"` // [run][bank]
}

// Curve is what was measured over a range of sizes, in ascending order. Each size has
// the same number of runs.
type Curve []Point

// NewCurve puts trials together: those of one size are runs of it, in the order given.
// Trials of different numbers of banks, and sizes of different numbers of runs, are an
// error.
func NewCurve(trials []Trial) (Curve, error) {
	if len(trials) == 0 {
		return nil, errors.New("size: no trials")
	}
	bySize := map[int][][]Measure{}
	for i, t := range trials {
		if len(t.Banks) == 0 || len(t.Banks) != len(trials[0].Banks) {
			return nil, fmt.Errorf("size: trial %d: expected %d banks, found %d", i, max(1, len(trials[0].Banks)), len(t.Banks))
		}
		run := make([]Measure, len(t.Banks))
		for b := range t.Banks {
			run[b] = t.Banks[b].Measure()
		}
		bySize[t.Neurons] = append(bySize[t.Neurons], run)
	}
	var c Curve
	runs := len(bySize[trials[0].Neurons])
	for neurons, r := range bySize {
		if len(r) != runs {
			return nil, fmt.Errorf("size: expected %d runs of each size, found %d of %d neurons", runs, len(r), neurons)
		}
		c = append(c, Point{Neurons: neurons, Runs: r, Banks: summaries(r)})
	}
	slices.SortFunc(c, func(a, b Point) int { return a.Neurons - b.Neurons })
	return c, nil
}

// Runs is how often each size was tried.
func (c Curve) Runs() int {
	if len(c) == 0 {
		return 0
	}
	return len(c[0].Runs)
}

// run is the curve of one run alone.
func (c Curve) run(i int) Curve {
	out := make(Curve, len(c))
	for k, p := range c {
		only := p.Runs[i : i+1]
		out[k] = Point{Neurons: p.Neurons, Runs: only, Banks: summaries(only)}
	}
	return out
}

// summaries gives each bank's mean and spread over runs.
func summaries(runs [][]Measure) []Summary {
	out := make([]Summary, len(runs[0]))
	n := float64(len(runs))
	for b := range out {
		mean, spread := out[b].Mean.fields(), out[b].Spread.fields()
		for _, r := range runs {
			for i, v := range r[b].fields() {
				*mean[i] += *v / n
			}
		}
		if n == 1 {
			continue
		}
		for _, r := range runs {
			for i, v := range r[b].fields() {
				*spread[i] += (*v - *mean[i]) * (*v - *mean[i]) / (n - 1)
			}
		}
		for _, s := range spread {
			*s = math.Sqrt(*s)
		}
	}
	return out
}
