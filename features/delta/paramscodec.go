package delta

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// paramsReader takes numbers off a section and remembers the first that is missing.
// Nothing is allocated for what is not there.
type paramsReader struct {
	rest []byte
	at   int
	err  error
}

// take gives count numbers of size bytes, or nil.
func (r *paramsReader) take(what string, count, size int) []byte {
	if r.err != nil {
		return nil
	}
	if count > len(r.rest)/size {
		r.err = fmt.Errorf("at byte %d: %s: expected %d numbers of %d bytes, found %d bytes", r.at, what, count, size, len(r.rest))
		return nil
	}
	b := r.rest[:count*size]
	r.rest, r.at = r.rest[len(b):], r.at+len(b)
	return b
}

func (r *paramsReader) int32s(what string, count int) []int32 {
	b := r.take(what, count, 4)
	if b == nil {
		return nil
	}
	out := make([]int32, count)
	takeInt32s(b, 0, out)
	return out
}

// count is the length of a list that may have several.
func (r *paramsReader) count(what string) int {
	b := r.take(what, 1, 4)
	if b == nil {
		return 0
	}
	return int(min(binary.LittleEndian.Uint32(b), math.MaxInt32))
}

// readParams reads the parameters of all layers, of lengths that the topology tells.
func readParams(t *topology.Topology, b []byte) ([]Params, error) {
	g, err := t.Resolve()
	if err != nil {
		return nil, err
	}
	r := &paramsReader{rest: b}
	out := make([]Params, len(t.Layers))
	for i := range out {
		n, p := &g.Nodes[i+1], &out[i]
		switch {
		case n.Kind.Weighted():
			r.weights(n, p)
		case n.Kind.Quantises():
			r.requant(p)
		case n.Kind == topology.Add:
			for k := range p.Multiply {
				p.Multiply[k] = r.int32s("multipliers", r.count("number of multipliers"))
			}
		case n.Kind == topology.Cut:
			p.Bound = r.int32s("bounds", r.count("number of bounds"))
		case n.Kind == topology.TopK:
			p.Weigh = r.int32s("weights of magnitudes", r.count("number of weights of magnitudes"))
		}
		if r.err != nil {
			return nil, fmt.Errorf("layer %s: %w", n.Name, r.err)
		}
	}
	if len(r.rest) > 0 {
		return nil, fmt.Errorf("at byte %d: expected the end, found %d bytes more", r.at, len(r.rest))
	}
	return out, nil
}

func (r *paramsReader) weights(n *topology.Node, p *Params) {
	count := n.WeightsLen()
	b := r.take("weights", count, n.Weights.Bytes())
	if b == nil {
		return
	}
	if n.Weights == topology.Int16 {
		p.Weights16 = make([]int16, count)
		for i := range p.Weights16 {
			p.Weights16[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
		}
	} else {
		p.Weights8 = make([]int8, count)
		for i := range p.Weights8 {
			p.Weights8[i] = int8(b[i])
		}
	}
	if !n.NoBias {
		p.Bias = r.int32s("biases", n.Out.Channels)
	}
}

func (r *paramsReader) requant(p *Params) {
	const size = 5
	count := r.count("number of requantisations")
	b := r.take("requantisations", count, size)
	if b == nil {
		return
	}
	p.Requant = make([]Requant, count)
	for i := range p.Requant {
		p.Requant[i] = Requant{Mul: int32(binary.LittleEndian.Uint32(b[size*i:])), Shift: b[size*i+4]}
	}
}

func readScales(b []byte) (Scales, error) {
	if len(b) < 16 || len(b)%8 != 0 {
		return Scales{}, fmt.Errorf("expected two numbers of 8 bytes or more, found %d bytes", len(b))
	}
	values := make([]float64, len(b)/8)
	for i := range values {
		values[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return Scales{Input: values[0], Output: values[1:]}, nil
}

// readSums reads what units of sums are worth, of each layer with weights.
func readSums(t *topology.Topology, b []byte) ([][]float64, error) {
	r := &paramsReader{rest: b}
	out := [][]float64{}
	for _, l := range t.Layers {
		if !l.Kind.Weighted() {
			continue
		}
		data := r.take("scales of sums", r.count("number of scales of sums"), 8)
		if r.err != nil {
			return nil, fmt.Errorf("layer %s: %w", l.Name, r.err)
		}
		values := make([]float64, len(data)/8)
		for i := range values {
			values[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
		}
		out = append(out, values)
	}
	if len(r.rest) > 0 {
		return nil, fmt.Errorf("at byte %d: expected the end, found %d bytes more", r.at, len(r.rest))
	}
	return out, nil
}
