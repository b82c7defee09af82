package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is a part of a file that holds fields, and where in the file it begins.
type message struct {
	b  []byte
	at int
}

// field is one of a message: its number, its value as it stands on the wire, and where
// in the file the value begins.
type field struct {
	number protowire.Number
	wire   protowire.Type
	at     int
	bits   uint64 // of varints and fixed numbers
	bytes  []byte // of texts, messages and packed numbers
}

// each goes through a message's fields. Groups, which ONNX has none of, are passed over
// as a whole.
func (m message) each(what string, f func(field) error) error {
	for rest := m.b; len(rest) > 0; {
		at := m.at + len(m.b) - len(rest)
		number, wire, n := protowire.ConsumeTag(rest)
		if n < 0 {
			return fmt.Errorf("onnx at byte %d: expected a field of %s, found %w", at, what, protowire.ParseError(n))
		}
		rest = rest[n:]
		v := field{number: number, wire: wire, at: at + n}
		switch wire {
		case protowire.VarintType:
			v.bits, n = protowire.ConsumeVarint(rest)
		case protowire.Fixed64Type:
			v.bits, n = protowire.ConsumeFixed64(rest)
		case protowire.Fixed32Type:
			var bits uint32
			bits, n = protowire.ConsumeFixed32(rest)
			v.bits = uint64(bits)
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(rest)
			v.at += n - len(v.bytes)
		default:
			n = protowire.ConsumeFieldValue(number, wire, rest)
		}
		if n < 0 {
			return fmt.Errorf("onnx at byte %d: expected the value of field %d of %s, found %w", m.at+len(m.b)-len(rest), number, what, protowire.ParseError(n))
		}
		rest = rest[n:]
		if wire == protowire.StartGroupType {
			continue
		}
		if err := f(v); err != nil {
			return err
		}
	}
	return nil
}

func (f field) is(wire protowire.Type, what string) error {
	if f.wire == wire {
		return nil
	}
	return fmt.Errorf("onnx at byte %d: %s: expected wire type %d, found %d", f.at, what, wire, f.wire)
}

func (f field) message(what string) (message, error) {
	return message{f.bytes, f.at}, f.is(protowire.BytesType, what)
}

// text is a string of a length that names have.
func (f field) text(what string) (string, error) {
	if err := f.is(protowire.BytesType, what); err != nil {
		return "", err
	}
	if len(f.bytes) > maxText {
		return "", fmt.Errorf("onnx at byte %d: %s: expected at most %d bytes, found %d", f.at, what, maxText, len(f.bytes))
	}
	return string(f.bytes), nil
}

func (f field) integer(what string) (int64, error) {
	return int64(f.bits), f.is(protowire.VarintType, what)
}

func (f field) float(what string) (float64, error) {
	return float64(math.Float32frombits(uint32(f.bits))), f.is(protowire.Fixed32Type, what)
}

// integers are those of a repeated field, which is one number or a packed list. limit
// bounds how many there may be with those in front.
func (f field) integers(to []int64, limit int, what string) ([]int64, error) {
	if f.wire != protowire.BytesType {
		v, err := f.integer(what)
		if err == nil && len(to) == limit {
			err = fmt.Errorf("onnx at byte %d: %s: expected at most %d", f.at, what, limit)
		}
		return append(to, v), err
	}
	for rest := f.bytes; len(rest) > 0; {
		v, n := protowire.ConsumeVarint(rest)
		at := f.at + len(f.bytes) - len(rest)
		switch {
		case n < 0:
			return to, fmt.Errorf("onnx at byte %d: %s: %w", at, what, protowire.ParseError(n))
		case len(to) == limit:
			return to, fmt.Errorf("onnx at byte %d: %s: expected at most %d", at, what, limit)
		}
		to = append(to, int64(v))
		rest = rest[n:]
	}
	return to, nil
}

// floats are those of a repeated field of floats of size bytes, 4 or 8.
func (f field) floats(to []float64, size, limit int, what string) ([]float64, error) {
	b, wire := f.bytes, protowire.Fixed32Type
	if size == 8 {
		wire = protowire.Fixed64Type
	}
	if f.wire == wire {
		b = binary.LittleEndian.AppendUint64(nil, f.bits)[:size]
	} else if err := f.is(protowire.BytesType, what); err != nil {
		return to, err
	}
	switch {
	case len(b)%size != 0:
		return to, fmt.Errorf("onnx at byte %d: %s: expected whole numbers of %d bytes, found %d bytes", f.at, what, size, len(b))
	case len(b)/size > limit-len(to):
		return to, fmt.Errorf("onnx at byte %d: %s: expected at most %d", f.at, what, limit)
	}
	for ; len(b) > 0; b = b[size:] {
		if size == 8 {
			to = append(to, math.Float64frombits(binary.LittleEndian.Uint64(b)))
		} else {
			to = append(to, float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
		}
	}
	return to, nil
}
