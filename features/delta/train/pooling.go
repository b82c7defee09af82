package train

// avgPool divides by the whole kernel, padding included.
type avgPool struct{ common }

func (c *avgPool) forward(l *lane) {
	area := float32(c.node.Kernel[0] * c.node.Kernel[1])
	in, out := l.values[c.from], l.values[c.index]
	c.eachWindow(l.rows, func(at, plane int, from, to [2]int) {
		sum := float32(0)
		for y := from[0]; y < to[0]; y++ {
			for _, v := range in[plane+y*c.node.In.Width:][from[1]:to[1]] {
				sum += v
			}
		}
		out[at] = sum / area
	})
}

func (c *avgPool) backward(l *lane) {
	back, add := l.into(c.from)
	if back == nil {
		return
	}
	if !add {
		clear(back)
	}
	area := float32(c.node.Kernel[0] * c.node.Kernel[1])
	g := l.grads[c.index]
	c.eachWindow(l.rows, func(at, plane int, from, to [2]int) {
		share := g[at] / area
		for y := from[0]; y < to[0]; y++ {
			row := back[plane+y*c.node.In.Width:][from[1]:to[1]]
			for x := range row {
				row[x] += share
			}
		}
	})
}

// maxPool does not see padding. The gradient goes to the first of the largest.
type maxPool struct{ common }

func (c *maxPool) forward(l *lane) {
	in, out := l.values[c.from], l.values[c.index]
	c.eachWindow(l.rows, func(at, plane int, from, to [2]int) { out[at] = in[c.largest(in, plane, from, to)] })
}

func (c *maxPool) backward(l *lane) {
	back, add := l.into(c.from)
	if back == nil {
		return
	}
	if !add {
		clear(back)
	}
	in, g := l.values[c.from], l.grads[c.index]
	c.eachWindow(l.rows, func(at, plane int, from, to [2]int) { back[c.largest(in, plane, from, to)] += g[at] })
}

// largest is where a window has its first largest value.
func (c *maxPool) largest(in []float32, plane int, from, to [2]int) int {
	width := c.node.In.Width
	best := plane + from[0]*width + from[1]
	for y := from[0]; y < to[0]; y++ {
		for x := from[1]; x < to[1]; x++ {
			if at := plane + y*width + x; in[at] > in[best] {
				best = at
			}
		}
	}
	return best
}

// eachWindow calls f for every output of so many rows: where it is, where its input's channel
// begins, and which rows and columns of that the window has in it.
func (c *common) eachWindow(rows int, f func(at, plane int, from, to [2]int)) {
	n := c.node
	at := 0
	for p := range rows * n.In.Channels {
		plane := p * n.In.Height * n.In.Width
		for y := range n.Out.Height {
			top, bottom := n.Window.Y.From(y, n.In.Height)
			for x := range n.Out.Width {
				left, right := n.Window.X.From(x, n.In.Width)
				f(at, plane, [2]int{top, left}, [2]int{bottom, right})
				at++
			}
		}
	}
}
