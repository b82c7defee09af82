package fpga

import "github.com/saccade-dev/saccade/hw"

// wordsOf is how many words the memory that a kind of fault is about has, as it is configured.
func (d *Device) wordsOf(k FaultKind) int {
	c := &d.config
	switch k {
	case FlipSurface:
		return c.Banks() * c.Height * c.Width
	case FlipMatch, FlipMaster:
		return c.Banks() * c.Neurons * d.weights.elements
	}
	return c.Banks() * c.Neurons
}

// flip turns over a bit of a memory.
func (d *Device) flip(k FaultKind, place, bit int) {
	c, w := &d.config, &d.weights
	switch k {
	case FlipSurface:
		plane, at := place/(c.Height*c.Width), place%(c.Height*c.Width)
		*d.banks.cell(plane, at%c.Width, at/c.Width) ^= 1 << bit
	case FlipMatch:
		neuron, element := place/w.elements, place%w.elements
		was := w.matchWeight(neuron/c.Neurons, neuron%c.Neurons, element)
		w.putMatch(neuron/c.Neurons, neuron%c.Neurons, element, was^int16(1<<bit))
		d.damaged = true
	case FlipMaster:
		b := &w.banks[place/(c.Neurons*w.elements)]
		b.master[place%(c.Neurons*w.elements)] ^= 1 << bit
		d.damaged = true
	case FlipThreshold:
		w.banks[place/c.Neurons].thresholds[place%c.Neurons] ^= 1 << bit
	case FlipSquares:
		w.banks[place/c.Neurons].squares[place%c.Neurons] ^= 1 << bit
	}
}

// matchWeight is one match weight, out of the word that has two of them.
func (w *weights) matchWeight(bank, neuron, element int) int16 {
	low, high := apart(w.banks[bank].match[neuron/2*w.elements+element])
	if neuron%2 == 0 {
		return int16(low)
	}
	return int16(high)
}

// putMatch writes one.
func (w *weights) putMatch(bank, neuron, element int, v int16) {
	was := w.matchWeight(bank, neuron, element)
	w.banks[bank].match[neuron/2*w.elements+element] += uint64(int64(v)-int64(was)) << (neuron % 2 * 32)
}

// writtenMatch makes the match weights from first on, of so many elements, what a write of them by the hardware leaves: the
// model changes them by how much the master weights have changed, which is the same only where nothing is damaged.
func (d *Device) writtenMatch(bank, neuron, first, count int) {
	w := &d.weights
	for i := first; i < first+count; i++ {
		w.putMatch(bank, neuron, i, hw.MatchWeight(w.banks[bank].master[neuron*w.elements+i]))
	}
}
