package train

// threshold is a threshold delta: a value is handed on when it is more than so many steps
// away from what was last sent in the sequence, which is zero before its first step.
type threshold struct{ common }

func (c *threshold) forward(l *lane) {
	in, out := l.values[c.from], l.values[c.index]
	if l.net.unknown(c.index) {
		copy(out, in)
		return
	}
	levels, bound := float32(c.node.Levels), float32(c.node.Threshold)
	first, size := 0, c.node.Out.Len()
	row := 0
	c.eachStep(l.net, l.rows, func(step, from, to int) {
		if from == row*size { // a row begins
			if row == l.starts[first] {
				first++
				clear(out[from:][:size])
			} else {
				copy(out[from:][:size], out[from-size:from])
			}
			row++
		}
		q := float32(l.net.steps[step])
		for i, v := range in[from:to] {
			n, sent := level(v, q, levels), level(out[from+i], q, levels)
			if d := n - sent; d > bound || d < -bound {
				out[from+i] = n * q
			}
		}
	})
}

func (c *threshold) backward(l *lane) {
	l.sparsity(c.index)
	back, add := l.into(c.from)
	switch {
	case back == nil:
	case add:
		for i, v := range l.grads[c.index] {
			back[i] += v
		}
	default:
		copy(back, l.grads[c.index])
	}
}
