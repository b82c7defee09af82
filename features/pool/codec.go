package pool

import (
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/saccade-dev/saccade/events"
)

// The layout of a marshalled pool, little-endian:
//
//	 0  4  "spol"
//	 4  2  version, 1
//	 6  1  source      0 features, 1 events
//	 7  1  transform   0 sqrt, 1 none
//	 8  1  norm        0 l2, 1 none
//	 9  1  spread      0 hard, 1 bilinear
//	10  2  width       of the sensor in pixels
//	12  2  height
//	14  2  cell width  in pixels
//	16  2  cell height
//	18  4  features
//	22  4n counts, in the order of the vector
//	..  4  CRC-32C of everything before
const (
	magic       = "spol"
	version     = 1
	headerBytes = 22
	crcBytes    = 4
)

var (
	_ encoding.BinaryMarshaler   = (*Pool)(nil)
	_ encoding.BinaryAppender    = (*Pool)(nil)
	_ encoding.BinaryUnmarshaler = (*Pool)(nil)
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errNoConfig = errors.New("pool: a zero pool has no state to marshal")

// MarshalBinary gives the configuration and the counts.
func (p *Pool) MarshalBinary() ([]byte, error) {
	return p.AppendBinary(make([]byte, 0, headerBytes+4*len(p.counts)+crcBytes))
}

// AppendBinary appends what MarshalBinary gives.
func (p *Pool) AppendBinary(b []byte) ([]byte, error) {
	if len(p.counts) == 0 {
		return b, errNoConfig
	}
	start := len(b)
	c := p.config
	source, _ := code(sources, c.Source)
	transform, _ := code(transforms, c.Transform)
	norm, _ := code(norms, c.Norm)
	spread, _ := code(spreads, c.Spread)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint16(b, version)
	b = append(b, source, transform, norm, spread)
	for _, v := range []int{c.Geometry.Width, c.Geometry.Height, c.CellWidth, c.CellHeight} {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(c.Features))
	for _, n := range p.counts {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli)), nil
}

// UnmarshalBinary puts a state back. A pool made by New takes only a state of
// its own configuration, a zero Pool takes any. A pool that gets an error keeps
// what it had.
func (p *Pool) UnmarshalBinary(data []byte) error {
	c, err := readConfig(data)
	if err != nil {
		return err
	}
	if len(p.counts) != 0 && p.config != c {
		return fmt.Errorf("pool: the state is of another configuration: expected %+v, found %+v", p.config, c)
	}
	restored, err := New(c)
	if err != nil {
		return err
	}
	for i := range restored.counts {
		restored.counts[i] = binary.LittleEndian.Uint32(data[headerBytes+4*i:])
	}
	*p = *restored
	return nil
}

// readConfig checks all of data but the counts, which may be anything, before
// anything is allocated.
func readConfig(data []byte) (Config, error) {
	var c Config
	if len(data) < headerBytes+crcBytes {
		return c, malformed(len(data), fmt.Sprintf("%d bytes or more", headerBytes+crcBytes), fmt.Sprintf("%d bytes", len(data)))
	}
	if string(data[:4]) != magic {
		return c, malformed(0, fmt.Sprintf("%q", magic), fmt.Sprintf("%q", data[:4]))
	}
	le := binary.LittleEndian
	if v := le.Uint16(data[4:]); v != version {
		return c, malformed(4, fmt.Sprintf("version %d", version), fmt.Sprintf("version %d", v))
	}
	end := len(data) - crcBytes
	if want, got := crc32.Checksum(data[:end], castagnoli), le.Uint32(data[end:]); want != got {
		return c, malformed(end, fmt.Sprintf("checksum %08x", want), fmt.Sprintf("%08x", got))
	}
	for i, known := range []int{len(sources), len(transforms), len(norms), len(spreads)} {
		if v := data[6+i]; int(v) >= known {
			return c, malformed(6+i, fmt.Sprintf("a code below %d", known), fmt.Sprint(v))
		}
	}
	c = Config{
		Geometry:   events.Geometry{Width: int(le.Uint16(data[10:])), Height: int(le.Uint16(data[12:]))},
		CellWidth:  int(le.Uint16(data[14:])),
		CellHeight: int(le.Uint16(data[16:])),
		Source:     sources[data[6]],
		Features:   int(le.Uint32(data[18:])),
		Transform:  transforms[data[7]],
		Norm:       norms[data[8]],
		Spread:     spreads[data[9]],
	}
	if c != c.withDefaults() { // a zero stands for a default in a Config only
		return c, malformed(10, "a cell and a number of features", "a zero")
	}
	if err := c.Validate(); err != nil {
		return c, malformed(10, "a valid configuration", err.Error())
	}
	cols, rows := c.cells()
	if want := headerBytes + 4*cols*rows*c.Features + crcBytes; len(data) != want {
		return c, malformed(headerBytes, fmt.Sprintf("%d bytes in all", want), fmt.Sprintf("%d", len(data)))
	}
	return c, nil
}

func malformed(offset int, want, got string) error {
	return &events.FormatError{Format: "pool state", Offset: int64(offset), Want: want, Got: got, Fatal: true}
}
