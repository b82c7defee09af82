package train

import "math"

// activation is a delta activation: values are rounded to steps, see the package.
type activation struct{ common }

func (c *activation) forward(l *lane) {
	in, out := l.values[c.from], l.values[c.index]
	if l.net.unknown(c.index) {
		copy(out, in) // until steps are known, which is what the values are looked at for
		return
	}
	levels := float32(c.node.Levels)
	c.eachStep(l.net, l.rows, func(step, from, to int) {
		q := float32(l.net.steps[step])
		for i, v := range in[from:to] {
			out[from+i] = level(v, q, levels) * q
		}
	})
}

// level is floor(v/q + 1/2), within the levels on either side.
func level(v, q, levels float32) float32 {
	x := v/q + 0.5
	switch {
	case x >= levels:
		return levels
	case x <= -levels:
		return -levels
	case x != x:
		return x
	}
	n := float32(int32(x))
	if n > x {
		n--
	}
	return n
}

func (c *activation) backward(l *lane) {
	c.slopes(l, false)
	l.sparsity(c.index)
	c.handOn(l)
}

// slopes adds to the gradients of the logarithms of the layer's steps what comes of the
// gradient of its outputs, by the rule. own tells that it is its own sparsity loss's.
func (c *activation) slopes(l *lane, own bool) {
	o := &l.task.options.Steps
	if o.Fixed || l.net.unknown(c.index) {
		return
	}
	g, out, in := l.grads[c.index], l.values[c.index], l.values[c.from]
	if own {
		g = l.own
	}
	c.eachStep(l.net, l.rows, func(step, from, to int) {
		sum := 0.0
		if o.Rule == Split && !own {
			// q (n - a/q) is what rounding added. Beyond the last level, n alone counts.
			most := float32(l.net.steps[step] * (float64(c.node.Levels) + 0.5))
			for i, v := range out[from:to] {
				if a := in[from+i]; a < most && a >= -most {
					v -= a
				}
				sum += float64(g[from+i]) * float64(v) // exact
			}
		} else {
			for i, v := range out[from:to] {
				sum += float64(g[from+i]) * float64(v) // exact
			}
			if o.Rule != Usual {
				sum = -sum
			}
		}
		l.steps[step] += sum
	})
}

// handOn is the straight-through gradient.
func (c *activation) handOn(l *lane) {
	back, add := l.into(c.from)
	if back == nil {
		return
	}
	g, in := l.grads[c.index], l.values[c.from]
	c.eachStep(l.net, l.rows, func(step, from, to int) {
		most := float32(math.Inf(1))
		if !l.net.unknown(c.index) {
			most = float32(l.net.steps[step] * (float64(c.node.Levels) + 0.5))
		}
		for i := from; i < to; i++ {
			v := g[i]
			if !(in[i] < most && in[i] >= -most) {
				v = 0
			}
			if add {
				v += back[i]
			}
			back[i] = v
		}
	})
}

// eachStep calls f for every run of values that share a step: which of the network's steps it
// is, and from where to where the values are.
func (c *common) eachStep(n *network, rows int, f func(step, from, to int)) {
	at, run := n.at[c.index], c.node.Out.Len()/n.at[c.index].count
	from := 0
	for range rows {
		for k := range at.count {
			f(at.steps+k, from, from+run)
			from += run
		}
	}
}

// unknown tells whether a quantising layer has no steps yet.
func (n *network) unknown(i int) bool { return n.steps[n.at[i].steps] == 0 }
