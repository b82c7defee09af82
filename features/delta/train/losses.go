package train

import "math"

// task is what a batch is trained for, and what its losses are divided by.
type task struct {
	options     *Options
	weight      float64 // of all steps
	rows        float64
	transitions float64   // steps that are not the first of their sequence
	sparse, l1  []float64 // of each node, lambda times its share over its values
}

// sums are what a lane adds up of a batch.
type sums struct {
	task, sparsity, l1 float64
	correct, counted   uint64 // of the steps that weigh anything
	changed, possible  uint64 // multiply-adds of the inputs that changed, of steps that are not the first, and of all
}

func (s *sums) add(o *sums) {
	s.task += o.task
	s.sparsity += o.sparsity
	s.l1 += o.l1
	s.correct += o.correct
	s.counted += o.counted
	s.changed += o.changed
	s.possible += o.possible
}

// judge adds up the task's loss of a chunk and sets the gradient of the outputs.
func (l *lane) judge() {
	outputs := l.net.outputs()
	last := l.net.of[len(l.net.of)-1]
	y := l.output()
	g := l.room(&l.grads[last], outputs)
	l.written[last] = true
	for s := range l.chunk {
		sequence := &l.chunk[s]
		for step := range sequence.Steps {
			at := (l.starts[s] + step) * outputs
			w := l.task.options.stepWeight(step)
			row, to := y[at:][:outputs], g[at:][:outputs]
			if w == 0 {
				clear(to)
				continue
			}
			l.sums.counted++
			if largest(row) == sequence.Label {
				l.sums.correct++
			}
			scale := w / l.task.weight
			if l.task.options.Loss == CrossEntropy {
				l.sums.task += float64(scale * l.crossEntropy(to, row, sequence.Label, scale))
			} else {
				l.sums.task += float64(scale * meanSquare(to, row, sequence.target(step, outputs), sequence.Label, scale))
			}
		}
	}
}

// largest is the index of the first of the largest.
func largest(row []float32) int {
	best := 0
	for i, v := range row {
		if v > row[best] {
			best = i
		}
	}
	return best
}

// crossEntropy is -log of the label's share in the softmax of a row, and sets its gradient
// times scale.
func (l *lane) crossEntropy(g, row []float32, label int, scale float64) float64 {
	top := float64(row[largest(row)])
	if cap(l.shares) < len(row) {
		l.shares = make([]float64, len(row))
	}
	shares, sum := l.shares[:len(row)], 0.0
	for i, v := range row {
		shares[i] = exp(float64(v) - top)
		sum += shares[i]
	}
	for i, s := range shares {
		p := s / sum
		if i == label {
			p--
		}
		g[i] = float32(p * scale)
	}
	if !finite(sum) {
		return math.NaN()
	}
	return log(sum) - (float64(row[label]) - top)
}

// meanSquare is the mean squared difference of a row and its target, or, where there is none, 1 at
// the label and 0 elsewhere; it sets its gradient times scale.
func meanSquare(g, row, target []float32, label int, scale float64) float64 {
	sum, n := 0.0, float64(len(row))
	for i, v := range row {
		d := float64(v)
		switch {
		case target != nil:
			d -= float64(target[i])
		case i == label:
			d--
		}
		sum += float64(d * d)
		g[i] = float32(2 * d * scale / n)
	}
	return sum / n
}

// sparsity adds a delta activation's sparsity loss to the sums, and its gradient to that of
// the layer's outputs and of its steps: O[t] and O[t-1] get the sign of their difference,
// one of them turned round.
func (l *lane) sparsity(node int) {
	c := float32(l.task.sparse[node] / max(l.task.transitions, 1))
	if c == 0 {
		return
	}
	size := l.net.graph.Nodes[node].Out.Len()
	out, own := l.values[node], l.room(&l.own, size)
	clear(own)
	sum := 0.0
	for s := range l.chunk {
		for r := l.starts[s] + 1; r < l.starts[s+1]; r++ {
			before, now := out[(r-1)*size:][:size], out[r*size:][:size]
			gb, gn := own[(r-1)*size:][:size], own[r*size:][:size]
			for i, v := range now {
				d := v - before[i]
				if d == 0 {
					continue
				}
				sum += math.Abs(float64(d))
				s := float32(math.Copysign(float64(c), float64(d)))
				gn[i] += s
				gb[i] -= s
			}
		}
	}
	l.sums.sparsity += float64(float64(c) * sum)
	if a, ok := l.net.layers[node].(*activation); ok {
		a.slopes(l, true)
	}
	g := l.grads[node]
	for i, v := range own {
		g[i] += v
	}
}

// spatial adds a layer's L1 loss to the sums, and its gradient to that of the layer's values.
func (l *lane) spatial(node int) {
	c := float32(l.task.l1[node] / l.task.rows)
	if c == 0 {
		return
	}
	g, sum := l.grads[node], 0.0
	for i, v := range l.values[node] {
		if v != 0 {
			sum += math.Abs(float64(v))
			g[i] += float32(math.Copysign(float64(c), float64(v)))
		}
	}
	l.sums.l1 += float64(float64(c) * sum)
}
