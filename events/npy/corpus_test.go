package npy_test

import (
	"archive/zip"
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/npy"
)

// Run with -update to write testdata anew.
var update = flag.Bool("update", false, "write the conformance corpus")

// corpus makes the files of the conformance corpus from numpy's format
// specification: the layouts of the other tests, and a longer recording as an
// array, as an archive, and as an archive with an array a field.
func corpus(t *testing.T) map[string][]byte {
	files := map[string][]byte{}
	for name, content := range layouts() {
		name = strings.NewReplacer(" ", "_", ",", "", "'", "").Replace(name)
		files[strings.ToLower(name)+".npy"] = content
	}
	rng := rand.New(rand.NewPCG(8, 4))
	const n = 300
	var now int64
	var records []any
	var ts []int64
	var xs, ys []int16
	var ps []bool
	for range n {
		now += rng.Int64N(40)
		x, y, p := int16(rng.IntN(640)), int16(rng.IntN(480)), rng.IntN(2) == 1
		records = append(records, now, x, y, p)
		ts, xs, ys, ps = append(ts, now), append(xs, x), append(ys, y), append(ps, p)
	}
	long := array(tonic, n, records...)
	files["long.npy"] = long
	files["long_truncated.npy"] = long[:len(long)-5]
	files["no_events.npy"] = array(tonic, 0)
	files["long_savez.npz"] = savez(part{"arr_0.npy", long})
	files["long_fields.npz"] = savez(part{"t.npy", array("'<i8'", n, ts)}, part{"x.npy", array("'<i2'", n, xs)},
		part{"y.npy", array("'<i2'", n, ys)}, part{"p.npy", array("'|b1'", n, ps)})
	files["three_stored_streamed.npz"] = archive(t, zip.Store, part{"events.npy", three()})
	return files
}

// describe is a line of testdata/digests.tsv: what a reader finds in a file.
func describe(t *testing.T, name string, content []byte) string {
	f := format(t, map[string]string{".npy": npy.Name, ".npz": npy.NameZip}[filepath.Ext(name)])
	r, err := f.NewReader(bytes.NewReader(content), events.Geometry{})
	require.NoError(t, err)
	in, damage, end := readAll(t, r, 64)
	d := events.NewDigester()
	d.Add(in)
	s := d.Sum()
	return fmt.Sprintf("%s\t%d\t%s\t%s\t%s\t%s\t%d\t%v\n", name, len(in), s.T, s.X, s.Y, s.P, len(damage), end)
}

// The files are the generator's, and reading them gives the digests committed.
func TestCorpus(t *testing.T) {
	files := corpus(t)
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var table strings.Builder
	table.WriteString("file\tevents\tsha3_224(t)\tsha3_224(x)\tsha3_224(y)\tsha3_224(p)\tdamaged\tend\n")
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
