package events

import (
	"crypto/sha3"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

// Digest is a SHA3-224 of each field over all events in the order of their
// source: T as little-endian uint64 of microseconds, X and Y as little-endian
// uint16, P as one byte, 0 or 1. Two recordings with equal digests hold the same
// events, whatever their formats; a difference says in which field.
type Digest struct {
	T string `json:"t"`
	X string `json:"x"`
	Y string `json:"y"`
	P string `json:"on"`
}

// Digester computes a Digest as events come.
type Digester struct {
	t, x, y, p hash.Hash
	buf        []byte
}

// NewDigester makes a Digester that has seen no events.
func NewDigester() *Digester {
	return &Digester{t: sha3.New224(), x: sha3.New224(), y: sha3.New224(), p: sha3.New224()}
}

// Add takes more events in.
func (d *Digester) Add(in []Event) {
	// A hash's Write never returns an error, by its contract.
	b := d.buf[:0]
	for _, e := range in {
		b = binary.LittleEndian.AppendUint64(b, uint64(e.T))
	}
	_, _ = d.t.Write(b)
	d.buf = b
	b = b[:0]
	for _, e := range in {
		b = binary.LittleEndian.AppendUint16(b, e.X)
	}
	_, _ = d.x.Write(b)
	b = b[:0]
	for _, e := range in {
		b = binary.LittleEndian.AppendUint16(b, e.Y)
	}
	_, _ = d.y.Write(b)
	b = b[:0]
	for _, e := range in {
		b = append(b, byte(e.P))
	}
	_, _ = d.p.Write(b)
}

// Sum gives the digests of all events so far, in hexadecimal.
func (d *Digester) Sum() Digest {
	sum := func(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
	return Digest{T: sum(d.t), X: sum(d.x), Y: sum(d.y), P: sum(d.p)}
}
