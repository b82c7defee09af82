package npy_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/npy"
)

// part is a member of an archive.
type part struct {
	name    string
	content []byte
}

// archive makes a zip archive of names and contents, streamed: sizes stand behind.
func archive(t require.TestingT, method uint16, parts ...part) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		m, err := w.CreateHeader(&zip.FileHeader{Name: p.name, Method: method})
		require.NoError(t, err)
		_, err = m.Write(p.content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// savez makes an archive as numpy.savez does: stored, with sizes of 64 bits before
// the contents.
func savez(parts ...part) []byte { return saved(0, parts) }

// savezCompressed makes one as numpy.savez_compressed does.
func savezCompressed(parts ...part) []byte { return saved(8, parts) }

func saved(method byte, parts []part) []byte {
	le := binary.LittleEndian
	var b []byte
	for _, p := range parts {
		name, content := p.name, p.content
		b = append(b, "PK\x03\x04\x2d\x00\x00\x00"...)
		b = append(b, method, 0, 0, 0, 0x21, 0)
		b = le.AppendUint32(b, crc32.ChecksumIEEE(content))
		b = append(b, "\xff\xff\xff\xff\xff\xff\xff\xff"...)
		b = le.AppendUint16(b, uint16(len(name)))
		b = le.AppendUint16(b, 20)
		b = append(b, name...)
		b = append(b, 1, 0, 16, 0)
		b = le.AppendUint64(b, uint64(len(content)))
		if method == 8 {
			var packed bytes.Buffer
			w, _ := flate.NewWriter(&packed, 6) // a level that there is
			_, _ = w.Write(content)             // nor does a buffer refuse
			_ = w.Close()
			content = packed.Bytes()
		}
		b = le.AppendUint64(b, uint64(len(content)))
		b = append(b, content...)
	}
	return append(b, "PK\x01\x02 and so on"...)
}

func columns() []part {
	return []part{
		{"t.npy", array("'<i8'", 3, []int64{3811, 3820, 3836})},
		{"x.npy", array("'<i2'", 3, []int16{96, 127, 4})},
		{"y.npy", array("'<f4'", 3, []float32{133, 171, 160})},
		{"p.npy", array("'|b1'", 3, []bool{false, true, false})},
	}
}

func TestArchives(t *testing.T) {
	label := array("'<i8'", 1, int64(7))
	for name, content := range map[string][]byte{
		"deflated":            archive(t, zip.Deflate, part{"events.npy", three()}),
		"stored":              archive(t, zip.Store, part{"arr_0.npy", three()}),
		"savez":               savez(part{"events.npy", three()}),
		"behind others":       archive(t, zip.Deflate, part{"label.npy", label}, part{"notes.txt", []byte("a good day")}, part{"events.npy", three()}, part{"more.npy", label}),
		"behind others, kept": savez(part{"label.npy", label}, part{"notes.txt", []byte("a good day")}, part{"events.npy", three()}, part{"more.npy", label}),
		"stored behind":       archive(t, zip.Store, part{"label.npy", label}, part{"events.npy", three()}),
		"savez_compressed":    savezCompressed(part{"label.npy", label}, part{"events.npy", three()}),
		"an array a field":    savez(columns()...),
		"a field, compressed": savezCompressed(columns()...),
		"deflated, a field":   archive(t, zip.Deflate, append([]part{{"label.npy", label}}, columns()...)...),
		"a name twice":        savez(append([]part{{"timestamp.npy", array("'<i8'", 3, []int64{3811, 3820, 3836})}}, columns()...)...),
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, formattest.Format(t, npy.NameZip).Detect(content[:min(len(content), events.DetectBytes)], int64(len(content))))
			for _, capacity := range []int{1, 2, 3, 4, 100} {
				for _, src := range []io.Reader{bytes.NewReader(content), iotest.OneByteReader(bytes.NewReader(content)), iotest.DataErrReader(bytes.NewReader(content))} {
					r, err := formattest.Format(t, npy.NameZip).NewReader(src, events.Geometry{Width: 640, Height: 480})
					require.NoError(t, err)
					in, damage, end := formattest.ReadAll(t, r, capacity)
					require.ErrorIs(t, end, io.EOF)
					require.Empty(t, damage)
					require.Equal(t, want, in)
					require.Equal(t, events.Header{Format: "npz", Geometry: events.Geometry{Width: 640, Height: 480}}, r.Header())
				}
			}
		})
	}
}

func TestArchivesDamaged(t *testing.T) {
	read := func(content []byte) ([]events.Event, []*events.FormatError, error) {
		r, err := formattest.Format(t, npy.NameZip).NewReader(bytes.NewReader(content), events.Geometry{Width: 128, Height: 172})
		require.NoError(t, err)
		return formattest.ReadAll(t, r, 10)
	}
	// A bit of an event is another's: only the checksum tells.
	flipped := savez(part{"events.npy", three()})
	flipped[bytes.Index(flipped, []byte("PK\x01\x02"))-39] ^= 2
	in, damage, end := read(flipped)
	require.Len(t, in, 3)
	require.Empty(t, damage)
	require.ErrorContains(t, end, `expected contents of "events.npy" with the checksum`)

	outside := savez(part{"events.npy", array(tonic, 2, int64(1), int16(128), int16(1), true, int64(2), int16(3), int16(4), false)})
	in, damage, end = read(outside)
	require.ErrorIs(t, end, io.EOF)
	require.Equal(t, []events.Event{{T: 2, X: 3, Y: 4}}, in)
	require.EqualError(t, damage[0], "npz at byte 188: expected x from 0 to 127, found 128")
	in, damage, _ = read(archive(t, zip.Deflate, part{"events.npy", array(tonic, 2, int64(1), int16(128), int16(1), true, int64(2), int16(3), int16(4), false)}))
	require.Equal(t, []events.Event{{T: 2, X: 3, Y: 4}}, in)
	require.EqualError(t, damage[0], `npz at byte 40: expected x from 0 to 127, found 128 (at byte 128 of "events.npy", unpacked)`)

	in, damage, end = read(savez(part{"t.npy", array("'<f8'", 4, []float64{1, 2, 1e300, 4})}, part{"x.npy", array("'<i8'", 4, []int64{1, 128, 3, 4})}, part{"y.npy", array("'<i8'", 4, []int64{1, 2, 3, 4})}, part{"p.npy", array("'<i8'", 4, []int64{-1, 1, 1, 1})}))
	require.ErrorIs(t, end, io.EOF)
	require.Equal(t, []events.Event{{T: 1, X: 1, Y: 1}, {T: 4, X: 4, Y: 4, P: events.On}}, in)
	require.Len(t, damage, 2)
	require.EqualError(t, damage[0], "npz at byte 0: expected x from 0 to 127, found another number in event 1")
	require.ErrorContains(t, damage[1], "expected a time that fits into 64 bits of microseconds, found another number in event 2")

	whole := archive(t, zip.Deflate, part{"events.npy", three()})
	for n := range whole {
		r, err := formattest.Format(t, npy.NameZip).NewReader(bytes.NewReader(whole[:n]), events.Geometry{})
		if err == nil {
			in, _, err = formattest.ReadAll(t, r, 2)
			require.Equal(t, want[:len(in)], append([]events.Event{}, in...))
		}
		if errors.Is(err, io.EOF) {
			require.GreaterOrEqual(t, n, bytes.Index(whole, []byte("PK\x01\x02")), "only the directory is missing")
			continue
		}
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe, "%d bytes", n)
		require.True(t, fe.Fatal)
		require.LessOrEqual(t, fe.Offset, int64(n))
	}
}

func TestArchivesRefused(t *testing.T) {
	encrypted := savez(part{"events.npy", three()})
	encrypted[6] = 1
	bzip := savez(part{"events.npy", three()})
	bzip[8] = 12
	corrupt := archive(t, zip.Deflate, part{"events.npy", three()})
	corrupt[40] = 0xff
	short := columns()
	short[1].content = array("'<i2'", 2, []int16{96, 127})
	for says, content := range map[string][]byte{
		`npz at byte 0: expected the header of a member, found "\x93NUM"`:                                        three(),
		`expected a member that is not encrypted, found "events.npy"`:                                            encrypted,
		`expected a member that is stored (0) or deflated (8), found "events.npy" with method 12`:                bzip,
		`expected deflated bytes of "events.npy", found what no deflating makes`:                                 corrupt,
		`expected an array with fields t, x, y and p, or an array for each, found the members ["a.npy" "b.npy"]`: savez(part{"a.npy", array("'<i8'", 1, int64(1))}, part{"b.npy", array("'<i8'", 0)}),
		`found the members ["t.npy" "x.npy" "y.npy"]`:                                                            savez(columns()[:3]...),
		`expected 3 numbers, as before, found 2`:                                                                 savez(short...),
		`npz at byte 61: expected version 1, 2 or 3, found version 9.0`:                                          savez(part{"a.npy", []byte("\x93NUMPY\x09\x00")}),
		`expected an array of numbers, found another`:                                                            savez(part{"t.npy", array("'<U8'", 0)}),
		`expected the end of "a.npy", found more bytes`:                                                          savez(part{"a.npy", append(array("'<i8'", 0), 1)}),
		`expected 8 bytes of an array in "a.npy", found their end`:                                               savez(part{"a.npy", array("'<i8'", 1)}),
		`expected an array, found "notes.txt", whose end is not told`:                                            archive(t, zip.Store, part{"notes.txt", []byte("PK")}),
	} {
		_, err := formattest.Format(t, npy.NameZip).NewReader(bytes.NewReader(content), events.Geometry{})
		require.ErrorContains(t, err, says)
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe)
		require.True(t, fe.Fatal)
		require.Equal(t, "npz", fe.Format)
	}
	for head, says := range map[string]string{
		"":              "it does not begin as a zip archive",
		"PK\x03\x04":    "a zip archive that does not begin with an array",
		"\x93NUMPY\x01": "it does not begin as a zip archive",
	} {
		require.ErrorContains(t, formattest.Format(t, npy.NameZip).Detect([]byte(head), -1), says)
	}
	require.ErrorContains(t, formattest.Format(t, npy.NameZip).Detect(archive(t, zip.Store, part{"word/document.xml", []byte("x")}), -1), "does not begin with an array")
	require.ErrorContains(t, formattest.Format(t, npy.Name).Detect([]byte("PK\x03\x04"), -1), "it does not begin with")
}

func fuzz(t *testing.T, name string, data []byte, capacity uint8) {
	require.NotPanics(t, func() { _ = formattest.Format(t, name).Detect(data, -1) })
	formattest.Sound(t, formattest.Opener(t, name, events.Geometry{}), data, int(capacity)+1)
}

func FuzzReader(f *testing.F) {
	for _, content := range layouts() {
		f.Add(content, uint8(3))
	}
	f.Add(array(tonic, 1<<32), uint8(0))
	f.Add([]byte("\x93NUMPY\x01\x00\x0a\x00{'shape':}"), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8) { fuzz(t, npy.Name, data, capacity) })
}

func FuzzZip(f *testing.F) {
	f.Add(savez(part{"events.npy", three()}), uint8(3))
	f.Add(savez(columns()...), uint8(2))
	f.Add(savezCompressed(part{"events.npy", three()}), uint8(2))
	f.Add(archive(f, zip.Deflate, part{"a.txt", []byte("a")}, part{"events.npy", three()}), uint8(2))
	f.Add(archive(f, zip.Store, part{"events.npy", three()}), uint8(2))
	f.Add([]byte("PK\x03\x04"), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8) { fuzz(t, npy.NameZip, data, capacity) })
}
