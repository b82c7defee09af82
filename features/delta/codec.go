package delta

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// MarshalBinary gives the bytes of a file. Networks that are the same have the same.
func (n *Network) MarshalBinary() ([]byte, error) { return n.MarshalWith(nil) }

// MarshalWith gives the bytes of a file that holds, beside the network, what others know of it: what it
// is given and what its outputs stand for, under the names of SectionFrames and the like. What they
// hold is not looked at here. Another name is an error.
//
// What a file of version 1 can hold is written as that.
func (n *Network) MarshalWith(more map[string][]byte) ([]byte, error) {
	parts := map[string][]byte{
		sectionTopology: []byte(n.graph.Topology.String()), sectionParams: n.appendParams(nil), sectionScales: n.scales.append(nil),
	}
	version := uint32(versionPlain)
	if n.scales.Sums != nil {
		version, parts[sectionUnits] = versionMore, n.scales.appendSums(nil)
	}
	for _, name := range slices.Sorted(maps.Keys(more)) {
		if !slices.Contains(attached, name) {
			return nil, fmt.Errorf("delta network: section %q: expected one of %q", name, attached)
		}
		version, parts[name] = versionMore, more[name]
	}
	return join(version, parts), nil
}

// Fingerprint tells networks apart: a SHA-256 of topology and parameters.
func (n *Network) Fingerprint() [32]byte {
	n.once.Do(func() { n.digest = sha256.Sum256(n.appendParams([]byte(n.graph.Topology.String() + "\x00"))) })
	return n.digest
}

func (n *Network) appendParams(b []byte) []byte {
	for i := range n.params {
		p := &n.params[i]
		for _, w := range p.Weights8 {
			b = append(b, byte(w))
		}
		for _, w := range p.Weights16 {
			b = binary.LittleEndian.AppendUint16(b, uint16(w))
		}
		b = appendInt32s(b, p.Bias)
		if p.Requant != nil {
			b = binary.LittleEndian.AppendUint32(b, uint32(len(p.Requant)))
			for _, r := range p.Requant {
				b = binary.LittleEndian.AppendUint32(b, uint32(r.Mul))
				b = append(b, r.Shift)
			}
		}
		for _, m := range [][]int32{p.Multiply[0], p.Multiply[1], p.Bound, p.Weigh} {
			if m != nil {
				b = binary.LittleEndian.AppendUint32(b, uint32(len(m)))
				b = appendInt32s(b, m)
			}
		}
	}
	return b
}

func (s Scales) append(b []byte) []byte {
	for _, v := range append([]float64{s.Input}, s.Output...) {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

func (s Scales) appendSums(b []byte) []byte {
	for _, list := range s.Sums {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(list)))
		for _, v := range list {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
	}
	return b
}

// UnmarshalBinary reads the bytes of a file. The network is as it was when they are
// refused; one that engines run must not be read into.
func (n *Network) UnmarshalBinary(b []byte) error {
	_, err := n.UnmarshalWith(b)
	return err
}

// UnmarshalWith is UnmarshalBinary, and gives what stands beside the network in the file: see
// MarshalWith. It shares the bytes.
func (n *Network) UnmarshalWith(b []byte) (more map[string][]byte, err error) {
	parts, err := split(b)
	if err != nil {
		return nil, fmt.Errorf("delta network: %w", err)
	}
	t, err := topology.Parse(parts[sectionTopology], "")
	if err != nil {
		return nil, fmt.Errorf("delta network: section %s: %w", sectionTopology, err)
	}
	params, err := readParams(t, parts[sectionParams])
	if err != nil {
		return nil, fmt.Errorf("delta network: section %s: %w", sectionParams, err)
	}
	scales, err := readScales(parts[sectionScales])
	if err != nil {
		return nil, fmt.Errorf("delta network: section %s: %w", sectionScales, err)
	}
	if data, there := parts[sectionUnits]; there {
		if scales.Sums, err = readSums(t, data); err != nil {
			return nil, fmt.Errorf("delta network: section %s: %w", sectionUnits, err)
		}
	}
	out, err := New(t, params, scales)
	if err != nil {
		return nil, err
	}
	n.graph, n.params, n.bounds, n.scales, n.plans = out.graph, out.params, out.bounds, out.scales, out.plans
	n.once = sync.Once{}
	for _, name := range attached {
		if data, there := parts[name]; there {
			if more == nil {
				more = map[string][]byte{}
			}
			more[name] = data
		}
	}
	return more, nil
}
