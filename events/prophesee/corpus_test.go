package prophesee_test

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
	"github.com/saccade-dev/saccade/events/prophesee"
)

// update writes the corpus anew: go test ./events/prophesee -run TestCorpus -update.
var update = flag.Bool("update", false, "write the conformance corpus below testdata")

// corpus is what cameras send and decoders trip over, a file each.
var corpus = []struct {
	name string
	evt  string
	fill func(c *camera)
}{
	{"evt3_single.raw", "3.0", func(c *camera) { c.repeat(200, c.single) }},
	{"evt3_vectors.raw", "3.0", func(c *camera) { c.repeat(40, func() { c.vector(nothing, 12, 12, 8) }) }},
	{"evt3_long_vectors.raw", "3.0", func(c *camera) { c.repeat(20, func() { c.vector(nothing, 12, 12, 8, 12, 12, 8) }) }},
	{"evt3_short_vectors.raw", "3.0", func(c *camera) {
		c.repeat(60, func() {
			shapes := [][]int{{12}, {8}, {12, 8}, {8, 12}, {12, 12}, {8, 8, 8}, {12, 12, 12}}
			c.vector(nothing, shapes[c.IntN(len(shapes))]...)
		})
	}},
	{"evt3_interrupted_vectors.raw", "3.0", func(c *camera) {
		c.repeat(40, func() {
			c.vector(func() {
				switch c.IntN(5) {
				case 0:
					c.extension()
				case 1:
					c.padding(1)
				case 2:
					c.trigger()
				case 3:
					c.high() // again, which changes nothing
				}
			}, 12, 12, 8)
		})
	}},
	{"evt3_padding.raw", "3.0", func(c *camera) {
		c.repeat(40, func() {
			c.single()
			c.padding(c.IntN(9))
			c.vector(nothing, 12, 12, 8)
		})
	}},
	{"evt3_triggers.raw", "3.0", func(c *camera) { c.repeat(60, func() { c.single(); c.trigger() }) }},
	{"evt3_wraps.raw", "3.0", func(c *camera) { c.repeat(60, func() { c.single(); c.wait(c.Int64N(2_000_000)) }) }},
	{"evt3_late_start.raw", "3.0", func(c *camera) {
		// Cut out of the middle of a stream: nothing can be told of the first words.
		c.words = nil
		c.w16(2, 5)
		c.w16(4, 0xfff)
		c.w16(6, 99)
		c.w16(0, 7)
		c.w16(2, 5)
		c.high()
		c.wait(1)
		c.w16(5, 0xff)
		c.repeat(30, c.single)
	}},
	{"evt3_cut_vector.raw", "3.0", func(c *camera) {
		c.repeat(20, func() { c.vector(nothing, 12, 12, 8) })
		c.vector(nothing, 12)
	}},
	{"evt3_cut_word.raw", "3.0", func(c *camera) {
		c.repeat(20, c.single)
		c.words = append(c.words, 0x44)
		c.damage++
	}},
	{"evt3_off_sensor.raw", "3.0", func(c *camera) {
		c.repeat(20, func() {
			c.single()
			c.w16(2, 1300)
			c.damage++
			c.vector(nothing, 12, 12, 8)
		})
	}},
	{"evt3_old_header.raw", "3.0", func(c *camera) {
		c.head = []byte("% Date 2020-09-25 07:48:29\n% evt 3.0\n% plugin_name hal_plugin_gen41_evk3\n% system_ID 48\n")
		c.repeat(50, c.single)
	}},
	{"evt2_single.raw", "2.0", func(c *camera) { c.repeat(200, c.single) }},
	{"evt2_mixed.raw", "2.0", func(c *camera) {
		c.repeat(60, func() {
			c.single()
			c.extension()
			c.trigger()
			c.w32(9<<28 | c.Uint32()>>4) // of no type
		})
	}},
	{"evt2_wraps.raw", "2.0", func(c *camera) { c.repeat(40, func() { c.single(); c.wait(c.Int64N(1 << 31)) }) }},
	{"evt2_cut_word.raw", "2.0", func(c *camera) {
		c.repeat(20, c.single)
		c.words = append(c.words, 1, 2, 3)
		c.damage++
	}},
	{"evt21_little.raw", "2.1", func(c *camera) { c.repeat(40, func() { c.single(); c.vector(nothing) }) }},
	{"evt21_legacy.raw", "2.1", func(c *camera) {
		c.words, c.legacy = nil, true
		c.high()
		c.repeat(40, func() { c.single(); c.vector(nothing) })
	}},
	{"evt21_mixed.raw", "2.1", func(c *camera) {
		c.repeat(40, func() { c.vector(nothing); c.extension(); c.trigger() })
	}},
	{"evt21_wraps.raw", "2.1", func(c *camera) { c.repeat(40, func() { c.vector(nothing); c.wait(c.Int64N(1 << 31)) }) }},
}

func (c *camera) repeat(n int, send func()) {
	for range n {
		send()
		c.wait(c.Int64N(60))
	}
}

// corpusRow is what the list says of a file.
func corpusRow(name string, c *camera) string {
	d := events.NewDigester()
	d.Add(c.events)
	on := 0
	for _, e := range c.events {
		on += int(e.P)
	}
	at := func(e events.Event) string { return fmt.Sprintf("%d %d %d %d", e.T, e.X, e.Y, e.P) }
	sum := d.Sum()
	return strings.Join([]string{
		name, fmt.Sprintf("%dx%d", c.geometry.Width, c.geometry.Height), fmt.Sprint(len(c.events)), fmt.Sprint(on),
		at(c.events[0]), at(c.events[len(c.events)-1]), fmt.Sprint(len(c.triggers)), fmt.Sprint(c.damage), sum.T, sum.X, sum.Y, sum.P,
	}, "\t") + "\n"
}

// The corpus in testdata is the one that this file makes, and the readers find in it
// what was meant.
func TestCorpus(t *testing.T) {
	list := "file\tgeometry\tevents\ton\tfirst(t_us x y on)\tlast(t_us x y on)\ttriggers\tdamage\tsha3_224(t u64le)\tsha3_224(x u16le)\tsha3_224(y u16le)\tsha3_224(p u8)\n"
	dir := filepath.Join("testdata", "corpus")
	if *update {
		require.NoError(t, os.MkdirAll(dir, 0o750))
	}
	for i, f := range corpus {
		c := &camera{Rand: rand.New(rand.NewPCG(8, uint64(i))), evt: f.evt, geometry: events.Geometry{Width: 1280, Height: 720}, t: 5_000_000}
		c.high()
		c.wait(7)
		f.fill(c)
		data := c.file()
		list += corpusRow(f.name, c)
		path := filepath.Join(dir, f.name)
		if *update {
			require.NoError(t, os.WriteFile(path, data, 0o600))
		}
		stored, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, stored), "%s is not what the generator makes", f.name)

		name := "evt" + strings.TrimSuffix(strings.ReplaceAll(f.evt, ".", ""), "0")
		format, err := events.FormatByName(name)
		require.NoError(t, err)
		require.NoError(t, format.Detect(stored[:min(len(stored), events.DetectBytes)], int64(len(stored))))
		for _, capacity := range []int{1, 13, events.DefaultPacketEvents} {
			r, err := format.NewReader(bytes.NewReader(stored), events.Geometry{})
			require.NoError(t, err)
			var triggers []prophesee.Trigger
			collect(t, r, &triggers)
			got, damage := readAll(t, r, capacity)
			require.Equal(t, c.events, got, f.name)
			require.Equal(t, c.triggers, triggers, f.name)
			require.Len(t, damage, c.damage, f.name)
			require.Equal(t, c.geometry, r.Header().Geometry, f.name)
		}
	}
	path := filepath.Join(dir, "corpus.tsv")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(list), 0o600))
	}
	stored, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, list, string(stored))
}
