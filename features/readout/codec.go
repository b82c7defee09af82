package readout

import (
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/events"
)

// The layout of a marshalled model, little-endian:
//
//	 0  4   "srdo"
//	 4  2   version, 1
//	 6  1   method     0 ridge, 1 logistic
//	 7  1   0
//	 8  4   classes C
//	12  4   dimension D
//	16  8   lambda               float64
//	24  8   inverse temperature  float64
//	32  ..  C names: one byte of length and as many of UTF-8, ascending
//	..  8C  biases               float64
//	..  4CD weights              float32, a row a class
//	..  4   CRC-32C of everything before
const (
	magic       = "srdo"
	version     = 1
	headerBytes = 32
	crcBytes    = 4
)

var (
	_ encoding.BinaryMarshaler   = (*Model)(nil)
	_ encoding.BinaryAppender    = (*Model)(nil)
	_ encoding.BinaryUnmarshaler = (*Model)(nil)
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errNoModel = errors.New("readout: a zero model cannot be marshalled")

// MarshalBinary gives the whole model.
func (m *Model) MarshalBinary() ([]byte, error) {
	return m.AppendBinary(make([]byte, 0, headerBytes+len(m.classes)*(8+8)+4*len(m.weights)+crcBytes))
}

// AppendBinary appends what MarshalBinary gives.
func (m *Model) AppendBinary(b []byte) ([]byte, error) {
	if len(m.classes) == 0 {
		return b, errNoModel
	}
	le := binary.LittleEndian
	start := len(b)
	b = append(b, magic...)
	b = le.AppendUint16(b, version)
	b = append(b, byte(slices.Index(methods, m.method)), 0)
	b = le.AppendUint32(b, uint32(len(m.classes)))
	b = le.AppendUint32(b, uint32(m.dim))
	b = le.AppendUint64(b, math.Float64bits(m.lambda))
	b = le.AppendUint64(b, math.Float64bits(m.beta))
	for _, name := range m.classes {
		b = append(b, byte(len(name)))
		b = append(b, name...)
	}
	for _, v := range m.bias {
		b = le.AppendUint64(b, math.Float64bits(v))
	}
	for _, v := range m.weights {
		b = le.AppendUint32(b, math.Float32bits(v))
	}
	return le.AppendUint32(b, crc32.Checksum(b[start:], castagnoli)), nil
}

// UnmarshalBinary reads a model, checking everything. A Model that gets an error
// keeps what it had. It must not run beside any other use of the Model.
func (m *Model) UnmarshalBinary(data []byte) error {
	if len(data) < headerBytes+crcBytes {
		return malformed(len(data), fmt.Sprintf("%d bytes or more", headerBytes+crcBytes), fmt.Sprintf("%d bytes", len(data)))
	}
	if string(data[:4]) != magic {
		return malformed(0, fmt.Sprintf("%q", magic), fmt.Sprintf("%q", data[:4]))
	}
	le := binary.LittleEndian
	if v := le.Uint16(data[4:]); v != version {
		return malformed(4, fmt.Sprintf("version %d", version), fmt.Sprintf("version %d", v))
	}
	end := len(data) - crcBytes
	if want, got := crc32.Checksum(data[:end], castagnoli), le.Uint32(data[end:]); want != got {
		return malformed(end, fmt.Sprintf("checksum %08x", want), fmt.Sprintf("%08x", got))
	}
	for i, known := range []int{len(methods), 1} {
		if v := data[6+i]; int(v) >= known {
			return malformed(6+i, fmt.Sprintf("a code below %d", known), fmt.Sprint(v))
		}
	}
	classes, dim := le.Uint32(data[8:]), le.Uint32(data[12:])
	if classes > MaxClasses || dim > MaxDimension {
		return malformed(8, fmt.Sprintf("up to %d classes of dimension up to %d", MaxClasses, MaxDimension),
			fmt.Sprintf("%d classes of dimension %d", classes, dim))
	}
	read := &Model{
		method: methods[data[6]],
		dim:    int(dim),
		lambda: math.Float64frombits(le.Uint64(data[16:])),
		beta:   math.Float64frombits(le.Uint64(data[24:])),
	}
	body, err := read.readNames(data[:end], int(classes))
	if err != nil {
		return err
	}
	if err := read.checkHeader(); err != nil {
		return malformed(6, "a valid model", err.Error())
	}
	if want, got := int64(classes)*(8+4*int64(dim)), int64(end-body); want != got {
		return malformed(body, fmt.Sprintf("%d bytes of biases and weights", want), fmt.Sprintf("%d", got))
	}
	if err := read.readNumbers(data[:end], body); err != nil {
		return err
	}
	*m = *read
	return nil
}

// readNames reads the classes' names and tells where they end.
func (m *Model) readNames(data []byte, classes int) (end int, err error) {
	at := headerBytes
	for c := range classes {
		if at >= len(data) || at+1+int(data[at]) > len(data) {
			return 0, malformed(min(at, len(data)), fmt.Sprintf("the name of class %d", c), "the end")
		}
		m.classes = append(m.classes, string(data[at+1:at+1+int(data[at])]))
		at += 1 + int(data[at])
	}
	return at, nil
}

// readNumbers reads biases and weights, whose number is known to fit data.
func (m *Model) readNumbers(data []byte, at int) error {
	le := binary.LittleEndian
	m.bias = make([]float64, len(m.classes))
	for c := range m.bias {
		v := math.Float64frombits(le.Uint64(data[at:]))
		if !(math.Abs(v) <= maxBias) {
			return malformed(at, fmt.Sprintf("a bias of at most %g in size", maxBias), fmt.Sprint(v))
		}
		m.bias[c] = v
		at += 8
	}
	m.weights = make([]float32, len(m.classes)*m.dim)
	for i := range m.weights {
		v := math.Float32frombits(le.Uint32(data[at:]))
		if !finite(v) {
			return malformed(at, "a finite weight", fmt.Sprint(v))
		}
		m.weights[i] = v
		at += 4
	}
	return nil
}

func malformed(offset int, want, got string) error {
	return &events.FormatError{Format: "readout model", Offset: int64(offset), Want: want, Got: got, Fatal: true}
}
