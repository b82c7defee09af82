package train

import "github.com/saccade-dev/saccade/features/delta/train/gemm"

// convolution lays the pixels under its kernel out as columns, an image at a time, and
// multiplies: what it needs beside its values is the columns of one image.
type convolution struct {
	common
	kernel, pixels  int // input values that an output sums up, and output pixels
	inputs, outputs int // channels of a group
	bare            bool
}

func newConvolution(c common) *convolution {
	n := c.node
	return &convolution{
		common: c, kernel: n.FanIn(), pixels: n.Out.Height * n.Out.Width,
		inputs: n.In.Channels / n.Groups, outputs: n.Out.Channels / n.Groups,
		// A kernel of one pixel that goes over every pixel has the image itself as columns.
		bare: n.Kernel == [2]int{1, 1} && n.Stride == [2]int{1, 1},
	}
}

// columnsOf gives the columns of a group of an image, [input channel][kernel row][kernel
// column][output pixel].
func (c *convolution) columnsOf(l *lane, image []float32) []float32 {
	if c.bare {
		return image
	}
	if cap(l.columns) < c.kernel*c.pixels {
		l.columns = make([]float32, c.kernel*c.pixels)
	}
	columns := l.columns[:c.kernel*c.pixels]
	clear(columns) // the padding
	c.each(func(column, pixel, count, step int) {
		to, from := columns[column:][:count], image[pixel:]
		if step == 1 {
			copy(to, from)
			return
		}
		for x := range to {
			to[x] = from[x*step]
		}
	})
	return columns
}

// spread adds the gradient of columns to that of the image.
func (c *convolution) spread(image, columns []float32) {
	c.each(func(column, pixel, count, step int) {
		from, to := columns[column:][:count], image[pixel:]
		for x, v := range from {
			to[x*step] += v
		}
	})
}

// each calls f for every run of an output row under one element of the kernel: where it
// begins in the columns, at which pixel of the group's image, how long it is, and how far
// apart its pixels are.
func (c *convolution) each(f func(column, pixel, count, step int)) {
	n := c.node
	height, width, stride := n.In.Height, n.In.Width, n.Stride[1]
	at := 0
	for channel := range c.inputs {
		for ky := range n.Kernel[0] {
			for kx := range n.Kernel[1] {
				// The outputs whose window has this element within the image.
				first := max(0, (n.Padding[1]-kx+stride-1)/stride)
				last := (width - 1 + n.Padding[1] - kx) / stride
				if width-1+n.Padding[1]-kx < 0 {
					last = -1
				}
				last = min(last, n.Out.Width-1)
				for y := range n.Out.Height {
					iy := y*n.Stride[0] + ky - n.Padding[0]
					if iy >= 0 && iy < height && first <= last {
						ix := first*stride + kx - n.Padding[1]
						f(at+first, (channel*height+iy)*width+ix, last-first+1, stride)
					}
					at += n.Out.Width
				}
			}
		}
	}
}

func (c *convolution) forward(l *lane) {
	n := c.node
	w := l.net.weightsOf(c.index)
	from, to := l.net.biasRange(c.index)
	bias := l.net.numbers[from:to]
	in, out := n.In.Len(), n.Out.Len()
	plane := c.inputs * n.In.Height * n.In.Width
	for r := range l.rows {
		image, y := l.values[c.from][r*in:][:in], l.values[c.index][r*out:][:out]
		for g := range n.Groups {
			columns := c.columnsOf(l, image[g*plane:][:plane])
			gemm.Mul(y[g*c.outputs*c.pixels:], c.pixels, w[g*c.outputs*c.kernel:], c.kernel, false,
				columns, c.pixels, false, c.outputs, c.pixels, c.kernel, false)
		}
		for o, b := range bias {
			for i, v := range y[o*c.pixels:][:c.pixels] {
				y[o*c.pixels+i] = v + b
			}
		}
	}
}

func (c *convolution) backward(l *lane) {
	n := c.node
	w, gw := l.net.weightsOf(c.index), l.gradient[l.net.at[c.index].weights:]
	from, to := l.net.biasRange(c.index)
	bias := l.gradient[from:to]
	in, out := n.In.Len(), n.Out.Len()
	plane := c.inputs * n.In.Height * n.In.Width
	back, add := l.into(c.from)
	if back != nil && !add {
		clear(back)
	}
	for r := range l.rows {
		image, y := l.values[c.from][r*in:][:in], l.grads[c.index][r*out:][:out]
		for g := range n.Groups {
			columns := c.columnsOf(l, image[g*plane:][:plane])
			gy, at := y[g*c.outputs*c.pixels:], g*c.outputs*c.kernel
			gemm.Mul(gw[at:], c.kernel, gy, c.pixels, false, columns, c.pixels, true, c.outputs, c.kernel, c.pixels, true)
			if back == nil {
				continue
			}
			if cap(l.back) < c.kernel*c.pixels {
				l.back = make([]float32, c.kernel*c.pixels)
			}
			under := l.back[:c.kernel*c.pixels]
			gemm.Mul(under, c.pixels, w[at:], c.kernel, true, gy, c.pixels, false, c.kernel, c.pixels, c.outputs, false)
			to := back[r*in+g*plane:][:plane]
			if !c.bare {
				c.spread(to, under)
				continue
			}
			for i, v := range under {
				to[i] += v
			}
		}
		for o := range bias {
			for _, v := range y[o*c.pixels:][:c.pixels] {
				bias[o] += v
			}
		}
	}
}
