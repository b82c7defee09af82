package onnx

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/saccade-dev/saccade/features/delta/float16"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// maxValues is how many values all constants may have that a network is made of.
const maxValues = topology.MaxWeights

// Field numbers of TensorProto.
const (
	tensorDims     = 1
	tensorType     = 2
	tensorSegment  = 3
	tensorFloats   = 4
	tensorInt32s   = 5
	tensorInt64s   = 7
	tensorName     = 8
	tensorRaw      = 9
	tensorDoubles  = 10
	tensorUint64s  = 11
	tensorExternal = 13
	tensorLocation = 14

	entryKey   = 1
	entryValue = 2
)

// types are the TensorProto.DataType that are read: the bytes of a raw value, the field
// where they stand otherwise, and what a value's bits are worth.
var types = map[int64]struct {
	name  string
	size  int
	field protowire.Number
	whole bool
	value func(bits uint64) float64
}{
	1:  {"float", 4, tensorFloats, false, func(b uint64) float64 { return float64(math.Float32frombits(uint32(b))) }},
	2:  {"uint8", 1, tensorInt32s, true, nil},
	3:  {"int8", 1, tensorInt32s, true, nil},
	6:  {"int32", 4, tensorInt32s, true, nil},
	7:  {"int64", 8, tensorInt64s, true, nil},
	9:  {"bool", 1, tensorInt32s, true, nil},
	10: {"float16", 2, tensorInt32s, false, func(b uint64) float64 { return float16.Float64(uint16(b)) }},
	11: {"double", 8, tensorDoubles, false, math.Float64frombits},
	16: {"bfloat16", 2, tensorInt32s, false, func(b uint64) float64 { return float16.Brain(uint16(b)) }},
}

// tensor is a TensorProto; its values stay in the file until somebody asks for them.
type tensor struct {
	name     string
	dims     []int64
	kind     int64
	raw      *field
	body     message // for values in fields of their own
	external string  // where its values are; "" for here
	segment  bool
}

func readTensor(f field, what string) (*tensor, error) {
	body, err := f.message(what)
	if err != nil {
		return nil, err
	}
	t := &tensor{body: body}
	var file string
	location, entries := int64(0), false
	err = body.each(what, func(f field) (err error) {
		switch f.number {
		case tensorName:
			t.name, err = f.text("a tensor's name")
		case tensorDims:
			t.dims, err = f.integers(t.dims, maxAxes, "a tensor's dims")
		case tensorType:
			t.kind, err = f.integer("a tensor's data_type")
		case tensorRaw:
			t.raw, err = &f, f.is(protowire.BytesType, "a tensor's raw_data")
		case tensorSegment:
			t.segment = true
		case tensorLocation:
			location, err = f.integer("a tensor's data_location")
		case tensorExternal:
			entries = true
			err = readEntry(f, "location", &file)
		}
		return err
	})
	if location != 0 || entries {
		t.external = "another file"
		if file != "" {
			t.external = "file " + short(file)
		}
	}
	return t, err
}

// readEntry reads the value of a StringStringEntryProto of a key.
func readEntry(f field, key string, to *string) error {
	body, err := f.message("external_data")
	if err != nil {
		return err
	}
	found, value := "", ""
	err = body.each("external_data", func(f field) (err error) {
		switch f.number {
		case entryKey:
			found, err = f.text("key")
		case entryValue:
			value, err = f.text("value")
		}
		return err
	})
	if found == key {
		*to = value
	}
	return err
}

// constant is a tensor whose values are known. Whole numbers are exact up to 2^53.
type constant struct {
	dims   []int
	whole  bool
	values []float64
}

// length multiplies sizes up to a limit; false where they are more, or below 0.
func length(dims []int64, limit int) (int, bool) {
	n, zero := 1, false
	for _, d := range dims {
		switch {
		case d < 0:
			return 0, false
		case d == 0:
			zero = true
		case d > int64(limit/n):
			return 0, false
		default:
			n *= int(d)
		}
	}
	if zero {
		return 0, true
	}
	return n, true
}

// read gives the values, at most limit.
func (t *tensor) read(limit int) (*constant, error) {
	format, known := types[t.kind]
	count, ok := length(t.dims, limit)
	switch {
	case t.external != "":
		return nil, wrong("tensor "+short(t.name), "values in the model's own file (save it as one file)", "values in "+t.external)
	case t.segment:
		return nil, wrong("tensor "+short(t.name), "a tensor as a whole", "a segment of one")
	case !known:
		return nil, wrong("tensor "+short(t.name), "values of float, double, float16, bfloat16, bool or int8, uint8, int32, int64", fmt.Sprintf("data type %d", t.kind))
	case !ok:
		return nil, wrong("tensor "+short(t.name), fmt.Sprintf("sizes from 0 and at most %d values left of those of all constants", limit), fmt.Sprint(t.dims))
	}
	c := &constant{dims: make([]int, len(t.dims)), whole: format.whole}
	for i, d := range t.dims {
		c.dims[i] = int(d)
	}
	var err error
	if t.raw != nil {
		c.values, err = t.fromRaw(count, format.size, format.value)
	} else {
		c.values, err = t.fromFields(count, format.field, format.value)
	}
	if err != nil {
		return nil, err
	}
	if len(c.values) != count {
		return nil, wrong("tensor "+short(t.name), fmt.Sprintf("%d values, for sizes %v", count, t.dims), fmt.Sprint(len(c.values)))
	}
	return c, nil
}
