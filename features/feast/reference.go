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
	times      [][]float64 // [plane][pixel], -Inf where a pixel never fired
	Weights    [][]float64 // [feature][element of the patch], length one
	Thresholds []float64   // [feature]
	Learning   bool
	context    []float64
	count      float64  // events since the surfaces were clear, of an index surface
	learned    []uint64 // [bank], events while learning was on
}

// NewReference makes a reference layer, learning on. weights are
// [bank][neuron][element], thresholds [bank][neuron]; both are copied.
func NewReference(c Config, weights, thresholds []float64) (*Reference, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("feast reference: %w", err)
	}
	n := c.Elements()
	if len(weights) != c.Features()*n || len(thresholds) != c.Features() {
		return nil, fmt.Errorf("feast reference: expected %d weights and %d thresholds, found %d and %d",
			c.Features()*n, c.Features(), len(weights), len(thresholds))
	}
	r := &Reference{
		config: c, Learning: true,
		times:      make([][]float64, max(c.Planes, c.Banks())),
		Thresholds: slices.Clone(thresholds),
		context:    make([]float64, n),
		learned:    make([]uint64, c.Banks()),
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
	r.count = 0
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
	plane, bank := 0, 0
	switch {
	case x >= c.Width || y >= c.Height:
		return hw.Outside
	case c.Mode == Split:
		plane, bank = int(e.P&1), int(e.P&1)
	case c.Mode == On && e.P&1 == events.Off:
		return hw.Ignored
	case c.Mode == Planes && int(e.P) >= c.Planes:
		return hw.Outside
	case c.Mode == Planes:
		plane = int(e.P)
	}
	now := float64(e.T)
	if c.Decay == DecayIndex {
		r.count++
		now = r.count
	}
	share := c.Anneal.Share(r.learned[bank])
	if r.Learning {
		r.learned[bank]++
	}
	r.times[plane][y*c.Width+x] = now
	if c.Border == BorderSkip &&
		(x < c.Radius || x >= c.Width-c.Radius || y < c.Radius || y >= c.Height-c.Radius) {
		return hw.Border
	}
	if !r.look(x, y, bank, now) {
		return hw.Noise
	}

	winner, best := -1, math.Inf(-1)
	for f := bank * c.Neurons; f < (bank+1)*c.Neurons; f++ {
		var dot float64
		for i, w := range r.Weights[f] {
			dot += w * r.context[i]
		}
		if dot > best && (!r.Learning && c.Inference != Thresholds || dot >= r.Thresholds[f]) {
			winner, best = f, dot
		}
	}
	switch {
	case winner < 0 && r.Learning:
		for f := bank * c.Neurons; f < (bank+1)*c.Neurons; f++ {
			r.Thresholds[f] -= share * c.DeltaE
		}
	case r.Learning:
		r.learn(winner, share)
	}
	if winner < 0 {
		return hw.Missed
	}
	return int16(winner)
}

// look takes the context around a pixel, at length one. It tells whether enough of it
// fired recently.
func (r *Reference) look(x, y, bank int, now float64) bool {
	c := r.config
	tau := float64(c.Tau.Microseconds())
	recent := tau
	if c.Recent > 0 {
		recent = float64(c.Recent.Microseconds())
	}
	fired, norm := 0, 0.0
	for i := range r.context {
		plane, at := bank+i/(c.Side()*c.Side()), i%(c.Side()*c.Side())
		px, py := x-c.Radius+at%c.Side(), y-c.Radius+at/c.Side()
		r.context[i] = 0
		if px >= 0 && px < c.Width && py >= 0 && py < c.Height {
			// A pixel of the future counts as one of now, in the integers too.
			age := max(now-r.times[plane][py*c.Width+px], 0)
			switch c.Decay {
			case DecayLinear:
				r.context[i] = max(0, 1-age/tau)
			case DecayIndex:
				r.context[i], recent = max(0, 1-age/float64(c.Last)), float64(c.Last)
			default:
				r.context[i] = math.Exp(-age / tau)
			}
			if age <= recent && r.context[i] > 0 {
				fired++
			}
		}
		norm += r.context[i] * r.context[i]
	}
	norm = math.Sqrt(norm)
	for i := range r.context {
		r.context[i] /= norm
	}
	return fired >= c.MinRecent
}

// learn moves the winner towards the context, and its threshold up.
func (r *Reference) learn(winner int, share float64) {
	eta := share * r.config.Eta
	w := r.Weights[winner]
	var length float64
	for i := range w {
		w[i] = (1-eta)*w[i] + eta*r.context[i]
		length += w[i] * w[i]
	}
	length = math.Sqrt(length)
	for i := range w {
		w[i] /= length
	}
	r.Thresholds[winner] += share * r.config.DeltaI
}
