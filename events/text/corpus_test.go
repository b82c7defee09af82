package text_test

import (
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
	"github.com/saccade-dev/saccade/events/text"
)

// Run with -update to write testdata anew.
var update = flag.Bool("update", false, "write the conformance corpus")

// corpus makes the files of the conformance corpus: the layouts of the other tests,
// and longer recordings in the two that are commonest, with what happens to text.
func corpus() map[string][]byte {
	files := map[string][]byte{}
	for name, content := range layouts() {
		name = strings.NewReplacer(" ", "_", ",", "", "'", "").Replace(strings.ToLower(name))
		files[name+".txt"] = []byte(content)
	}
	rng := rand.New(rand.NewPCG(8, 3))
	var seconds, micro bytes.Buffer
	micro.WriteString("x,y,polarity,timestamp\n")
	t := int64(1468939993_067_416)
	for range 300 {
		t += rng.Int64N(40)
		x, y, p := rng.IntN(240), rng.IntN(180), rng.IntN(2)
		// Behind the microseconds stands what is left of a float.
		fmt.Fprintf(&seconds, "%d.%06d%03d %d %d %d\n", t/1_000_000, t%1_000_000, rng.IntN(2), x, y, p)
		fmt.Fprintf(&micro, "%d,%d,%d,%d\n", x, y, p, t)
	}
	files["long_seconds.txt"] = seconds.Bytes()
	files["long_microseconds.txt"] = micro.Bytes()
	files["long_cut.txt"] = seconds.Bytes()[:seconds.Len()-9]
	files["no_events.txt"] = []byte("t,x,y,p\n")
	damaged := bytes.Split(bytes.Clone(seconds.Bytes()), []byte("\n"))
	damaged[7] = damaged[7][:20]
	damaged[99] = []byte("interrupted: the disk is full")
	damaged[200] = append(damaged[200], " 1"...)
	files["long_damaged.txt"] = bytes.Join(damaged, []byte("\n"))
	return files
}

// describe is a line of testdata/digests.tsv: what a reader finds in a file.
func describe(t *testing.T, name string, content []byte) string {
	r := reader(t, bytes.NewReader(content), text.Options{})
	in, damage, end := readAll(t, r, 64)
	d := events.NewDigester()
	d.Add(in)
	s := d.Sum()
	return fmt.Sprintf("%s\t%d\t%s\t%s\t%s\t%s\t%v\t%d\t%v\n", name, len(in), s.T, s.X, s.Y, s.P, r.Skipped(), len(damage), end)
}

// The files are the generator's, and reading them gives the digests committed.
func TestCorpus(t *testing.T) {
	files := corpus()
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var table strings.Builder
	table.WriteString("file\tevents\tsha3_224(t)\tsha3_224(x)\tsha3_224(y)\tsha3_224(p)\tskipped\tdamaged\tend\n")
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
