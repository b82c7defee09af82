package dat_test

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// Run with -update to write testdata anew.
var update = flag.Bool("update", false, "write the conformance corpus")

// corpus makes the files of the conformance corpus: what recorders write, in the
// shapes in which DAT files are met. It shares no code with the package.
func corpus() map[string][]byte {
	rng := rand.New(rand.NewPCG(8, 1))
	record := func(b []byte, t, x, y, p uint32) []byte {
		return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, t), x|y<<14|p<<28)
	}
	walk := func(head string, start uint32, n int, p func() uint32) []byte {
		b := []byte(head)
		for t := start; n > 0; n-- {
			b = record(b, t, rng.Uint32N(640), rng.Uint32N(480), p())
			t += rng.Uint32N(40)
		}
		return b
	}
	bit := func() uint32 { return rng.Uint32N(2) }
	vga := "% Data file containing CD events.\n% Version 2\n% Date 2020-09-14 14:18:29\n% Height 480\n% Width 640\n\x0c\x08"
	files := map[string][]byte{
		"v2_cd_vga.dat":       walk(vga, 0, 300, bit),
		"v2_ncars_style.dat":  walk("% Data file containing N9Chronocam7Event2dE events.\n% Version 2\n% Date 2017-10-31 11:27:54\n\x00\x08", 6, 300, bit),
		"v2_end_line.dat":     walk("% Data file containing CD events.\n% Version 2\n% Width 640\n% Height 480\n% end\n\x0c\x08", 77, 100, bit),
		"v2_above_2_31.dat":   walk(vga, 1<<31-1000, 200, bit),
		"v2_counter_wrap.dat": walk(vga, 1<<32-2000, 200, bit),
		"v2_polarity_15.dat":  walk(vga, 10, 100, func() uint32 { return rng.Uint32N(16) }),
		"v2_no_events.dat":    []byte(vga),
		"v2_no_version.dat":   walk("% Data file containing CD events.\n% Width 640\n% Height 480\n\x0c\x08", 5, 100, bit),
		"v2_truncated.dat":    walk(vga, 5, 100, bit)[:len(vga)+8*99+3],
	}
	v1 := []byte("% Data file containing TD events.\n% Version 1\n\x00\x08")
	for t := uint32(9); len(v1) < 2000; t += rng.Uint32N(99) {
		v1 = binary.LittleEndian.AppendUint32(v1, t)
		v1 = binary.LittleEndian.AppendUint32(v1, rng.Uint32N(304)|rng.Uint32N(240)<<9|bit()<<17)
	}
	files["v1_atis.dat"] = v1
	files["v1_no_version.dat"] = bytes.Replace(v1, []byte("% Version 1\n"), nil, 1)
	return files
}

// describe is a line of testdata/digests.tsv: what a reader finds in a file.
func describe(t *testing.T, name string, content []byte) string {
	in, damage, end := read(t, bytes.NewReader(content), events.Geometry{}, 64)
	d := events.NewDigester()
	d.Add(in)
	s := d.Sum()
	return fmt.Sprintf("%s\t%d\t%s\t%s\t%s\t%s\t%d\t%v\n", name, len(in), s.T, s.X, s.Y, s.P, len(damage), end)
}

// The files are the generator's, and reading them gives the digests committed.
func TestCorpus(t *testing.T) {
	var table strings.Builder
	table.WriteString("file\tevents\tsha3_224(t)\tsha3_224(x)\tsha3_224(y)\tsha3_224(p)\tdamaged\tend\n")
	names := []string{
		"v1_atis.dat", "v1_no_version.dat", "v2_above_2_31.dat", "v2_cd_vga.dat", "v2_counter_wrap.dat", "v2_end_line.dat",
		"v2_ncars_style.dat", "v2_no_events.dat", "v2_no_version.dat", "v2_polarity_15.dat", "v2_truncated.dat",
	}
	files := corpus()
	require.Len(t, files, len(names))
	for _, name := range names {
		path := filepath.Join("testdata", name)
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(path, files[name], 0o644))
		}
		stored, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, files[name], stored, "%s is not what its generator makes", name)
		table.WriteString(describe(t, name, stored))
	}
	path := filepath.Join("testdata", "digests.tsv")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(table.String()), 0o644))
	}
	stored, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(stored), table.String())
}
