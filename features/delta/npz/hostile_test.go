package npz_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/npz"
)

// allocated is how many bytes a function asks for, let go again or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// zeros is an archive of an array of as many zeros of 8 bits, a whole number of MiB, and a small
// one beside it. It is put together from one packed MiB, as packing them all takes a while.
func zeros(t testing.TB, count int) []byte {
	head, mebibyte := file(1, dictionary("|i1", false, fmt.Sprintf("(%d,)", count)), nil), make([]byte, 1<<20)
	sum := crc32.NewIEEE()
	var packed bytes.Buffer
	add := func(data []byte, times int) {
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, flate.BestCompression)
		require.NoError(t, err)
		_, err = w.Write(data)
		require.NoError(t, err)
		require.NoError(t, w.Flush())
		for range times {
			packed.Write(b.Bytes())
			_, _ = sum.Write(data)
		}
	}
	add(head, 1)
	add(mebibyte, count>>20)
	packed.Write([]byte{3, 0}) // an empty last block

	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateRaw(&zip.FileHeader{
		Name: "weights.npy", Method: zip.Deflate, CRC32: sum.Sum32(),
		CompressedSize64: uint64(packed.Len()), UncompressedSize64: uint64(len(head) + count),
	})
	require.NoError(t, err)
	_, err = f.Write(packed.Bytes())
	require.NoError(t, err)
	f, err = w.Create("small.npy")
	require.NoError(t, err)
	_, err = f.Write(file(1, dictionary("|i1", false, "(2,)"), []byte{1, 2}))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// Sizes are compared with those expected before values are unpacked, and what nobody asks for
// is never unpacked: a small file costs little memory, whatever is in it.
func TestNothingIsUnpackedUnasked(t *testing.T) {
	const count = 200 << 20
	b := zeros(t, count)
	require.Less(t, len(b), count/900, "the archive is small")
	asked := allocated(func() {
		a, err := npz.Read(b)
		require.NoError(t, err)
		require.Equal(t, count, a["weights"].Len())
		_, err = a.Get("weights", 64, 36, 3, 3)
		require.EqualError(t, err, "array weights: expected shape [64 36 3 3], found [209715200]")
		small, err := a.Get("small", 2)
		require.NoError(t, err)
		values, err := small.Ints(0, 9)
		require.NoError(t, err)
		require.Equal(t, []int64{1, 2}, values)
	})
	require.Less(t, asked, uint64(1<<20))
}

// Values that are gone through one by one are not held.
func TestValuesAreNotHeld(t *testing.T) {
	const count = 4 << 20
	b, n := zeros(t, count), 0
	asked := allocated(func() {
		a, err := npz.Read(b)
		require.NoError(t, err)
		require.NoError(t, a["weights"].EachInt(0, 0, func(int, int64) error { n++; return nil }))
	})
	require.Equal(t, count, n)
	require.Less(t, asked, uint64(1<<20))
}

// Sizes that a file cannot hold are refused by themselves: those of the archive's directory, and
// those of an array that the directory does not agree with.
func TestSizesThatCannotBe(t *testing.T) {
	whole := archive(t, []string{"a.npy"}, file(1, dictionary("|i1", false, "(2,)"), []byte{1, 2}))
	entry := bytes.Index(whole, []byte("PK\x01\x02")) // the directory's one entry
	require.Positive(t, entry)
	const packed, unpacked = 20, 24
	changed := func(field int, v uint32) []byte {
		b := bytes.Clone(whole)
		binary.LittleEndian.PutUint32(b[entry+field:], v)
		return b
	}
	for says, b := range map[string][]byte{
		"bytes that ":                          changed(unpacked, 1<<30),
		"expected 2 bytes of shape [2]":        changed(unpacked, 128+3),
		"bytes of the archive, found 16777216": changed(packed, 1<<24),
		"expected at most 1073741824 bytes in": together(t),
	} {
		asked := allocated(func() {
			_, err := npz.Read(b)
			require.ErrorContains(t, err, says)
		})
		require.Less(t, asked, uint64(1<<20), says)
	}
	// Headers that lie about what is behind them.
	for says, data := range map[string][]byte{
		"expected 268435456 bytes of shape [268435456]":     file(1, dictionary("|i1", false, "(268435456,)"), []byte{1}),
		"expected a header of at most 54 bytes, found 1000": append([]byte("\x93NUMPY\x01\x00\xe8\x03"), make([]byte, 54)...),
		"npy at byte 10: expected a header, found the end":  []byte("\x93NUMPY\x02\x00\xe8\x03"),
	} {
		_, err := npz.Read(archive(t, []string{"a.npy"}, data))
		require.ErrorContains(t, err, says)
	}
}

// together is an archive of three arrays that say they have 400 MB each: none is too large, and a
// file of half a megabyte might hold each of them.
func together(t *testing.T) []byte {
	const count = 4e8
	rng := rand.NewChaCha8([32]byte{1})
	noise := make([]byte, 1<<19)
	_, err := rng.Read(noise)
	require.NoError(t, err)
	head := file(1, dictionary("|i4", false, fmt.Sprintf("(%d,)", int(count)/4)), nil)
	data := slices.Concat(head, noise)
	b := archive(t, []string{"a.npy", "b.npy", "c.npy"}, data, data, data)
	patched := 0
	for at := range b {
		if bytes.HasPrefix(b[at:], []byte("PK\x01\x02")) {
			binary.LittleEndian.PutUint32(b[at+24:], uint32(len(head)+count))
			patched++
		}
	}
	require.Equal(t, 3, patched)
	return b
}

// A file that is damaged behind its headers is an error where its values are read.
func TestDamagedValues(t *testing.T) {
	data := make([]byte, 3000)
	for i := range data {
		data[i] = byte(i * i >> 3)
	}
	whole := archive(t, []string{"a.npy"}, file(1, dictionary("|i1", false, "(3000,)"), data))
	found := 0
	for at := 200; at < len(whole)-200; at += 7 {
		b := bytes.Clone(whole)
		b[at] ^= 0x55
		a, err := npz.Read(b)
		if err != nil {
			continue
		}
		_, err = a["a"].Ints(math.MinInt8, math.MaxInt8)
		require.Error(t, err, "byte %d", at)
		_, err = a["a"].Floats()
		require.ErrorContains(t, err, "values: ", "byte %d", at)
		found++
	}
	require.Greater(t, found, 50)
}
