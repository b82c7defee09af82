package delta

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"sync"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// The frame of a file, and its sections; the package's comment has the layout.
const (
	fileMagic   = "SACDELTA"
	fileVersion = 1
	nameBytes   = 8
	fileHead    = len(fileMagic) + 4 + 4
	sectionHead = nameBytes + 8 + 4

	sectionTopology = "topology"
	sectionParams   = "params"
	sectionScales   = "scales"
)

var (
	sections   = []string{sectionTopology, sectionParams, sectionScales}
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// MarshalBinary gives the bytes of a file. Networks that are the same have the same.
func (n *Network) MarshalBinary() ([]byte, error) {
	b := []byte(fileMagic)
	b = binary.LittleEndian.AppendUint32(b, fileVersion)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(sections)))
	for i, data := range [][]byte{[]byte(n.graph.Topology.String()), n.appendParams(nil), n.scales.append(nil)} {
		var name [nameBytes]byte
		copy(name[:], sections[i])
		b = append(b, name[:]...)
		b = binary.LittleEndian.AppendUint64(b, uint64(len(data)))
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(data, castagnoli))
		b = append(b, data...)
	}
	return b, nil
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

// UnmarshalBinary reads the bytes of a file. The network is as it was when they are
// refused; one that engines run must not be read into.
func (n *Network) UnmarshalBinary(b []byte) error {
	parts, err := split(b)
	if err != nil {
		return fmt.Errorf("delta network: %w", err)
	}
	t, err := topology.Parse(parts[sectionTopology], "")
	if err != nil {
		return fmt.Errorf("delta network: section %s: %w", sectionTopology, err)
	}
	params, err := readParams(t, parts[sectionParams])
	if err != nil {
		return fmt.Errorf("delta network: section %s: %w", sectionParams, err)
	}
	scales, err := readScales(parts[sectionScales])
	if err != nil {
		return fmt.Errorf("delta network: section %s: %w", sectionScales, err)
	}
	out, err := New(t, params, scales)
	if err != nil {
		return err
	}
	n.graph, n.params, n.bounds, n.scales, n.plans = out.graph, out.params, out.bounds, out.scales, out.plans
	n.once = sync.Once{}
	return nil
}

// split checks the frame of a file and gives its sections by name.
func split(b []byte) (map[string][]byte, error) {
	if !bytes.HasPrefix(b, []byte(fileMagic)) {
		return nil, fmt.Errorf("at byte 0: expected %q, found %q", fileMagic, b[:min(len(b), len(fileMagic))])
	}
	if len(b) < fileHead {
		return nil, fmt.Errorf("at byte %d: expected a header of %d bytes, found the end", len(b), fileHead)
	}
	if v := binary.LittleEndian.Uint32(b[len(fileMagic):]); v != fileVersion {
		return nil, fmt.Errorf("at byte %d: expected version %d, found %d", len(fileMagic), fileVersion, v)
	}
	if count := binary.LittleEndian.Uint32(b[len(fileMagic)+4:]); int64(count) != int64(len(sections)) {
		return nil, fmt.Errorf("at byte %d: expected %d sections, found %d", len(fileMagic)+4, len(sections), count)
	}
	out := make(map[string][]byte, len(sections))
	at := fileHead
	for range sections {
		rest := b[at:]
		if len(rest) < sectionHead {
			return nil, fmt.Errorf("at byte %d: expected a section of %d bytes or more, found the end after %d", at, sectionHead, len(rest))
		}
		name := string(bytes.TrimRight(rest[:nameBytes], "\x00"))
		if !slices.Contains(sections, name) {
			return nil, fmt.Errorf("at byte %d: expected a section of %q, found %q", at, sections, name)
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("at byte %d: section %q stands twice", at, name)
		}
		length, sum := binary.LittleEndian.Uint64(rest[nameBytes:]), binary.LittleEndian.Uint32(rest[nameBytes+8:])
		at, rest = at+sectionHead, rest[sectionHead:]
		if length > uint64(len(rest)) {
			return nil, fmt.Errorf("at byte %d: expected %d bytes of section %q, found %d", at, length, name, len(rest))
		}
		out[name] = rest[:length]
		if got := crc32.Checksum(out[name], castagnoli); got != sum {
			return nil, fmt.Errorf("at byte %d: section %q is damaged: expected checksum %08x, found %08x", at, name, sum, got)
		}
		at += int(length)
	}
	if at != len(b) {
		return nil, fmt.Errorf("at byte %d: expected the end, found %d bytes more", at, len(b)-at)
	}
	return out, nil
}
