package onnx_test

import "math"

// windows are the sizes of a result and the padding in front, by the formulas of the
// specification.
func (o *op) windows(x tensor, kernel []int) (out, before, strides []int) {
	strides, pads := o.list("strides", []int{1, 1}), o.list("pads", []int{0, 0, 0, 0})
	out, before = make([]int, 2), make([]int, 2)
	auto, _ := o.attributes["auto_pad"].(string)
	for a := range 2 {
		in, k, s := x.dims[a+2], kernel[a], strides[a]
		switch auto {
		case "SAME_UPPER", "SAME_LOWER":
			out[a] = int(math.Ceil(float64(in) / float64(s)))
			pad := math.Max(float64((out[a]-1)*s+k-in), 0)
			if before[a] = int(math.Floor(pad / 2)); auto == "SAME_LOWER" {
				before[a] = int(math.Ceil(pad / 2))
			}
		case "VALID":
			out[a] = int(math.Ceil(float64(in-k+1) / float64(s)))
		default:
			before[a] = pads[a]
			quotient := float64(in+pads[a]+pads[a+2]-k) / float64(s)
			if o.number("ceil_mode", 0) != 0 {
				if out[a] = int(math.Ceil(quotient)) + 1; (out[a]-1)*s >= in+pads[a] {
					out[a]--
				}
			} else {
				out[a] = int(math.Floor(quotient)) + 1
			}
		}
	}
	return out, before, strides
}

func (o *op) convolve(values map[string]tensor) tensor {
	x, w := values[o.in[0]], values[o.in[1]]
	size, before, strides := o.windows(x, w.dims[2:])
	groups := o.number("group", 1)
	out := tensor{dims: []int{x.dims[0], w.dims[0], size[0], size[1]}}
	for n := range out.dims[0] {
		for m := range out.dims[1] {
			for y := range out.dims[2] {
				for z := range out.dims[3] {
					sum := 0.0
					if len(o.in) > 2 {
						sum = values[o.in[2]].values[m]
					}
					for c := range w.dims[1] {
						from := m/(w.dims[0]/groups)*w.dims[1] + c
						for i := range w.dims[2] {
							for j := range w.dims[3] {
								row, column := y*strides[0]+i-before[0], z*strides[1]+j-before[1]
								if row >= 0 && row < x.dims[2] && column >= 0 && column < x.dims[3] {
									sum += w.values[((m*w.dims[1]+c)*w.dims[2]+i)*w.dims[3]+j] *
										x.values[((n*x.dims[1]+from)*x.dims[2]+row)*x.dims[3]+column]
								}
							}
						}
					}
					out.values = append(out.values, sum)
				}
			}
		}
	}
	return out
}

func (o *op) pool(x tensor) tensor {
	kernel := o.list("kernel_shape", nil)
	size, before, strides := o.windows(x, kernel)
	out := tensor{dims: []int{x.dims[0], x.dims[1], size[0], size[1]}}
	for c := range x.dims[0] * x.dims[1] {
		for y := range size[0] {
			for z := range size[1] {
				sum, most, seen := 0.0, math.Inf(-1), 0
				for i := range kernel[0] {
					for j := range kernel[1] {
						row, column := y*strides[0]+i-before[0], z*strides[1]+j-before[1]
						if row >= 0 && row < x.dims[2] && column >= 0 && column < x.dims[3] {
							v := x.values[(c*x.dims[2]+row)*x.dims[3]+column]
							sum, most, seen = sum+v, math.Max(most, v), seen+1
						}
					}
				}
				if o.number("count_include_pad", 0) != 0 {
					seen = kernel[0] * kernel[1]
				}
				if o.kind == "AveragePool" {
					most = sum / float64(seen)
				}
				out.values = append(out.values, most)
			}
		}
	}
	return out
}
