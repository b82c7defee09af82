package delta

// LayerCounters say what a layer does: in the last step, and in all since the engine
// was made or reset.
type LayerCounters struct {
	Layer   string // its name
	Neurons int

	// Of layers with weights: multiply-adds done, and those of a dense step. Where a
	// step was cheaper in dense form, what it multiplied is what is counted.
	MACs, TotalMACs uint64
	DenseMACs       uint64
	// DenseSteps is how many steps were done in dense form.
	DenseSteps uint64

	// Sent is how many changes the layer passed on, where it passes on changes. FanOut is the
	// multiply-adds that they stand for in the layers behind it.
	Sent, TotalSent     uint64
	FanOut, TotalFanOut uint64
	// Zeros is how many of the values are zero, where changes are passed on; the total is
	// their sum over the steps.
	Zeros, TotalZeros uint64

	// StateBytes is what the layer remembers from step to step.
	StateBytes int
}

// Counters are what an engine has done.
type Counters struct {
	Steps  uint64
	Layers []LayerCounters
}

// MACs are the multiply-adds of the last step, and those of a dense one.
func (c *Counters) MACs() (done, dense uint64) {
	for i := range c.Layers {
		done += c.Layers[i].MACs
		dense += c.Layers[i].DenseMACs
	}
	return done, dense
}

// TotalMACs are the multiply-adds of all steps, and those of as many dense ones.
func (c *Counters) TotalMACs() (done, dense uint64) {
	for i := range c.Layers {
		done += c.Layers[i].TotalMACs
		dense += c.Layers[i].DenseMACs
	}
	return done, dense * c.Steps
}

// StateBytes is what all layers remember from step to step.
func (c *Counters) StateBytes() (n int) {
	for i := range c.Layers {
		n += c.Layers[i].StateBytes
	}
	return n
}

// Counters is a copy of what the engine has counted, the input first. Layers that do no
// work of their own are left out: a ReLU that is part of the delta activation behind
// it, and a flatten that need not move anything.
func (e *Engine) Counters() Counters {
	c := Counters{Steps: e.steps}
	for _, s := range e.stages {
		c.Layers = append(c.Layers, s.common().counters)
	}
	return c
}

// count notes what a stage passed on in a step.
func (b *base) count() {
	if !b.listed {
		return
	}
	c := &b.counters
	c.Sent = uint64(len(b.changes))
	c.TotalSent += c.Sent
	c.Zeros = uint64(len(b.out) - b.nonzero)
	c.TotalZeros += c.Zeros
}
