package benchmarks

import (
	"fmt"
	"math"
	"strings"

	"github.com/saccade-dev/saccade/hw"
)

// print writes what was measured as tables, of what there is; a benchmark's log would be
// cut off after ten lines.
func (t *denseTable) print() {
	var out strings.Builder
	var cores []string
	for _, core := range openBLASCores {
		if said, found := t.blas[core]; found {
			cores = append(cores, said)
		}
	}
	fmt.Fprintf(&out, "OpenBLAS, sgemv of %dx%d, float32, one thread, kernels of: %s\n", denseRows, denseInputs, strings.Join(cores, ", "))
	for _, target := range hw.Targets() {
		dense, found := t.best[key(target, "columns", 0)]
		if !found {
			continue
		}
		fmt.Fprintf(&out, "\n%s: dense int8 %.0f ns\n\n| density | columns | dense int8 / columns | OpenBLAS / columns | listed and added | engine, delta | engine, dense | engine, auto |\n|---|---|---|---|---|---|---|---|\n", target.Name(), dense)
		for _, d := range deltaDensities {
			columns := t.best[key(target, "columns", d)]
			fmt.Fprintf(&out, "| %g %% | %.0f | %.1f | %.1f | %.0f | %.0f | %.0f | %.0f |\n", 100*d, columns, dense/columns, t.best["openblas"]/columns,
				t.best[key(target, "listed", d)], t.best[key(target, "engine-delta", d)], t.best[key(target, "engine-dense", d)], t.best[key(target, "engine-auto", d)])
		}
		fmt.Fprintf(&out, "\nbeside dense int8, listing and adding pays up to %s; an engine's deltas beside its dense form up to %s\n",
			t.pays(target, "listed", func(float64) float64 { return dense }),
			t.pays(target, "engine-delta", func(d float64) float64 { return t.best[key(target, "engine-dense", d)] }))
	}
	fmt.Printf("\nnanoseconds, the best of many batches\n%s\n", out.String())
}

// pays is the density at which deltas take as long as something else, between those that
// were measured.
func (t *denseTable) pays(target hw.Target, what string, other func(density float64) float64) string {
	last, gain := 0.0, math.Inf(1)
	for _, d := range deltaDensities {
		now := other(d) - t.best[key(target, what, d)]
		if now <= 0 {
			if math.IsInf(gain, 1) {
				return fmt.Sprintf("less than %g %%", 100*d)
			}
			return fmt.Sprintf("%.0f %%", 100*(last+(d-last)*gain/(gain-now)))
		}
		last, gain = d, now
	}
	return "100 %"
}
