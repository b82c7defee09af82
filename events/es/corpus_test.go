package es_test

import (
	"bytes"
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

// corpus makes the files of the conformance corpus, from the specification alone.
func corpus() map[string][]byte {
	rng := rand.New(rand.NewPCG(8, 2))
	pixel := func(b []byte) []byte {
		x, y := rng.IntN(320), rng.IntN(240)
		return append(b, byte(x), byte(x>>8), byte(y), byte(y>>8))
	}
	// Three steps in four are short; the others need overflows.
	gap := func() int { return rng.IntN([]int{20, 20, 20, 2000}[rng.IntN(4)]) }
	dvs := func(n int) []byte {
		b := []byte(headDVS)
		for range n {
			g := gap()
			b = append(b, bytes.Repeat([]byte{0xff}, g/127)...)
			b = pixel(append(b, byte(g%127<<1|rng.IntN(2))))
		}
		return b
	}
	atis := []byte(headDVS)
	atis[15] = 2
	for range 300 {
		g := gap()
		for ; g >= 63; g -= 63 * int(atis[len(atis)-1]&3) {
			atis = append(atis, 0xfc|byte(min(3, g/63)))
		}
		atis = pixel(append(atis, byte(g<<2|rng.IntN(4))))
	}
	colour := []byte(headColour)
	for range 200 {
		g := gap()
		colour = append(colour, bytes.Repeat([]byte{0xff}, g/254)...)
		colour = pixel(append(colour, byte(g%254)))
		colour = append(colour, byte(rng.IntN(256)), byte(rng.IntN(256)), byte(rng.IntN(256)))
	}
	resets := dvs(50)
	resets = append(append(resets, "\xfe\xfe\xfe\xfe\xfe"...), dvs(50)[20:]...)
	resets = append(resets, "\xfe\xfe\xfe\xfe\xfe"...)
	long := append(append([]byte(headDVS), bytes.Repeat([]byte{0xff}, 3000)...), dvs(10)[20:]...)
	outside := dvs(60)
	copy(outside[20:], "\x00\x40\x01\x00\x00") // the first event: x 320
	return map[string][]byte{
		"atis.es": atis, "colour.es": colour, "dvs.es": dvs(300), "dvs_long_gap.es": long, "dvs_no_events.es": []byte(headDVS),
		"dvs_outside.es": outside, "dvs_resets.es": resets, "dvs_truncated.es": append(dvs(20), 2, 0, 0),
	}
}

// describe is a line of testdata/digests.tsv: what a reader finds in a file.
func describe(t *testing.T, name string, content []byte) string {
	r := reader(t, bytes.NewReader(content), events.Geometry{})
	in, damage, end := readAll(t, r, 64)
	d := events.NewDigester()
	d.Add(in)
	s := d.Sum()
	return fmt.Sprintf("%s\t%d\t%s\t%s\t%s\t%s\t%v\t%d\t%v\n", name, len(in), s.T, s.X, s.Y, s.P, r.Skipped(), len(damage), end)
}

// The files are the generator's, and reading them gives the digests committed.
func TestCorpus(t *testing.T) {
	var table strings.Builder
	table.WriteString("file\tevents\tsha3_224(t)\tsha3_224(x)\tsha3_224(y)\tsha3_224(p)\tskipped\tdamaged\tend\n")
	files := corpus()
	names := []string{
		"atis.es", "colour.es", "dvs.es", "dvs_long_gap.es", "dvs_no_events.es", "dvs_outside.es", "dvs_resets.es", "dvs_truncated.es",
	}
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
