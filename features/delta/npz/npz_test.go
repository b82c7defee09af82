package npz_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta/npz"
)

// file puts an array together as NumPy's format says: padded to 64 bytes, a newline at
// the end of the header.
func file(version byte, dictionary string, data []byte) []byte {
	head := 10
	if version > 1 {
		head = 12
	}
	for (head+len(dictionary)+1)%64 != 0 {
		dictionary += " "
	}
	dictionary += "\n"
	b := append([]byte("\x93NUMPY"), version, 0)
	if version > 1 {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(dictionary)))
	} else {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(dictionary)))
	}
	return append(append(b, dictionary...), data...)
}

func dictionary(descr string, fortran bool, shape string) string {
	order := "False"
	if fortran {
		order = "True"
	}
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr, order, shape)
}

func TestTypes(t *testing.T) {
	whole := map[string]struct {
		data []byte
		want []int64
	}{
		"|i1": {[]byte{0x80, 1, 0xff}, []int64{-128, 1, -1}},
		"|u1": {[]byte{0x80, 1, 0xff}, []int64{128, 1, 255}},
		"|b1": {[]byte{1, 0, 1}, []int64{1, 0, 1}},
		"<i2": {[]byte{0xfe, 0xff, 1, 2, 0, 0x80}, []int64{-2, 513, -32768}},
		">i2": {[]byte{0xff, 0xfe, 2, 1, 0x80, 0}, []int64{-2, 513, -32768}},
		">u2": {[]byte{0xff, 0xfe, 2, 1, 0x80, 0}, []int64{65534, 513, 32768}},
		"<i4": {[]byte{0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0x80}, []int64{-1, 1, math.MinInt32}},
		"<u4": {[]byte{0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0x80}, []int64{math.MaxUint32, 1, 1 << 31}},
		"<i8": {binary.LittleEndian.AppendUint64(make([]byte, 16), 1<<63), []int64{0, 0, math.MinInt64}},
	}
	for descr, c := range whole {
		a, err := npz.ReadArray(file(1, dictionary(descr, false, "(3,)"), c.data))
		require.NoError(t, err, descr)
		require.True(t, a.Whole())
		require.Equal(t, []int{3}, a.Shape)
		got, err := a.Ints(math.MinInt64, math.MaxInt64)
		require.NoError(t, err, descr)
		require.Equal(t, c.want, got, descr)
	}
	floats := map[string]struct {
		data []byte
		want []float64
	}{
		"<f8": {binary.LittleEndian.AppendUint64(nil, math.Float64bits(-0.1)), []float64{-0.1}},
		">f8": {binary.BigEndian.AppendUint64(nil, math.Float64bits(-0.1)), []float64{-0.1}},
		"<f4": {binary.LittleEndian.AppendUint32(nil, math.Float32bits(1.5)), []float64{1.5}},
		"<f2": {[]byte{0, 0xc0, 0xff, 0x7b, 1, 0, 0, 0x7c}, []float64{-2, 65504, 0x1p-24, math.Inf(1)}},
	}
	for descr, c := range floats {
		a, err := npz.ReadArray(file(2, dictionary(descr, false, fmt.Sprintf("(%d,)", len(c.want))), c.data))
		require.NoError(t, err, descr)
		require.False(t, a.Whole())
		got, err := a.Floats()
		require.NoError(t, err)
		require.Equal(t, c.want, got, descr)
	}
	one, err := npz.ReadArray(file(3, `{"shape": (), "descr": "<i2", "fortran_order": False}`, []byte{7, 0}))
	require.NoError(t, err)
	require.Empty(t, one.Shape)
	require.Equal(t, 1, one.Len())
	none, err := npz.ReadArray(file(1, dictionary("<f4", false, "(0, 3)"), nil))
	require.NoError(t, err)
	require.Zero(t, none.Len())
}

// An array in Fortran order is the same array.
func TestFortranOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(1, 4), 1, 4).Draw(t, "shape")
		text, count := "(", 1
		for _, n := range shape {
			text += fmt.Sprintf("%d, ", n)
			count *= n
		}
		c, f := make([]byte, count), make([]byte, count)
		for at := range count {
			// The index of each axis, last first, and its place in the other order.
			c[at] = byte(at)
			rest, place := at, 0
			index := make([]int, len(shape))
			for axis := len(shape) - 1; axis >= 0; axis-- {
				index[axis] = rest % shape[axis]
				rest /= shape[axis]
			}
			for axis := len(shape) - 1; axis >= 0; axis-- {
				place = place*shape[axis] + index[axis]
			}
			f[place] = byte(at)
		}
		a, err := npz.ReadArray(file(1, dictionary("|u1", false, text+")"), c))
		require.NoError(t, err)
		b, err := npz.ReadArray(file(1, dictionary("|u1", true, text+")"), f))
		require.NoError(t, err)
		require.Equal(t, a.Shape, b.Shape)
		inC, err := a.Ints(0, 255)
		require.NoError(t, err)
		inF, err := b.Ints(0, 255)
		require.NoError(t, err)
		require.Equal(t, inC, inF)
		require.Len(t, inC, count)
	})
}

func TestArrayRefused(t *testing.T) {
	for says, b := range map[string][]byte{
		"npy at byte 0: expected":                         []byte("\x93NUMPX"),
		"npy at byte 8: expected a header, found the end": []byte("\x93NUMPY\x01\x00"),
		"npy at byte 6: expected version 1, 2 or 3":       file(4, "", nil),
		"npy at byte 8: expected a header of at most 30":  file(1, "", nil)[:40],
		"expected whole numbers, booleans or floats":      file(1, dictionary("|O", false, "(1,)"), []byte{1}),
		`found "<U4"`: file(1, dictionary("<U4", false, "(1,)"), []byte{1}),
		"npy at byte 128: expected 8 bytes of shape [2]":   file(1, dictionary("<f4", false, "(2,)"), []byte{1}),
		"expected at most 268435456 values":                file(1, dictionary("<f4", false, "(200000000, 200000000)"), nil),
		"expected at most 16 sizes":                        file(1, dictionary("<f4", false, "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)"), nil),
		`found "9999999999999999"`:                         file(1, dictionary("<f4", false, "(99999999999999999999,)"), nil),
		"expected descr, fortran_order and shape, found 1": file(1, "{'descr': '<f4'}", nil),
		`"descr" stands twice`:                             file(1, "{'descr': '<f4', 'descr': '<f4'}", nil),
		`found "other"`:                                    file(1, "{'other': 3}", nil),
		"a plain text that ends":                           file(1, "{'descr: 3}", nil),
		"expected the end":                                 file(1, dictionary("<f4", false, "()")+" 3", nil),
		`expected "False"`:                                 file(1, "{'fortran_order': 1}", nil),
	} {
		_, err := npz.ReadArray(b)
		require.ErrorContains(t, err, says)
	}
}

func TestValuesRefused(t *testing.T) {
	a, err := npz.ReadArray(file(1, dictionary("<f4", false, "(2,)"), []byte{0, 0, 0, 0, 0, 0, 0xc0, 0x3f}))
	require.NoError(t, err)
	_, err = a.Ints(0, 9)
	require.EqualError(t, err, "value 1: expected a whole number, found 1.5")
	a, err = npz.ReadArray(file(1, dictionary("<i8", false, "()"), bytes.Repeat([]byte{0x7f}, 8)))
	require.NoError(t, err)
	_, err = a.Floats()
	require.ErrorContains(t, err, "value 0: expected a number that a float64 can hold")
	_, err = a.Ints(0, 9)
	require.ErrorContains(t, err, "value 0: expected 0 to 9, found")
	a, err = npz.ReadArray(file(1, dictionary("|b1", false, "(2,)"), []byte{1, 2}))
	require.NoError(t, err)
	_, err = a.Floats()
	require.EqualError(t, err, "value 1: expected a boolean, 0 or 1, found 2")
	a, err = npz.ReadArray(file(1, dictionary("<u8", false, "()"), bytes.Repeat([]byte{255}, 8)))
	require.NoError(t, err)
	_, err = a.Ints(math.MinInt64, math.MaxInt64)
	require.EqualError(t, err, "value 0: expected at most 9223372036854775807, found 18446744073709551615")
}

// What a function that takes values says ends it.
func TestEachIntEnds(t *testing.T) {
	a, err := npz.ReadArray(file(1, dictionary("|i1", false, "(4,)"), []byte{5, 6, 7, 8}))
	require.NoError(t, err)
	enough, seen := errors.New("enough"), []int64(nil)
	require.ErrorIs(t, a.EachInt(0, 9, func(i int, v int64) error {
		require.Equal(t, len(seen), i)
		if seen = append(seen, v); i == 2 {
			return enough
		}
		return nil
	}), enough)
	require.Equal(t, []int64{5, 6, 7}, seen)
}

func archive(t testing.TB, names []string, data ...[]byte) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, name := range names {
		f, err := w.Create(name)
		require.NoError(t, err)
		_, err = f.Write(data[i])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestArchive(t *testing.T) {
	array := file(1, dictionary("|i1", false, "(2, 1)"), []byte{1, 2})
	path := filepath.Join(t.TempDir(), "a.npz")
	require.NoError(t, os.WriteFile(path, archive(t, []string{"b.weight.npy", "a.npy"}, array, array), 0o600))
	a, err := npz.Load(path)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b.weight"}, a.Names())
	_, err = a.Get("b.weight", 2, -1)
	require.NoError(t, err)
	_, err = a.Get("b.weight", 2)
	require.EqualError(t, err, "array b.weight: expected shape [2], found [2 1]")
	_, err = a.Get("c")
	require.EqualError(t, err, "array c: expected it, found a, b.weight")

	_, err = npz.Read([]byte("no archive"))
	require.ErrorContains(t, err, "npz: expected a ZIP archive")
	_, err = npz.Read(archive(t, []string{"a.txt"}, array))
	require.ErrorContains(t, err, `npz: expected arrays NAME.npy, found "a.txt"`)
	_, err = npz.Read(archive(t, []string{"a.npy", "a.npy"}, array, array))
	require.ErrorContains(t, err, `npz: array "a" stands twice`)
	_, err = npz.Read(archive(t, []string{"a.npy"}, array[:20]))
	require.ErrorContains(t, err, `npz: array "a": npy at byte 8`)
	_, err = npz.Load(filepath.Dir(path))
	require.ErrorContains(t, err, "expected a file")
}

// What numpy itself has written: the archive of PilotNet.
func TestNumpysOwn(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("an archive written by numpy: SACCADE_DATA is not set")
	}
	a, err := npz.Load(filepath.Join(data, "lava_pilotnet", "pilotnet_sdnn.npz"))
	require.NoError(t, err)
	require.Len(t, a, 17)
	out, err := a.Get("output", 9)
	require.NoError(t, err)
	values, err := out.Ints(math.MinInt32, math.MaxInt32)
	require.NoError(t, err)
	require.Equal(t, []int64{0, -3840, 4880, 361928, 461416, 342568, -315628, -315628, -31026}, values)
	_, err = a.Get("layer3.weight", 64, 36, 3, 3)
	require.NoError(t, err)
	for _, name := range a.Names() {
		t.Logf("%s: %s %v", name, a[name].Type, a[name].Shape)
	}
}

// maxFuzzed is how many values are read of what fuzzing finds: sizes are right by then.
const maxFuzzed = 1 << 16

func FuzzArray(f *testing.F) {
	f.Add(file(1, dictionary("<f4", true, "(1, 2)"), make([]byte, 8)))
	f.Add(file(2, dictionary(">i2", false, "()"), make([]byte, 2)))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := npz.ReadArray(b)
		if err != nil {
			return
		}
		count := 1
		for _, n := range a.Shape {
			count *= n
		}
		require.Equal(t, count, a.Len())
		values, err := a.Floats()
		if err == nil {
			require.Len(t, values, count)
		}
	})
}

func FuzzArchive(f *testing.F) {
	f.Add(archive(f, []string{"a.npy"}, file(1, dictionary("<f4", true, "(1, 2)"), make([]byte, 8))))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := npz.Read(b)
		if err != nil {
			return
		}
		require.Len(t, a.Names(), len(a))
		for _, array := range a {
			if array.Len() <= maxFuzzed {
				_, _ = array.Ints(math.MinInt64, math.MaxInt64)
				_, _ = array.Floats()
			}
		}
	})
}
