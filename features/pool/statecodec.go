package pool

import (
	"encoding"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
)

// The layouts of a marshalled Bins and a marshalled Decayed, little-endian. Both
// hold pools as those marshal themselves.
//
//	 0  4  "sbin"
//	 4  2  version, 1
//	 6  1  started   0 or 1
//	 7  1  0
//	 8  8  start     microseconds, 0 if not started
//	16  4  edges E
//	20  4  length of each of the E+1 pools L
//	24  8E edges, microseconds
//	..  .. E+1 pools of L bytes
//	..  4  CRC-32C of everything before
//
//	 0  4  "sdec"
//	 4  2  version, 1
//	 6  1  started   0 or 1
//	 7  1  0
//	 8  8  start     microseconds; this and the next four are 0 if not started
//	16  8  last      microseconds
//	24  8  tick
//	32  8  base
//	40  8  tau       microseconds
//	48  8n sums
//	..  .. a pool of the configuration, with counts of zero
//	..  4  CRC-32C of everything before
const (
	binsMagic    = "sbin"
	decayedMagic = "sdec"
	stateVersion = 1
	binsHeader   = 24
	decayedHead  = 48
)

var (
	_ encoding.BinaryMarshaler   = (*Bins)(nil)
	_ encoding.BinaryUnmarshaler = (*Bins)(nil)
	_ encoding.BinaryMarshaler   = (*Decayed)(nil)
	_ encoding.BinaryUnmarshaler = (*Decayed)(nil)
)

// MarshalBinary gives the configuration and the counts.
func (b *Bins) MarshalBinary() ([]byte, error) {
	if len(b.pools) == 0 {
		return nil, errNoConfig
	}
	out := opening(binsMagic, b.started)
	le := binary.LittleEndian
	out = le.AppendUint64(out, uint64(b.start))
	out = le.AppendUint32(out, uint32(len(b.edges)))
	out = le.AppendUint32(out, uint32(headerBytes+4*b.pools[0].Len()+crcBytes))
	for _, e := range b.edges {
		out = le.AppendUint64(out, uint64(e))
	}
	for _, p := range b.pools {
		var err error
		if out, err = p.AppendBinary(out); err != nil {
			return nil, err
		}
	}
	return le.AppendUint32(out, crc32.Checksum(out, castagnoli)), nil
}

// UnmarshalBinary puts a state back. One made by NewBins takes only a state of its
// own configuration, a zero Bins takes any. A Bins that gets an error keeps what
// it had.
func (b *Bins) UnmarshalBinary(data []byte) error {
	body, started, err := opened(data, binsMagic, binsHeader)
	if err != nil {
		return err
	}
	le := binary.LittleEndian
	read := &Bins{started: started, start: int64(le.Uint64(data[8:]))}
	if !started && read.start != 0 {
		return malformed(8, "0, as nothing started", fmt.Sprint(read.start))
	}
	edges, length := int64(le.Uint32(data[16:])), int64(le.Uint32(data[20:]))
	if edges >= MaxBins {
		return malformed(16, fmt.Sprintf("below %d edges", MaxBins), fmt.Sprint(edges))
	}
	if want := binsHeader + 8*edges + (edges+1)*length; int64(len(body)) != want {
		return malformed(20, fmt.Sprintf("%d bytes in all", want+crcBytes), fmt.Sprint(len(data)))
	}
	at := binsHeader
	for range edges {
		read.edges = append(read.edges, int64(le.Uint64(body[at:])))
		at += 8
	}
	for range edges + 1 {
		p := new(Pool)
		if err := p.UnmarshalBinary(body[at : at+int(length)]); err != nil {
			return fmt.Errorf("in the pool at byte %d: %w", at, err)
		}
		if len(read.pools) > 0 && p.config != read.pools[0].config {
			return malformed(at, "pools of one configuration", fmt.Sprintf("%+v", p.config))
		}
		read.pools = append(read.pools, p)
		at += int(length)
	}
	c := read.Config()
	if err := c.Validate(); err != nil {
		return malformed(binsHeader, "a valid configuration", err.Error())
	}
	if mine := b.Config(); len(b.pools) != 0 && (mine.Pool != c.Pool || fmt.Sprint(mine.Edges) != fmt.Sprint(c.Edges)) {
		return fmt.Errorf("pool: the state is of another configuration: expected %+v, found %+v", mine, c)
	}
	*b = *read
	return nil
}

// MarshalBinary gives the configuration and the sums.
func (d *Decayed) MarshalBinary() ([]byte, error) {
	if len(d.sums) == 0 {
		return nil, errNoConfig
	}
	out := opening(decayedMagic, d.started)
	le := binary.LittleEndian
	for _, v := range []int64{d.start, d.last, d.tick, d.base, d.config.Tau} {
		out = le.AppendUint64(out, uint64(v))
	}
	for _, n := range d.sums {
		out = le.AppendUint64(out, n)
	}
	p, err := New(d.config.Pool)
	if err != nil {
		return nil, err
	}
	if out, err = p.AppendBinary(out); err != nil {
		return nil, err
	}
	return le.AppendUint32(out, crc32.Checksum(out, castagnoli)), nil
}

// UnmarshalBinary puts a state back. One made by NewDecayed takes only a state of
// its own configuration, a zero Decayed takes any. A Decayed that gets an error
// keeps what it had.
func (d *Decayed) UnmarshalBinary(data []byte) error {
	body, started, err := opened(data, decayedMagic, decayedHead)
	if err != nil {
		return err
	}
	le := binary.LittleEndian
	number := func(at int) int64 { return int64(le.Uint64(body[at:])) }
	// A pool takes 4 bytes an entry and a sum 8: what is between the headers and
	// the checksums is twelve bytes an entry.
	rest := len(body) - decayedHead - headerBytes - crcBytes
	if rest <= 0 || rest%12 != 0 {
		return malformed(decayedHead, "sums and a pool of 12 bytes an entry", fmt.Sprintf("%d bytes", rest))
	}
	n := rest / 12
	shape := new(Pool)
	if err := shape.UnmarshalBinary(body[decayedHead+8*n:]); err != nil {
		return fmt.Errorf("in the pool at byte %d: %w", decayedHead+8*n, err)
	}
	for i, c := range shape.counts {
		if c != 0 {
			return malformed(decayedHead+8*n+headerBytes+4*i, "a count of 0", fmt.Sprint(c))
		}
	}
	read, err := NewDecayed(DecayedConfig{Pool: shape.config, Tau: number(40)})
	if err != nil {
		return malformed(40, "a valid configuration", err.Error())
	}
	if len(d.sums) != 0 && d.config != read.config {
		return fmt.Errorf("pool: the state is of another configuration: expected %+v, found %+v", d.config, read.config)
	}
	read.started, read.start, read.last, read.tick, read.base = started, number(8), number(16), number(24), number(32)
	if err := read.checkTimes(); err != nil {
		return err
	}
	for i := range read.sums {
		v := le.Uint64(body[decayedHead+8*i:])
		if v > maxSum || (v != 0 && !started) {
			return malformed(decayedHead+8*i, fmt.Sprintf("a sum up to %d, and 0 before the first event", uint64(maxSum)), fmt.Sprint(v))
		}
		read.sums[i] = v
	}
	*d = *read
	return nil
}

// checkTimes looks at the times of a state and finds the weight that they imply.
func (d *Decayed) checkTimes() error {
	if !d.started {
		if d.start != 0 || d.last != 0 || d.tick != 0 || d.base != 0 {
			return malformed(8, "times of 0, as nothing started", fmt.Sprintf("%d, %d, %d, %d", d.start, d.last, d.tick, d.base))
		}
		return nil
	}
	octave := d.tick / ticksPerHalf
	if d.tick < 0 || d.tick > ticks(math.MaxInt64, d.config.Tau) || d.base < 0 || d.base > octave || octave-d.base > maxOctaves {
		return malformed(24, fmt.Sprintf("a tick up to %d octaves beyond the base", maxOctaves), fmt.Sprintf("tick %d, base %d", d.tick, d.base))
	}
	d.weight = mantissa[d.tick%ticksPerHalf] << (octave - d.base)
	return nil
}

// opening is the first eight bytes of a state.
func opening(magic string, started bool) []byte {
	b := binary.LittleEndian.AppendUint16([]byte(magic), stateVersion)
	if started {
		return append(b, 1, 0)
	}
	return append(b, 0, 0)
}

// opened checks a state's first eight bytes and its checksum, which it takes off.
func opened(data []byte, magic string, header int) (body []byte, started bool, err error) {
	if len(data) < header+crcBytes {
		return nil, false, malformed(len(data), fmt.Sprintf("%d bytes or more", header+crcBytes), fmt.Sprintf("%d bytes", len(data)))
	}
	if string(data[:4]) != magic {
		return nil, false, malformed(0, fmt.Sprintf("%q", magic), fmt.Sprintf("%q", data[:4]))
	}
	le := binary.LittleEndian
	if v := le.Uint16(data[4:]); v != stateVersion {
		return nil, false, malformed(4, fmt.Sprintf("version %d", stateVersion), fmt.Sprintf("version %d", v))
	}
	end := len(data) - crcBytes
	if want, got := crc32.Checksum(data[:end], castagnoli), le.Uint32(data[end:]); want != got {
		return nil, false, malformed(end, fmt.Sprintf("checksum %08x", want), fmt.Sprintf("%08x", got))
	}
	if data[6] > 1 || data[7] != 0 {
		return nil, false, malformed(6, "0 or 1, then 0", fmt.Sprintf("%d, %d", data[6], data[7]))
	}
	return data[:end], data[6] == 1, nil
}
