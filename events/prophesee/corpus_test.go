package prophesee_test

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
)

// corpus is what cameras send and decoders trip over, a file each.
var corpus = []struct {
	name, about string
	evt         string
	fill        func(c *camera)
}{
	{"evt3_single.raw", "single words, each with its row", "3.0", func(c *camera) { c.repeat(200, c.single) }},
	{"evt3_vectors.raw", "vectors of 12, 12 and 8 pixels", "3.0", func(c *camera) { c.repeat(40, func() { c.vector(nothing, 12, 12, 8) }) }},
	{"evt3_long_vectors.raw", "two vectors behind one base", "3.0", func(c *camera) { c.repeat(20, func() { c.vector(nothing, 12, 12, 8, 12, 12, 8) }) }},
	{"evt3_short_vectors.raw", "single VECT_12 and VECT_8 words, and others than cameras send in threes: each moves the base by its own width", "3.0", func(c *camera) {
		c.repeat(60, func() {
			shapes := [][]int{{12}, {8}, {12, 8}, {8, 12}, {12, 12}, {8, 8, 8}, {12, 12, 12}}
			c.vector(nothing, shapes[c.IntN(len(shapes))]...)
		})
	}},
	{"evt3_interrupted_vectors.raw", "extensions, padding, triggers and high parts of time between the words of a vector", "3.0", func(c *camera) {
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
	{"evt3_padding.raw", "up to eight words of 0x9999 between the others", "3.0", func(c *camera) {
		c.repeat(40, func() {
			c.single()
			c.padding(c.IntN(9))
			c.vector(nothing, 12, 12, 8)
		})
	}},
	{"evt3_triggers.raw", "external triggers between the events", "3.0", func(c *camera) { c.repeat(60, func() { c.single(); c.trigger() }) }},
	{"evt3_wraps.raw", "the counter of 24 bits runs over, again and again", "3.0", func(c *camera) { c.repeat(60, func() { c.single(); c.wait(c.Int64N(2_000_000)) }) }},
	{"evt3_late_start.raw", "cut out of the middle of a stream: the first events have no time, row or base", "3.0", func(c *camera) {
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
	{"evt3_cut_vector.raw", "the file ends in the middle of a vector", "3.0", func(c *camera) {
		c.repeat(20, func() { c.vector(nothing, 12, 12, 8) })
		c.vector(nothing, 12)
	}},
	{"evt3_cut_word.raw", "the file ends in the middle of a word", "3.0", func(c *camera) {
		c.repeat(20, c.single)
		c.words = append(c.words, 0x44)
		c.cut = true
	}},
	{"evt3_off_sensor.raw", "events beyond the right edge", "3.0", func(c *camera) {
		c.repeat(20, func() {
			c.single()
			c.w16(2, 1300)
			c.damage++
			c.vector(nothing, 12, 12, 8)
		})
	}},
	{"evt3_old_header.raw", "the header of an older file, which names the sensor only", "3.0", func(c *camera) {
		c.head = []byte("% Date 2020-09-25 07:48:29\n% evt 3.0\n% plugin_name hal_plugin_gen41_evk3\n% system_ID 48\n")
		c.repeat(50, c.single)
	}},
	{"evt2_single.raw", "events and high parts of time", "2.0", func(c *camera) { c.repeat(200, c.single) }},
	{"evt2_mixed.raw", "extensions, triggers and words of no type between the events", "2.0", func(c *camera) {
		c.repeat(60, func() {
			c.single()
			c.extension()
			c.trigger()
			c.w32(9<<28 | c.Uint32()>>4) // of no type
		})
	}},
	{"evt2_wraps.raw", "gaps of up to 36 minutes: the high part goes on in steps", "2.0", func(c *camera) { c.repeat(40, func() { c.single(); c.wait(c.Int64N(1 << 31)) }) }},
	{"evt2_cut_word.raw", "the file ends in the middle of a word", "2.0", func(c *camera) {
		c.repeat(20, c.single)
		c.words = append(c.words, 1, 2, 3)
		c.cut = true
	}},
	{"evt21_little.raw", "words low byte first, of one event and of many", "2.1", func(c *camera) { c.repeat(40, func() { c.single(); c.vector(nothing) }) }},
	{"evt21_legacy.raw", "words with the high half first", "2.1", func(c *camera) {
		c.words, c.legacy = nil, true
		c.high()
		c.repeat(40, func() { c.single(); c.vector(nothing) })
	}},
	{"evt21_mixed.raw", "extensions and triggers between the events", "2.1", func(c *camera) {
		c.repeat(40, func() { c.vector(nothing); c.extension(); c.trigger() })
	}},
	{"evt21_wraps.raw", "gaps of up to 36 minutes: the high part goes on in steps", "2.1", func(c *camera) { c.repeat(40, func() { c.vector(nothing); c.wait(c.Int64N(1 << 31)) }) }},
}

func (c *camera) repeat(n int, send func()) {
	for range n {
		send()
		c.wait(c.Int64N(60))
	}
}

// The readers find in the files what was meant.
func TestCorpus(t *testing.T) {
	files := make([]formattest.File, 0, len(corpus))
	for i, f := range corpus {
		c := &camera{Rand: rand.New(rand.NewPCG(8, uint64(i))), evt: f.evt, geometry: events.Geometry{Width: 1280, Height: 720}, t: 5_000_000}
		c.high()
		c.wait(7)
		f.fill(c)
		files = append(files, formattest.File{
			Name: f.name, About: f.about, Format: "evt" + strings.TrimSuffix(strings.ReplaceAll(f.evt, ".", ""), "0"), Data: c.file(),
			Geometry: c.geometry, Events: c.events, Damaged: c.damage, Cut: c.cut, Triggers: told(c.triggers),
			Watch: func(t *testing.T, r events.Reader) func() {
				var triggers []events.Trigger
				formattest.Triggers(t, r, &triggers)
				return func() { require.Equal(t, c.triggers, triggers, f.name) }
			},
		})
	}
	formattest.Corpus(t, filepath.Join("testdata", "corpus"), files)
}

// told is how the manifest tells of external triggers: before which event, counted from
// 0, each stands. It is nil where there are none.
func told(triggers []events.Trigger) any {
	type trigger struct {
		T      int64 `json:"t"`
		ID     uint8 `json:"id"`
		Rising bool  `json:"rising"`
		Before int64 `json:"before_event"`
	}
	var out []trigger
	for _, g := range triggers {
		out = append(out, trigger{g.T, g.ID, g.Rising, g.After})
	}
	if out == nil {
		return nil
	}
	return out
}
