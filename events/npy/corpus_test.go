package npy_test

import (
	"archive/zip"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/npy"
)

// The layouts of the other tests, and a longer recording as an array, as an archive, and
// as an archive with an array a field.
func TestCorpus(t *testing.T) { formattest.Corpus(t, "testdata", corpus(t)) }

// corpus makes the files from numpy's format specification.
func corpus(t *testing.T) []formattest.File {
	var out []formattest.File
	add := func(name, about string, data []byte, in []events.Event) *formattest.File {
		format := map[string]string{".npy": npy.Name, ".npz": npy.NameZip}[filepath.Ext(name)]
		out = append(out, formattest.File{Name: name, About: about, Format: format, Data: data, Events: in})
		return &out[len(out)-1]
	}
	made := layouts()
	for _, about := range slices.Sorted(maps.Keys(made)) {
		name := strings.ToLower(strings.NewReplacer(" ", "_", ",", "", "'", "").Replace(about))
		add(name+".npy", "three events: "+about, made[about], want)
	}
	rng := rand.New(rand.NewPCG(8, 4))
	const n = 300
	var now int64
	var in []events.Event
	var records []any
	var ts []int64
	var xs, ys []int16
	var ps []bool
	for range n {
		now += rng.Int64N(40)
		x, y, p := int16(rng.IntN(640)), int16(rng.IntN(480)), rng.IntN(2) == 1
		records = append(records, now, x, y, p)
		ts, xs, ys, ps = append(ts, now), append(xs, x), append(ys, y), append(ps, p)
		e := events.Event{T: now, X: uint16(x), Y: uint16(y)}
		if p {
			e.P = events.On
		}
		in = append(in, e)
	}
	long := array(tonic, n, records...)
	add("long.npy", "tonic's records", long, in)
	add("long_truncated.npy", "the last record has eight bytes", long[:len(long)-5], in[:n-1]).Cut = true
	add("no_events.npy", "an array of no records", array(tonic, 0), nil)
	add("long_savez.npz", "as numpy.savez makes it", savez(part{"arr_0.npy", long}), in)
	add("long_fields.npz", "an array a field", savez(part{"t.npy", array("'<i8'", n, ts)}, part{"x.npy", array("'<i2'", n, xs)},
		part{"y.npy", array("'<i2'", n, ys)}, part{"p.npy", array("'|b1'", n, ps)}), in)
	add("three_stored_streamed.npz", "stored, its size behind it", archive(t, zip.Store, part{"events.npy", three()}), want)
	return out
}
