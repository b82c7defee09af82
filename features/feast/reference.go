package feast

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
)

// Reference is a FEAST layer in float64, written as the rule reads. It is what
// tests and research compare the integers with; nothing of the product uses it.
type Reference struct {
	config     Config
	times      [][]float64 // [bank][pixel], -Inf where a pixel never fired
	Weights    [][]float64 // [feature][pixel of the patch], length one
	Thresholds []float64   // [feature]
	Learning   bool
	context    []float64
}

// NewReference makes a reference layer, learning on. weights are
// [bank][neuron][pixel], thresholds [bank][neuron]; both are copied.
func NewReference(c Config, weights, thresholds []float64) (*Reference, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("feast reference: %w", err)
	}
	n := c.Side() * c.Side()
	if len(weights) != c.Features()*n || len(thresholds) != c.Features() {
		return nil, fmt.Errorf("feast reference: expected %d weights and %d thresholds, found %d and %d",
			c.Features()*n, c.Features(), len(weights), len(thresholds))
	}
	r := &Reference{
		config: c, Learning: true,
		times:      make([][]float64, c.Banks()),
		Thresholds: slices.Clone(thresholds),
		context:    make([]float64, n),
	}
	for w := range slices.Chunk(weights, n) {
		r.Weights = append(r.Weights, slices.Clone(w))
	}
	for q := range r.times {
		r.times[q] = make([]float64, c.Width*c.Height)
	}
	r.Reset()
	return r, nil
}

// Reset clears the surfaces.
func (r *Reference) Reset() {
	for _, t := range r.times {
		for i := range t {
			t[i] = math.Inf(-1)
		}
	}
}

// Process runs the rule over events and puts one result each into winners.
func (r *Reference) Process(in []events.Event, winners []int16) {
	for i, e := range in {
		winners[i] = r.event(e)
	}
}

func (r *Reference) event(e events.Event) int16 {
	c := r.config
	x, y := int(e.X), int(e.Y)
	if x >= c.Width || y >= c.Height {
		return hw.Outside
	}
	q := 0
	if c.Mode == Split {
		q = int(e.P)
	}
	t := float64(e.T)
	r.times[q][y*c.Width+x] = t
	if c.Border == BorderSkip &&
		(x < c.Radius || x >= c.Width-c.Radius || y < c.Radius || y >= c.Height-c.Radius) {
		return hw.Border
	}

	tau := float64(c.Tau.Microseconds())
	var norm float64
	for i := range r.context {
		px, py := x-c.Radius+i%c.Side(), y-c.Radius+i/c.Side()
		r.context[i] = 0
		if px >= 0 && px < c.Width && py >= 0 && py < c.Height {
			// A pixel of the future counts as one of now, in the integers too.
			r.context[i] = math.Exp(min(r.times[q][py*c.Width+px]-t, 0) / tau)
		}
		norm += r.context[i] * r.context[i]
	}
	norm = math.Sqrt(norm)
	for i := range r.context {
		r.context[i] /= norm
	}

	winner, best := -1, math.Inf(-1)
	for f := q * c.Neurons; f < (q+1)*c.Neurons; f++ {
		var dot float64
		for i, w := range r.Weights[f] {
			dot += w * r.context[i]
		}
		if dot > best && (!r.Learning || dot >= r.Thresholds[f]) {
			winner, best = f, dot
		}
	}
	switch {
	case winner < 0:
		for f := q * c.Neurons; f < (q+1)*c.Neurons; f++ {
			r.Thresholds[f] -= c.DeltaE
		}
		return hw.Missed
	case r.Learning:
		w := r.Weights[winner]
		var length float64
		for i := range w {
			w[i] = (1-c.Eta)*w[i] + c.Eta*r.context[i]
			length += w[i] * w[i]
		}
		length = math.Sqrt(length)
		for i := range w {
			w[i] /= length
		}
		r.Thresholds[winner] += c.DeltaI
	}
	return int16(winner)
}
