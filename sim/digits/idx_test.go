package digits

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

func words(v ...uint32) (b []byte) {
	for _, w := range v {
		b = binary.BigEndian.AppendUint32(b, w)
	}
	return b
}

// imagesFile makes a file of n images, of which image i has the value i+1 throughout.
func imagesFile(n int) []byte {
	b := words(magicImages, uint32(n), Side, Side)
	for i := range n {
		b = append(b, bytes.Repeat([]byte{byte(i + 1)}, Side*Side)...)
	}
	return b
}

func labelsFile(labels ...byte) []byte {
	return append(words(magicLabels, uint32(len(labels))), labels...)
}

func zipped(b []byte) []byte {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write(b); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return z.Bytes()
}

func TestReadImages(t *testing.T) {
	plain := imagesFile(3)
	for _, b := range [][]byte{plain, zipped(plain)} {
		images, err := ReadImages(iotest.OneByteReader(bytes.NewReader(b)))
		require.NoError(t, err)
		require.Len(t, images, 3)
		for i, m := range images {
			require.Equal(t, uint8(i+1), m.At(0, 0))
			require.Equal(t, uint8(i+1), m.At(27, 27))
		}
	}
	labels, err := ReadLabels(bytes.NewReader(zipped(labelsFile(3, 0, 9))))
	require.NoError(t, err)
	require.Equal(t, []uint8{3, 0, 9}, labels)
}

func TestReadErrors(t *testing.T) {
	damaged := zipped(labelsFile(1, 2, 3))
	damaged[len(damaged)-6] ^= 1 // the sum
	stump := zipped(imagesFile(2))
	for name, c := range map[string]struct {
		images, labels []byte
		offset         int64
		want, got      string
	}{
		"nothing":           {images: []byte{}, want: "a magic number", got: "the end"},
		"half a number":     {images: []byte{0, 0}, offset: 2, want: "a magic number", got: "the end"},
		"labels for images": {images: labelsFile(1), want: "0x00000803, the magic number of images", got: "0x00000801"},
		"images for labels": {labels: imagesFile(1), want: "0x00000801, the magic number of labels", got: "0x00000803"},
		"no number":         {images: words(magicImages), offset: 4, want: "a number of images", got: "the end"},
		"too many":          {images: words(magicImages, MaxImages+1), offset: 4, want: "a number of images up to 1048576", got: "1048577"},
		"too many labels":   {labels: words(magicLabels, 1<<31), offset: 4, want: "a number of labels up to 1048576", got: "2147483648"},
		"rows":              {images: words(magicImages, 1, 29, 28), offset: 8, want: "28 rows", got: "29"},
		"columns":           {images: words(magicImages, 1, 28, 1<<30), offset: 12, want: "28 columns", got: "1073741824"},
		"cut off":           {images: imagesFile(3)[:16+784+100], offset: 900, want: "image 1 of 3", got: "the end"},
		"a lying number":    {images: words(magicImages, MaxImages, 28, 28), offset: 16, want: "image 0 of 1048576", got: "the end"},
		"labels cut off":    {labels: labelsFile(1, 2, 3)[:10], offset: 10, want: "3 labels", got: "the end"},
		"a wrong label":     {labels: labelsFile(1, 2, 10, 3), offset: 10, want: "a label from 0 to 9", got: "10"},
		"a label of 200":    {labels: labelsFile(1, 200), offset: 9, want: "a label from 0 to 9", got: "200"},
		"more":              {images: append(imagesFile(1), 0), offset: 800, want: "the end behind 1 images", got: "more bytes"},
		"a wrong sum":       {labels: damaged, offset: 11, want: "the end behind 3 labels", got: "damaged compression: gzip: invalid checksum"},
		"gzip cut off":      {images: stump[:len(stump)-3], offset: 16 + 2*784, want: "the end behind 2 images", got: "compression that is cut off"},
		"half a gzip":       {images: stump[:6], want: "a gzip header", got: "the end"},
		"no gzip":           {images: append([]byte{0x1f, 0x8b}, make([]byte, 20)...), want: "a gzip header", got: "damaged compression: gzip: invalid header"},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			if c.labels != nil {
				_, err = ReadLabels(bytes.NewReader(c.labels))
			} else {
				_, err = ReadImages(bytes.NewReader(c.images))
			}
			require.Equal(t, &events.FormatError{Format: "idx", Offset: c.offset, Want: c.want, Got: c.got, Fatal: true}, err)
		})
	}
}

// An error of the reader beneath is handed on as it is.
func TestReadPassesErrorsOn(t *testing.T) {
	broken := errors.New("the disk has gone")
	for _, b := range [][]byte{imagesFile(2)[:500], zipped(imagesFile(2))[:20], nil} {
		_, err := ReadImages(io.MultiReader(bytes.NewReader(b), iotest.ErrReader(broken)))
		require.ErrorIs(t, err, broken)
	}
}

func TestOpenMNIST(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		return path
	}
	images := write("images", imagesFile(5))
	labels := write("labels.gz", zipped(labelsFile(7, 2, 7, 0, 7)))
	m, err := OpenMNIST(images, labels)
	require.NoError(t, err)
	require.Equal(t, 5, m.Len())
	im, label := m.Image(3)
	require.Equal(t, uint8(4), im.At(1, 1))
	require.Equal(t, 0, label)

	rng := rand.New(rand.NewPCG(1, 1))
	seen := map[uint8]int{}
	for range 300 {
		im, err := m.Digit(7, rng)
		require.NoError(t, err)
		seen[im.At(5, 5)]++
	}
	require.Len(t, seen, 3)
	for v, n := range seen {
		require.Contains(t, []uint8{1, 3, 5}, v)
		require.InDelta(t, 100, n, 50)
	}
	_, err = m.Digit(4, rng)
	require.ErrorContains(t, err, "no image of a 4 among 5")

	half := m.Slice(1, 3)
	require.Equal(t, 2, half.Len())
	im, err = half.Digit(7, rng)
	require.NoError(t, err)
	require.Equal(t, uint8(3), im.At(0, 0))
	for _, b := range [][2]int{{-1, 2}, {3, 2}, {0, 6}} {
		require.PanicsWithValue(t, PanicSlice, func() { m.Slice(b[0], b[1]) })
	}

	_, err = OpenMNIST(images, write("fewer", labelsFile(1)))
	require.ErrorContains(t, err, "5 images but 1 labels")
	_, err = OpenMNIST(filepath.Join(dir, "missing"), labels)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = OpenMNIST(images, images)
	require.EqualError(t, err, images+": idx at byte 0: expected 0x00000801, the magic number of labels, found 0x00000803")
	_, err = NewMNIST(make([]Image, 1), []uint8{11})
	require.ErrorContains(t, err, "label 0: expected 0 to 9, found 11")
}

// MNIST's own test set, where there is one.
func TestRealMNIST(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("needs MNIST's test set: set SACCADE_DATA")
	}
	m, err := OpenMNIST(filepath.Join(data, "mnist", "t10k-images-idx3-ubyte.gz"), filepath.Join(data, "mnist", "t10k-labels-idx1-ubyte.gz"))
	require.NoError(t, err)
	require.Equal(t, 10000, m.Len())
	var count [Classes]int
	for i := range m.Len() {
		im, label := m.Image(i)
		count[label]++
		x, y, _ := im.centre()
		require.InDelta(t, 14, x, 1.1)
		require.InDelta(t, 14, y, 1.1)
	}
	require.Equal(t, [Classes]int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}, count)
}

func FuzzReadImages(f *testing.F) {
	f.Add(imagesFile(2))
	f.Add(zipped(imagesFile(1)))
	f.Add(imagesFile(3)[:900])
	f.Add(words(magicImages, MaxImages, Side, Side))
	f.Fuzz(func(t *testing.T, b []byte) {
		images, err := ReadImages(bytes.NewReader(b))
		if err == nil {
			got := imagesFile(len(images))[:16]
			for _, m := range images {
				got = append(got, m[:]...)
			}
			if !bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
				require.Equal(t, b, got, "what was read is what was written")
			}
			return
		}
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe)
		require.Empty(t, images)
	})
}

func FuzzReadLabels(f *testing.F) {
	f.Add(labelsFile(1, 2, 3))
	f.Add(zipped(labelsFile(9)))
	f.Add(labelsFile(10))
	f.Fuzz(func(t *testing.T, b []byte) {
		labels, err := ReadLabels(bytes.NewReader(b))
		if err == nil {
			if !bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
				require.Equal(t, b, labelsFile(labels...))
			}
			return
		}
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe)
		require.Empty(t, labels)
	})
}
