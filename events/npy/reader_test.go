package npy_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/npy"
)

// array makes a .npy file as numpy's format specification has it.
func array(descr string, n int64, records ...any) []byte {
	dict := fmt.Sprintf("{'descr': %s, 'fortran_order': False, 'shape': (%d,), }", descr, n)
	for (10+len(dict)+1)%64 != 0 {
		dict += " "
	}
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(dict)+1), byte((len(dict)+1)>>8))
	b = append(b, dict+"\n"...)
	for _, v := range records {
		b, _ = binary.Append(b, binary.LittleEndian, v)
	}
	return b
}

func big(b []byte, records ...any) []byte {
	for _, v := range records {
		b, _ = binary.Append(b, binary.BigEndian, v)
	}
	return b
}

var want = []events.Event{{T: 3811, X: 96, Y: 133}, {T: 3820, X: 127, Y: 171, P: events.On}, {T: 3836, X: 4, Y: 160}}

const tonic = "[('t', '<i8'), ('x', '<i2'), ('y', '<i2'), ('p', '|b1')]"

func three() []byte {
	return array(tonic, 3, int64(3811), int16(96), int16(133), false, int64(3820), int16(127), int16(171), true, int64(3836), int16(4), int16(160), false)
}

// layouts are the same three events as arrays of different types.
func layouts() map[string][]byte {
	return map[string][]byte{
		"tonic": three(),
		"tonic's default order": array("[('x', '<i2'), ('y', '<i2'), ('t', '<i8'), ('p', '|b1')]", 3,
			int16(96), int16(133), int64(3811), false, int16(127), int16(171), int64(3820), true, int16(4), int16(160), int64(3836), false),
		"numpy's int": array("[('x', '<i8'), ('y', '<i8'), ('t', '<i8'), ('p', '<i8')]", 3,
			[]int64{96, 133, 3811, 0, 127, 171, 3820, 1, 4, 160, 3836, 0}),
		"expelliarmus": array("[('t', '<i8'), ('x', '<i2'), ('y', '<i2'), ('p', '|u1')]", 3,
			int64(3811), int16(96), int16(133), uint8(0), int64(3820), int16(127), int16(171), uint8(1), int64(3836), int16(4), int16(160), uint8(0)),
		"faery, with titles": array("[('t', '<u8'), ('x', '<u2'), ('y', '<u2'), (('p', 'on'), '|b1')]", 3,
			uint64(3811), uint16(96), uint16(133), false, uint64(3820), uint16(127), uint16(171), true, uint64(3836), uint16(4), uint16(160), false),
		"Prophesee": array("[('x', '<u2'), ('y', '<u2'), ('p', '<i2'), ('t', '<i8')]", 3,
			[]uint16{96, 133, 0}, int64(3811), []uint16{127, 171, 1}, int64(3820), []uint16{4, 160, 0}, int64(3836)),
		"minus one": array("[('t', '<u4'), ('x', '|u1'), ('y', '|u1'), ('p', '|i1')]", 3,
			uint32(3811), []uint8{96, 133, 255}, uint32(3820), []uint8{127, 171, 1}, uint32(3836), []uint8{4, 160, 255}),
		"seconds": array("[('t', '<f8'), ('x', '<i4'), ('y', '<i4'), ('p', '|b1')]", 3,
			0.003811, []int32{96, 133}, false, 0.003820001, []int32{127, 171}, true, 0.003836, []int32{4, 160}, false),
		"all floats, microseconds": array("[('x', '<f4'), ('y', '<f4'), ('timestamp', '<f4'), ('polarity', '<f4')]", 3,
			[]float32{96, 133, 3811, -1, 127, 171, 3820, 1, 4, 160, 3836, 0}),
		"nanoseconds": array("[('t_ns', '<i8'), ('x', '<i2'), ('y', '<i2'), ('p', '|b1')]", 3,
			int64(3811000), int16(96), int16(133), false, int64(3820499), int16(127), int16(171), true, int64(3835500), int16(4), int16(160), false),
		"milliseconds": array("[('time_ms', '<f8'), ('x', '<i2'), ('y', '<i2'), ('p', '|b1')]", 3,
			3.811, int16(96), int16(133), false, 3.820499, int16(127), int16(171), true, 3.836, int16(4), int16(160), false),
		"big-endian": big(array("[('t', '>i8'), ('x', '>i2'), ('y', '>u2'), ('p', '>i4')]", 3),
			int64(3811), int16(96), int16(133), int32(-1), int64(3820), int16(127), int16(171), int32(1), int64(3836), int16(4), int16(160), int32(0)),
		"padding, text, a vector, a record": array(
			"[('id', '<U2'), ('t', '<i4'), ('x', '<u2'), ('', '|V2'), ('y', '<i4'), ('v', '<f4', (2,)), ('r', [('x', '<i2'), ('q', '|i1')]), ('p', '|b1')]", 3,
			[]uint8("idididid"), int32(3811), uint16(96), uint16(9), int32(133), []float32{1, 2}, int16(7), int8(7), false,
			[]uint8("idididid"), int32(3820), uint16(127), uint16(9), int32(171), []float32{1, 2}, int16(7), int8(7), true,
			[]uint8("idididid"), int32(3836), uint16(4), uint16(9), int32(160), []float32{1, 2}, int16(7), int8(7), false,
		),
		"version 2, Python 2, blanks": append([]byte("\x93NUMPY\x02\x00\x76\x00\x00\x00"), append(
			[]byte(fmt.Sprintf("%-117s\n", "{'shape':(3L,),\"fortran_order\":True, 'descr' : [ ('t','<i8'),('x','<i2') ,('y','<i2'),('p','|b1') ] }")), three()[128:]...,
		)...),
	}
}

func TestLayouts(t *testing.T) {
	for name, content := range layouts() {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, formattest.Format(t, npy.Name).Detect(content, int64(len(content))))
			for _, capacity := range []int{1, 2, 3, 4, 100} {
				for _, src := range []io.Reader{bytes.NewReader(content), iotest.OneByteReader(bytes.NewReader(content)), iotest.DataErrReader(bytes.NewReader(content))} {
					r, err := formattest.Format(t, npy.Name).NewReader(src, events.Geometry{})
					require.NoError(t, err)
					in, damage, end := formattest.ReadAll(t, r, capacity)
					require.ErrorIs(t, end, io.EOF)
					require.Empty(t, damage)
					require.Equal(t, want, in)
					require.Equal(t, events.Header{Format: "npy"}, r.Header())
					require.Empty(t, r.Skipped())
				}
			}
		})
	}
}

// What cannot be an event is damage, reported where it stands; those around it are
// all there.
func TestDamage(t *testing.T) {
	nan := math.NaN()
	content := array("[('t', '<f8'), ('x', '<f8'), ('y', '<i8'), ('p', '<i8')]", 7,
		0.5, 1.0, []int64{2, 1},
		nan, 1.0, []int64{2, 1},
		0.6, 1.5, []int64{2, 1},
		0.6, 4.0, []int64{2, 1},
		0.6, 1.0, []int64{-1, 1},
		0.6, 1.0, []int64{2, 7},
		0.7, 3.0, []int64{3, -1})
	start := int64(len(content) - 7*32)
	for _, capacity := range []int{1, 2, 10} {
		r, err := formattest.Format(t, npy.Name).NewReader(bytes.NewReader(content), events.Geometry{Width: 4, Height: 4})
		require.NoError(t, err)
		in, damage, end := formattest.ReadAll(t, r, capacity)
		require.ErrorIs(t, end, io.EOF)
		require.Equal(t, []events.Event{{T: 500_000, X: 1, Y: 2, P: events.On}, {T: 700_000, X: 3, Y: 3}}, in)
		require.Len(t, damage, 5)
		for i, says := range []string{
			"expected a time that fits into 64 bits of microseconds, found NaN", "expected x from 0 to 3, found 1.5", "expected x from 0 to 3, found 4",
			"expected y from 0 to 3, found -1", "expected a polarity of 0, 1 or -1, found 7",
		} {
			require.EqualError(t, damage[i], fmt.Sprintf("npy at byte %d: %s", start+32*int64(i+1), says))
		}
	}
	huge := array("[('t', '<u8'), ('x', '<u8'), ('y', '|u1'), ('p', '|b1')]", 2,
		uint64(1<<63), uint64(1), uint8(1), true, uint64(1), uint64(1<<63), uint8(1), true)
	r, err := formattest.Format(t, npy.Name).NewReader(bytes.NewReader(huge), events.Geometry{})
	require.NoError(t, err)
	in, damage, _ := formattest.ReadAll(t, r, 5)
	require.Empty(t, in)
	require.ErrorContains(t, damage[0], "found 9223372036854775808")
	require.ErrorContains(t, damage[1], "expected x from 0 to 4095, found 9223372036854775808")
}

func TestWholeSeconds(t *testing.T) {
	content := array("[('t_s', '<i8'), ('x', '|u1'), ('y', '|u1'), ('p', '|b1')]", 4,
		int64(-7), uint16(0), false, int64(1)<<60, uint16(0), false, -int64(1)<<60, uint16(0), false, int64(7), uint16(0), true)
	r, err := formattest.Format(t, npy.Name).NewReader(bytes.NewReader(content), events.Geometry{})
	require.NoError(t, err)
	in, damage, _ := formattest.ReadAll(t, r, 5)
	require.Equal(t, []events.Event{{T: -7_000_000}, {T: 7_000_000, P: events.On}}, in)
	require.Len(t, damage, 2)
	require.ErrorContains(t, damage[0], "expected a time that fits into 64 bits of microseconds, found 1152921504606846976")
	require.ErrorContains(t, damage[1], "found -1152921504606846976")
}

func TestTruncatedAndTooLong(t *testing.T) {
	content := three()
	for n := range content {
		r, err := formattest.Format(t, npy.Name).NewReader(bytes.NewReader(content[:n]), events.Geometry{})
		if n < 128 {
			require.ErrorContains(t, err, "expected the header of a numpy array, found the end of the file")
			continue
		}
		require.NoError(t, err)
		in, damage, end := formattest.ReadAll(t, r, 5)
		require.Empty(t, damage)
		require.Equal(t, want[:(n-128)/13], append([]events.Event{}, in...))
		require.EqualError(t, end, fmt.Sprintf("npy at byte %d: expected %d more events of 13 bytes, found the end of the file after %d bytes",
			128+(n-128)/13*13, 3-(n-128)/13, (n-128)%13))
	}
	r, err := formattest.Format(t, npy.Name).NewReader(bytes.NewReader(append(content, 1)), events.Geometry{})
	require.NoError(t, err)
	in, _, end := formattest.ReadAll(t, r, 5)
	require.Equal(t, want, in)
	require.EqualError(t, end, "npy at byte 167: expected the end of the file behind 3 events, found more bytes")
	cut := errors.New("the line was cut")
	r, err = formattest.Format(t, npy.Name).NewReader(io.MultiReader(bytes.NewReader(content[:150]), iotest.ErrReader(cut)), events.Geometry{})
	require.NoError(t, err)
	in, _, end = formattest.ReadAll(t, r, 5)
	require.Equal(t, want[:1], in)
	require.Equal(t, cut, end)
}

func TestHeadersRefused(t *testing.T) {
	shape := func(shape string) []byte {
		return bytes.Replace(array(tonic, 3), []byte("(3,)"), fmt.Appendf(nil, "%-4s", shape), 1)
	}
	for says, content := range map[string][]byte{
		`expected "\x93NUMPY", found "PK\x03\x04\x00\x00"`:       []byte("PK\x03\x04\x00\x00\x00\x00"),
		`npy at byte 6: expected version 1, 2 or 3, found`:       []byte("\x93NUMPY\x04\x00\x00\x00"),
		`npy at byte 8: expected a header of at most 65536`:      []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"),
		`expected an array of one dimension, found 2`:            shape("(3,4)"),
		`expected an array of one dimension, found 0`:            shape("()"),
		`expected a number of events, found -3`:                  shape("(-3,)"),
		`expected a number of events, found x`:                   shape("('x',)"),
		`expected a number of events that can be, found 9223372`: array(tonic, math.MaxInt64),
		`expected a shape`:                                            shape("3"),
		`found an array of plain numbers`:                             array("'<f8'", 3),
		`found the fields ["t" "x" "y"]`:                              array("[('t', '<i8'), ('x', '<i2'), ('y', '<i2')]", 3),
		`found the fields ["t" "x" "y" "p"]`:                          array("[('t', '<i8'), ('x', '<i2'), ('y', '<i2'), ('p', '|S1')]", 3),
		`expected a type of records, found field "t": "<q8", no type`: array("[('t', '<q8')]", 3),
		`field "t": "?", no type of numbers`:                          array("[('t', '?')]", 3),
		`records of more than 4096 bytes`:                             array("[('t', '<i8'), ('v', '<i8', (500,)), ('w', '<i8', (500,))]", 3),
		`a shape with 5000`:                                           array("[('v', '<i8', (5000,))]", 3),
		`records of no bytes`:                                         array("[('t', '|V0')]", 3),
		`"|V0", numbers of no size`:                                   array("'|V0'", 3),
		`neither a string nor a list`:                                 array("7", 3),
		`expected a dict of Python, found expected a`:                 array("frozenset()", 3),
		`expected a dict of Python, found "('a', 'b')\n`:              append([]byte("\x93NUMPY\x01\x00\x0b\x00"), "('a', 'b')\n"...),
		`expected a dict of Python, found too deep`:                   array(strings.Repeat("[", 50), 3),
	} {
		_, err := formattest.Format(t, npy.Name).NewReader(bytes.NewReader(content), events.Geometry{})
		require.ErrorContains(t, err, says)
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe)
		require.True(t, fe.Fatal)
	}
	for _, name := range []string{npy.Name, npy.NameZip} {
		for _, g := range []events.Geometry{{Width: 4097, Height: 1}, {Width: 34}, {Width: -1, Height: 34}} {
			_, err := formattest.Format(t, name).NewReader(bytes.NewReader(three()), g)
			require.ErrorContains(t, err, "expected sides from 1 to 4096", "%+v", g)
		}
	}
}

// A claim of four billion events takes no memory, and no time.
func TestClaims(t *testing.T) {
	r, err := formattest.Format(t, npy.Name).NewReader(bytes.NewReader(append(array(tonic, 1<<32), three()[128:]...)), events.Geometry{})
	require.NoError(t, err)
	in, _, end := formattest.ReadAll(t, r, 5)
	require.Equal(t, want, in)
	require.ErrorContains(t, end, "expected 4294967293 more events of 13 bytes, found the end of the file after 0 bytes")
	_, err = formattest.Format(t, npy.NameZip).NewReader(bytes.NewReader(archive(t, zip.Deflate, part{"t.npy", array("'<i8'", 1<<26, int64(1))})), events.Geometry{})
	require.ErrorContains(t, err, "expected 67108863 more events of 8 bytes")
	_, err = formattest.Format(t, npy.NameZip).NewReader(bytes.NewReader(archive(t, zip.Store, part{"t.npy", array("'<i8'", 1<<32, int64(1))})), events.Geometry{})
	require.ErrorContains(t, err, "expected at most 67108864 events, found 4294967296")
}

// ends of the three events, where their array stands from byte at on.
func ends(at int) []int { return []int{at + 128 + 13, at + 128 + 26, at + 128 + 39} }

// never says of an array that it says how long it is.
func never(int) bool { return false }

// directory says that an archive may end where its directory begins.
func directory(b []byte) func(n int) bool {
	return func(n int) bool { return n >= bytes.Index(b, []byte("PK\x01\x02")) }
}

// The contract, on an array and on an archive.
func TestReader(t *testing.T) {
	formattest.Reader(t, formattest.Sample{
		Format: npy.Name, Data: three(), Header: events.Header{Format: "npy"}, Events: want, Ends: ends(0), Head: 128, Clean: never,
	})
	g := events.Geometry{Width: 640, Height: 480}
	stored := savez(part{"events.npy", three()})
	formattest.Reader(t, formattest.Sample{
		Format: npy.NameZip, Geometry: g, Data: stored, Header: events.Header{Format: "npz", Geometry: g},
		Events: want, Ends: ends(bytes.Index(stored, three())), Unread: len(stored) - bytes.Index(stored, []byte("PK\x01\x02")), Clean: directory(stored),
	})
	deflated := archive(t, zip.Deflate, part{"events.npy", three()})
	formattest.Reader(t, formattest.Sample{ // where events end in deflated bytes cannot be told
		Format: npy.NameZip, Data: deflated, Header: events.Header{Format: "npz"},
		Events: want, Unread: len(deflated) - bytes.Index(deflated, []byte("PK\x01\x02")), Clean: directory(deflated),
	})
}

func TestReadDoesNotAllocate(t *testing.T) {
	r := formattest.NewReader(t, npy.Name, formattest.Endless(array(tonic, 1<<40), three()[128:]), events.Geometry{})
	require.Zero(t, formattest.Allocations(t, r, 100))
}
