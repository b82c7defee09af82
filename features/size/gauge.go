package size

import (
	"math"

	"github.com/saccade-dev/saccade/hw"
)

// gauge is a target that looks at the winner's cosine of the last event. It is put
// between a layer and its target, so that it sees contexts as the layer does, whatever
// surface and decay they are of. The layer must be given one event at a time, as the
// cells of an event are those that it left only until the next.
type gauge struct {
	hw.Target
	kernels hw.Kernels
	context []int16
	cosine  float64 // of the last event that a feature won
}

func newGauge(target hw.Target, elements int) *gauge {
	g := &gauge{Target: target, kernels: *target.Kernels(), context: make([]int16, hw.ContextSpace(elements))}
	run := g.kernels.Run
	g.kernels.Run = func(b *hw.Bank, steps []hw.Step) {
		run(b, steps)
		if last := steps[len(steps)-1]; last.Winner >= 0 {
			g.look(b, last)
		}
	}
	return g
}

// Kernels are those of the target, and look at what they do.
func (g *gauge) Kernels() *hw.Kernels { return &g.kernels }

// look computes the cosine of a step's context with the weights of its winner.
func (g *gauge) look(b *hw.Bank, step hw.Step) {
	squares := g.kernels.Context(g.context, b.Cells, int(step.First), &b.Patch, step.Now)
	row := hw.ContextLen(b.Elements())
	var dot int64
	for i, w := range b.Weights[int(step.Winner)*row:][:row] {
		dot += int64(w) * int64(g.context[i])
	}
	g.cosine = math.Ldexp(float64(dot), -hw.WeightFraction) / math.Sqrt(float64(max(squares, 1)))
}
