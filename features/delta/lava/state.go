package lava

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/npz"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// Load makes a network of the files of a topology and of the archive with its weights.
func Load(topologyPath, archivePath string, target hw.Target) (*Network, error) {
	t, err := topology.Load(topologyPath)
	if err != nil {
		return nil, err
	}
	arrays, err := npz.Load(archivePath)
	if err != nil {
		return nil, err
	}
	n, err := New(t, arrays, target)
	if err != nil {
		return nil, fmt.Errorf("%s with %s: %w", topologyPath, archivePath, err)
	}
	return n, nil
}

// A network's state, little-endian: "SLVA" | version u16 | fingerprint, 32 bytes, then
// what the input has sent, i32 [value], and how many changes in the last step and in
// all, u64, and of each layer
//
//	pending u8 | sigma i32 [value] | sums i32 [value] | sent i32 [value], but of the last layer
//	done MACs, their total, sent, total u64
//
// with values in the order of memory. Sums are zero where none is pending.
const (
	stateMagic   = "SLVA"
	stateVersion = 2 // 1 had no counters of the input
	stateHead    = len(stateMagic) + 2 + sha256.Size
)

func (c *Counters) fields() []*uint64 {
	if c.DenseMACs == 0 {
		return []*uint64{&c.Sent, &c.TotalSent}
	}
	return []*uint64{&c.MACs, &c.TotalMACs, &c.Sent, &c.TotalSent}
}

// values are the numbers of a layer that a state holds.
func (l *layer) values() [][]int32 { return [][]int32{l.sigma, l.sums, l.sent} }

// layersAt is where a state's layers begin.
func (n *Network) layersAt() int {
	return stateHead + valueBytes*len(n.first.sent) + 8*len(n.entered.fields())
}

func (n *Network) stateLen() int {
	length := n.layersAt()
	for _, l := range n.layers {
		length++
		for _, v := range l.values() {
			length += 4 * len(v)
		}
		length += 8 * len(l.counters.fields())
	}
	return length
}

// MarshalBinary takes the network's state.
func (n *Network) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, n.stateLen())
	b = append(b, stateMagic...)
	b = binary.LittleEndian.AppendUint16(b, stateVersion)
	b = append(b, n.fingerprint[:]...)
	b = appendValues(b, n.first.sent)
	b = n.entered.append(b)
	for _, l := range n.layers {
		pending := byte(0)
		if l.pending {
			pending = 1
		}
		b = append(b, pending)
		for _, v := range l.values() {
			b = appendValues(b, v)
		}
		b = l.counters.append(b)
	}
	return b, nil
}

// UnmarshalBinary puts back a state taken from the same network, on any target. The
// network is as it was when the state is refused.
func (n *Network) UnmarshalBinary(b []byte) error {
	if len(b) < stateHead || string(b[:len(stateMagic)]) != stateMagic {
		return fmt.Errorf("lava state at byte 0: expected %q and %d bytes, found %q", stateMagic, stateHead, b[:min(len(b), len(stateMagic))])
	}
	if v := binary.LittleEndian.Uint16(b[4:]); v != stateVersion {
		return fmt.Errorf("lava state at byte 4: expected version %d, found %d", stateVersion, v)
	}
	if got := b[6:stateHead]; string(got) != string(n.fingerprint[:]) {
		return fmt.Errorf("lava state at byte 6: expected one of network %x, found one of %x", n.fingerprint[:8], got[:8])
	}
	if len(b) != n.stateLen() {
		return fmt.Errorf("lava state: expected %d bytes, found %d", n.stateLen(), len(b))
	}
	at := n.layersAt()
	for _, l := range n.layers {
		if b[at] > 1 {
			return fmt.Errorf("lava state at byte %d: pending: expected 0 or 1, found %d", at, b[at])
		}
		if sums := at + 1 + 4*len(l.sigma); b[at] == 0 {
			for i, v := range b[sums : sums+4*len(l.sums)] {
				if v != 0 {
					return fmt.Errorf("lava state at byte %d: expected no sums, as none is pending, found %d", sums+i, v)
				}
			}
		}
		at += 1 + 4*(len(l.sigma)+len(l.sums)+len(l.sent)) + 8*len(l.counters.fields())
	}
	at = n.entered.take(b, takeValues(b, stateHead, n.first.sent))
	for _, l := range n.layers {
		l.pending = b[at] == 1
		at++
		for _, v := range l.values() {
			at = takeValues(b, at, v)
		}
		at = l.counters.take(b, at)
	}
	return nil
}

func (c *Counters) append(b []byte) []byte {
	for _, v := range c.fields() {
		b = binary.LittleEndian.AppendUint64(b, *v)
	}
	return b
}

func (c *Counters) take(b []byte, at int) int {
	for _, v := range c.fields() {
		*v = binary.LittleEndian.Uint64(b[at:])
		at += 8
	}
	return at
}

func appendValues(b []byte, values []int32) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return b
}

func takeValues(b []byte, at int, values []int32) int {
	for i := range values {
		values[i] = int32(binary.LittleEndian.Uint32(b[at:]))
		at += 4
	}
	return at
}
