package train

import "math"

// relu makes what is below zero zero.
type relu struct{ common }

func (c *relu) forward(l *lane) {
	out := l.values[c.index]
	for i, v := range l.values[c.from][:len(out)] {
		out[i] = max(v, 0)
	}
}

func (c *relu) backward(l *lane) { c.masked(l) }

// masked hands the gradient on where the layer's values are not zero. There are no branches in it
// that nobody can predict.
func (c *common) masked(l *lane) {
	back, add := l.into(c.from)
	if back == nil {
		return
	}
	g, out := l.grads[c.index][:len(back)], l.values[c.index][:len(back)]
	for i, v := range out {
		bits := math.Float32bits(v) << 1 // of either zero
		keep := math.Float32frombits(math.Float32bits(g[i]) & uint32(int32(bits|-bits)>>31))
		if add {
			keep += back[i]
		}
		back[i] = keep
	}
}

// add is a residual addition.
type add struct {
	common
	with int
}

func (c *add) forward(l *lane) {
	out := l.values[c.index]
	with := l.values[c.with][:len(out)]
	for i, v := range l.values[c.from][:len(out)] {
		out[i] = v + with[i]
	}
}

func (c *add) backward(l *lane) {
	for _, side := range []int{c.from, c.with} {
		back, add := l.into(side)
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
}
