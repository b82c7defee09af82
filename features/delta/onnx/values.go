package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// fromRaw reads the values as they stand in raw_data, little-endian.
func (t *tensor) fromRaw(count, size int, value func(uint64) float64) ([]float64, error) {
	b := t.raw.bytes
	if len(b) != count*size {
		return nil, wrong("tensor "+short(t.name), fmt.Sprintf("%d bytes, for sizes %v of %s", count*size, t.dims, types[t.kind].name), fmt.Sprint(len(b)))
	}
	out := make([]float64, count)
	for i := range out {
		var bits uint64
		switch v := b[i*size:]; size {
		case 1:
			bits = uint64(v[0])
		case 2:
			bits = uint64(binary.LittleEndian.Uint16(v))
		case 4:
			bits = uint64(binary.LittleEndian.Uint32(v))
		default:
			bits = binary.LittleEndian.Uint64(v)
		}
		if value != nil {
			out[i] = value(bits)
			continue
		}
		if name := types[t.kind].name; name[0] == 'i' {
			unused := 64 - 8*size
			out[i] = float64(int64(bits<<unused) >> unused)
		} else {
			out[i] = float64(bits)
		}
	}
	return out, nil
}

// fromFields reads the repeated field that a type's values stand in, packed or not.
func (t *tensor) fromFields(count int, number protowire.Number, value func(uint64) float64) ([]float64, error) {
	var out []float64
	var ints []int64
	what := "tensor " + short(t.name)
	err := t.body.each("a tensor", func(f field) (err error) {
		switch {
		case f.number != number:
			switch f.number {
			case tensorFloats, tensorInt32s, tensorInt64s, tensorDoubles, tensorUint64s:
				err = wrong(what, fmt.Sprintf("values of %s in field %d", types[t.kind].name, number), fmt.Sprintf("values in field %d", f.number))
			}
		case number == tensorFloats:
			out, err = f.floats(out, 4, count, what)
		case number == tensorDoubles:
			out, err = f.floats(out, 8, count, what)
		default:
			ints, err = f.integers(ints, count, what)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, v := range ints {
		if value != nil {
			out = append(out, value(uint64(v)&math.MaxUint16))
		} else {
			out = append(out, float64(v))
		}
	}
	return out, nil
}
