package events

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// withRegistries runs a test with empty registries and puts the real ones back.
func withRegistries(t *testing.T) {
	t.Helper()
	f, e := formats, encodings
	formats, encodings = nil, map[string]*Encoding{}
	t.Cleanup(func() { formats, encodings = f, e })
}

func TestFormatRegistry(t *testing.T) {
	withRegistries(t)
	_, err := FormatByName("raw")
	require.ErrorContains(t, err, `unknown format "raw"`)

	RegisterFormat(&Format{Name: "weak", Weak: true})
	RegisterFormat(&Format{Name: "zeta"})
	RegisterFormat(&Format{Name: "also weak", Weak: true})
	RegisterFormat(&Format{Name: "alpha"})
	require.PanicsWithValue(t, PanicDuplicateFormat, func() { RegisterFormat(&Format{Name: "zeta"}) })

	names := make([]string, 0, 4)
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	require.Equal(t, []string{"alpha", "zeta", "also weak", "weak"}, names, "those with a signature first")

	Formats()[0] = nil
	f, err := FormatByName("alpha")
	require.NoError(t, err)
	require.Equal(t, "alpha", f.Name, "the list given away is a copy")
	_, err = FormatByName("raw")
	require.EqualError(t, err, `unknown format "raw": known are alpha, zeta, also weak, weak`)
}

func TestEncodingRegistry(t *testing.T) {
	withRegistries(t)
	RegisterEncoding(&Encoding{Name: "two"})
	RegisterEncoding(&Encoding{Name: "one"})
	require.PanicsWithValue(t, PanicDuplicateEncoding, func() { RegisterEncoding(&Encoding{Name: "two"}) })
	require.Equal(t, []string{"one", "two"}, EncodingNames())
	e, err := EncodingByName("two")
	require.NoError(t, err)
	require.Equal(t, "two", e.Name)
	_, err = EncodingByName("three")
	require.EqualError(t, err, `unknown encoding "three": known are one, two`)
}

// A format with a signature is asked before one without, which would take all.
func TestDetectAsksWeakFormatsLast(t *testing.T) {
	withRegistries(t)
	RegisterFormat(&Format{Name: "any", Weak: true, Detect: func([]byte, int64) error { return nil }})
	RegisterFormat(&Format{Name: "signed", Detect: func(head []byte, size int64) error {
		if string(head[:2]) != "SI" || size != 4 {
			return errors.New("no signature")
		}
		return nil
	}})
	f, err := detect([]byte("SIxx"), 4, "")
	require.NoError(t, err)
	require.Equal(t, "signed", f.Name)
	f, err = detect([]byte("abcd"), 4, "")
	require.NoError(t, err)
	require.Equal(t, "any", f.Name)
}

func TestDetectSaysWhyNot(t *testing.T) {
	withRegistries(t)
	RegisterFormat(&Format{Name: "a", Detect: func([]byte, int64) error { return errors.New("too blue") }})
	RegisterFormat(&Format{Name: "b", Extension: ".b", Detect: func([]byte, int64) error { return errors.New("too round") }})
	_, err := detect([]byte("abcd"), 4, "")
	require.EqualError(t, err, "no known recording format (not a: too blue; not b: too round)")
	_, err = detect([]byte("abcd"), 4, ".B")
	require.EqualError(t, err, "no known recording format (not b: too round; not a: too blue)", "the file's name says b")
}

func TestForeign(t *testing.T) {
	named := func(head []byte) string {
		name, _ := foreign(head)
		return name
	}
	for _, s := range signatures {
		name, family := foreign([]byte(s.prefix + "x and more"))
		require.Equal(t, s.name, name)
		require.Equal(t, s.family, family)
		require.Empty(t, named([]byte("x"+s.prefix)))
	}
	// An event at x 37, y 32 is no line of text.
	require.Empty(t, named([]byte{'%', ' ', 0x80, 0, 3}))
	require.Empty(t, named([]byte("% ")))
}

// What looks like a family of formats is none that has no signature; why none of the
// family is it is told.
func TestDetectTellsFamilies(t *testing.T) {
	before := formats
	t.Cleanup(func() { formats = before })
	formats = nil
	RegisterFormat(&Format{Name: "any", Weak: true, Detect: func([]byte, int64) error { return nil }})
	RegisterFormat(&Format{Name: "a", Detect: func([]byte, int64) error { return errors.New("too blue") }})
	_, err := detect([]byte("#!AER-DAT9.0\n"), 13, "")
	require.EqualError(t, err, "looks like an AEDAT file, but none that this version reads (not a: too blue)")
	_, err = detect([]byte("#ROSBAG V2.0\n"), 13, "")
	require.EqualError(t, err, "looks like a ROS 1 bag, but none that this version reads (not a: too blue)")
	_, err = detect([]byte("#ROSRECORD V1.2\n"), 16, "")
	require.EqualError(t, err, "looks like a ROS 1 bag from before version 2.0, which this version does not read")
}
