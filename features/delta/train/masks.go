package train

import (
	"cmp"
	"math"
	"slices"
)

// cut makes values below a bound zero ("Sparsing Law", arXiv:2411.02335).
type cut struct{ common }

func (c *cut) forward(l *lane) {
	bound := l.net.bounds[c.index]
	out := l.values[c.index]
	for i, v := range l.values[c.from][:len(out)] {
		if math.Abs(float64(v)) < bound {
			v = 0
		}
		out[i] = v
	}
}

func (c *cut) backward(l *lane) { c.masked(l) }

// topK keeps the values of largest magnitude of a step, the first of equal ones (after the Lazy
// Neuron, arXiv:2210.06313).
type topK struct{ common }

func (c *topK) forward(l *lane) {
	size, keep := c.node.Out.Len(), c.node.Keep()
	in, out := l.values[c.from], l.values[c.index]
	for r := range l.rows {
		row, to := in[r*size:][:size], out[r*size:][:size]
		l.order = l.order[:0]
		for i, v := range row {
			if to[i] = 0; v != 0 {
				l.order = append(l.order, int32(i))
			}
		}
		if len(l.order) > keep {
			// The bits of magnitudes have their order.
			slices.SortFunc(l.order, func(a, b int32) int {
				return cmp.Or(cmp.Compare(math.Float32bits(row[b])<<1, math.Float32bits(row[a])<<1), cmp.Compare(a, b))
			})
		}
		for _, i := range l.order[:min(keep, len(l.order))] {
			to[i] = row[i]
		}
	}
}

func (c *topK) backward(l *lane) { c.masked(l) }
