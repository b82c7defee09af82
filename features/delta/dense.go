package delta

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// Dense computes a network anew in every step, value by value: it is the definition of
// what a network gives, and what an [Engine] is compared with. All that it remembers is
// what threshold deltas sent last. It is slow, and is used by one goroutine at a time.
type Dense struct {
	net    *Network
	values [][]int32 // of each node, [channel][row][column]
}

// NewDense makes the definition of a network.
func NewDense(n *Network) *Dense {
	d := &Dense{net: n, values: make([][]int32, len(n.graph.Nodes))}
	for i := range n.graph.Nodes {
		d.values[i] = make([]int32, n.graph.Nodes[i].Out.Len())
	}
	return d
}

// Reset goes back to before the first step.
func (d *Dense) Reset() {
	for _, v := range d.values {
		clear(v)
	}
}

// Step computes the output of an input, [channel][row][column]. The output is
// overwritten by the next step. An input of another length, or with a value out of
// range, is an error and changes nothing.
func (d *Dense) Step(input []int32) ([]int32, error) {
	if err := checkInput(d.net, input); err != nil {
		return nil, err
	}
	copy(d.values[0], input)
	nodes := d.net.graph.Nodes
	for i := range nodes[1:] {
		node, out := &nodes[i+1], d.values[i+1]
		p, in := &d.net.params[i+1], d.values[node.From]
		switch node.Kind {
		case topology.Linear:
			denseLinear(out, in, p)
		case topology.Conv2D:
			denseConv(node, out, in, p)
		case topology.AvgPool, topology.MaxPool:
			densePool(node, out, in)
		case topology.ReLU:
			for k, v := range in {
				out[k] = max(v, 0)
			}
		case topology.Add:
			other, per := d.values[node.With], node.Out.Height*node.Out.Width
			for k, v := range in {
				out[k] = v*of(p.Multiply[0], k/per) + other[k]*of(p.Multiply[1], k/per)
			}
		case topology.Delta, topology.Threshold:
			denseLevels(node, out, in, p)
		case topology.Cut:
			for k, v := range in {
				if out[k] = v; magnitude(v) < int64(p.Bound[k*len(p.Bound)/len(in)]) {
					out[k] = 0
				}
			}
		case topology.TopK:
			denseTopK(out, in, p.Weigh, node.Keep())
		default: // flatten is in this order already, and a sum of changes is the value
			copy(out, in)
		}
	}
	return d.values[len(nodes)-1], nil
}

// Values are those of a layer, by its index, after the last step: [channel][row][column].
// -1 is the input.
func (d *Dense) Values(layer int) []int32 { return d.values[layer+1] }

func checkInput(n *Network, input []int32) error {
	in := n.graph.Topology.Input
	if len(input) != in.Len() {
		return errLength(in.Len(), len(input))
	}
	for i, v := range input {
		if int(v) < in.Min || int(v) > in.Max {
			return errRange(i, v, in)
		}
	}
	return nil
}

func errLength(want, got int) error {
	return fmt.Errorf("delta network: expected an input of %d values, found %d", want, got)
}

func errRange(i int, v int32, in topology.Input) error {
	return fmt.Errorf("delta network: value %d of the input: expected %d to %d, found %d", i, in.Min, in.Max, v)
}

func denseLinear(out, in []int32, p *Params) {
	for o := range out {
		sum := int64(p.bias(o))
		for i, v := range in {
			sum += int64(p.weight(o*len(in)+i)) * int64(v)
		}
		out[o] = int32(sum)
	}
}

func denseConv(n *topology.Node, out, in []int32, p *Params) {
	perGroup, outPerGroup := n.In.Channels/n.Groups, n.Out.Channels/n.Groups
	kh, kw := n.Kernel[0], n.Kernel[1]
	k := 0
	for o := range n.Out.Channels {
		first := o / outPerGroup * perGroup
		for y := range n.Out.Height {
			for x := range n.Out.Width {
				sum := int64(p.bias(o))
				for c := range perGroup {
					eachUnder(n, y, x, func(ky, kx, pixel int) {
						w := p.weight(((o*perGroup+c)*kh+ky)*kw + kx)
						sum += int64(w) * int64(in[(first+c)*n.In.Height*n.In.Width+pixel])
					})
				}
				out[k] = int32(sum)
				k++
			}
		}
	}
}

func densePool(n *topology.Node, out, in []int32) {
	k := 0
	for c := range n.Out.Channels {
		plane := in[c*n.In.Height*n.In.Width:]
		for y := range n.Out.Height {
			for x := range n.Out.Width {
				sum, most := int64(0), int32(math.MinInt32)
				eachUnder(n, y, x, func(_, _, pixel int) {
					sum += int64(plane[pixel])
					most = max(most, plane[pixel])
				})
				if out[k] = most; n.Kind == topology.AvgPool {
					out[k] = int32(sum)
				}
				k++
			}
		}
	}
}

// denseLevels quantises. A delta activation is a threshold of none.
func denseLevels(n *topology.Node, out, in []int32, p *Params) {
	per, levels := n.Out.Height*n.Out.Width, int64(n.Levels)
	for k, v := range in {
		r := p.Requant[0]
		switch len(p.Requant) {
		case 1:
		case n.Out.Channels:
			r = p.Requant[k/per]
		default:
			r = p.Requant[k]
		}
		level := max(min(r.Level(v), levels), -levels)
		if d := level - int64(out[k]); d > int64(n.Threshold) || -d > int64(n.Threshold) {
			out[k] = int32(level)
		}
	}
}

// denseTopK keeps the values whose weighed magnitudes are largest; of equal ones those
// that come first.
func denseTopK(out, in, weigh []int32, keep int) {
	order := make([]int, len(in))
	for i := range order {
		order[i] = i
	}
	weighed := func(i int) int64 { return magnitude(in[i]) * int64(weigh[i*len(weigh)/len(in)]) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weighed(b), weighed(a)) })
	clear(out)
	for _, i := range order[:keep] {
		out[i] = in[i]
	}
}

// magnitude is |v|, of the least value too.
func magnitude(v int32) int64 { return max(int64(v), -int64(v)) }

// eachUnder calls f for every pixel of the input under the window at an output, with
// the element of the kernel that it meets.
func eachUnder(n *topology.Node, y, x int, f func(ky, kx, pixel int)) {
	for ky := range n.Kernel[0] {
		iy := y*n.Stride[0] + ky - n.Padding[0]
		if iy < 0 || iy >= n.In.Height {
			continue
		}
		for kx := range n.Kernel[1] {
			if ix := x*n.Stride[1] + kx - n.Padding[1]; ix >= 0 && ix < n.In.Width {
				f(ky, kx, iy*n.In.Width+ix)
			}
		}
	}
}
