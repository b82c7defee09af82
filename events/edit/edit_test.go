package edit_test

import (
	"io"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/edit"
)

// parity keeps events at even x.
type parity struct{}

func (parity) Keep(e events.Event) bool { return e.X%2 == 0 }

// Each reader leaves just the events and triggers that it should, in their order and place,
// whatever the packets.
func TestCuts(t *testing.T) {
	area := edit.Area{X: 3, Y: 2, Geometry: events.Geometry{Width: 9, Height: 5}}
	inside := func(e events.Event) bool { return e.X >= 3 && e.X < 12 && e.Y >= 2 && e.Y < 7 }
	all := func(events.Trigger) bool { return true }
	for name, c := range map[string]struct {
		open func(src events.Reader) events.Reader
		keep func(e events.Event) bool
		edge func(events.Trigger) bool
		move func(e *events.Event)
		size events.Geometry
	}{
		"window": {
			func(src events.Reader) events.Reader { return edit.NewWindow(src, 50, 200) },
			func(e events.Event) bool { return e.T >= 50 && e.T < 200 },
			func(g events.Trigger) bool { return g.T >= 50 && g.T < 200 }, nil, sensor,
		},
		"open window": {
			func(src events.Reader) events.Reader { return edit.NewWindow(src, edit.Always, edit.Never) },
			func(events.Event) bool { return true }, all, nil, sensor,
		},
		"crop": {
			func(src events.Reader) events.Reader { return edit.NewCrop(src, area) }, inside, all,
			func(e *events.Event) { e.X, e.Y = e.X-3, e.Y-2 }, area.Geometry,
		},
		"mask": {func(src events.Reader) events.Reader { return edit.NewMask(src, area) }, inside, all, nil, sensor},
		"shift": {
			func(src events.Reader) events.Reader { return edit.NewShift(src, 0) }, func(events.Event) bool { return true }, all, nil, sensor,
		},
		"polarity": {func(src events.Reader) events.Reader { return edit.NewPolarity(src, events.On) }, func(e events.Event) bool { return e.P == events.On }, all, nil, sensor},
		"filtered": {func(src events.Reader) events.Reader { return edit.NewFiltered(src, sensor, parity{}) }, func(e events.Event) bool { return e.X%2 == 0 }, all, nil, sensor},
		"lenient":  {edit.NewLenient, func(events.Event) bool { return true }, all, nil, sensor},
		"peek":     {func(src events.Reader) events.Reader { return edit.NewPeek(src) }, func(events.Event) bool { return true }, all, nil, sensor},
		"merge":    {func(src events.Reader) events.Reader { return edit.NewMerge(src) }, func(events.Event) bool { return true }, all, nil, sensor},
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				in, triggers := draw(t, "one", true)
				want := []element{}
				for _, e := range weave(in, triggers) {
					switch {
					case e.trigger != nil && c.edge(*e.trigger), e.trigger == nil && c.keep(e.Event):
						if e.trigger == nil && c.move != nil {
							c.move(&e.Event)
						}
						want = append(want, e)
					}
				}
				r := c.open(source(t, in, triggers))
				got, _, end := elements(t, r, rapid.IntRange(1, 30).Draw(t, "capacity"))
				require.Equal(t, io.EOF, end)
				require.Equal(t, want, got)
				require.Equal(t, events.Header{Format: "made", Geometry: c.size}, r.Header())
			})
		})
	}
}

// A merge is ordered by time where its sources are, keeps their own order, and takes the
// first of them first where times are the same.
func TestMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		falls := rapid.Bool().Draw(t, "time falls")
		n := rapid.IntRange(1, 4).Draw(t, "sources")
		readers := make([]events.Reader, n)
		parts := make([][]element, n)
		for i := range n {
			in, triggers := draw(t, "source", falls)
			parts[i] = weave(in, triggers)
			readers[i] = source(t, in, triggers)
		}
		got, _, end := elements(t, edit.NewMerge(readers...), rapid.IntRange(1, 30).Draw(t, "capacity"))
		require.Equal(t, io.EOF, end)
		require.Equal(t, merged(parts), got)
		if !falls {
			require.True(t, slices.IsSortedFunc(got, func(a, b element) int { return int(a.time() - b.time()) }))
		}
	})
}

// merged takes the earliest head again and again.
func merged(parts [][]element) []element {
	out := []element{}
	for {
		first := -1
		for i, p := range parts {
			if len(p) > 0 && (first < 0 || p[0].time() < parts[first][0].time()) {
				first = i
			}
		}
		if first < 0 {
			return out
		}
		out = append(out, parts[first][0])
		parts[first] = parts[first][1:]
	}
}

// A recording that is split by area, and merged again where it was, is the recording, where no
// two pixels fire at once.
func TestMergeOfASplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, _ := draw(t, "one", false)
		in = slices.CompactFunc(in, func(a, b events.Event) bool { return a.T == b.T })
		at := rapid.IntRange(1, 19).Draw(t, "at")
		left := edit.NewMask(source(t, in, nil), edit.Area{Geometry: events.Geometry{Width: at, Height: 10}})
		right := edit.NewMask(source(t, in, nil), edit.Area{X: at, Geometry: events.Geometry{Width: 20 - at, Height: 10}})
		got, _, _ := elements(t, edit.NewMerge(left, right), 7)
		require.Equal(t, weave(in, nil), got)
	})
}

func TestMergeGeometry(t *testing.T) {
	geometry := func(g ...events.Geometry) events.Geometry {
		var readers []events.Reader
		for _, g := range g {
			readers = append(readers, &made{g: g})
		}
		return edit.NewMerge(readers...).Header().Geometry
	}
	require.Equal(t, events.Geometry{Width: 20, Height: 30}, geometry(events.Geometry{Width: 20, Height: 10}, events.Geometry{Width: 5, Height: 30}))
	require.Equal(t, events.Geometry{}, geometry(sensor, events.Geometry{}, sensor))
	require.Equal(t, events.Geometry{}, geometry(events.Geometry{}, sensor))
}

// A window reads no further than its grace behind its end.
func TestWindowEnds(t *testing.T) {
	src := &made{g: sensor, most: 1}
	for i := range int64(100) {
		src.in = append(src.in, events.Event{T: i * edit.Grace / 10})
	}
	src.in[10].T = 0 // late, and found
	got, _, end := elements(t, edit.NewWindow(src, 0, 1), 10)
	require.Equal(t, io.EOF, end)
	require.Len(t, got, 2)
	require.Equal(t, 12, src.at, "events that were read: to the first beyond the grace")
}

// An event beyond the plane of a filter is an error, and no panic in it.
func TestFilteredBeyond(t *testing.T) {
	in := []events.Event{{T: 1, X: 2}, {T: 5, X: 20}, {T: 6, X: 4}}
	got, _, end := elements(t, edit.NewFiltered(&made{in: in, most: 9}, sensor, parity{}), 10)
	require.EqualError(t, end, "event at t 5 us: x 20, y 0: expected an event within 20x10 pixels to filter")
	require.Equal(t, weave(in[:1], nil), got)
}

// What no source should have cannot fill the memory.
func TestTriggersAreBounded(t *testing.T) {
	src := &made{in: []events.Event{{T: 1}}, triggers: make([]events.Trigger, edit.MaxTriggers+5)}
	r := edit.NewPolarity(src, events.Off)
	got, _, _ := elements(t, r, 10)
	require.Len(t, got, edit.MaxTriggers+1)
	require.Equal(t, map[string]int64{"trigger too many": 5}, r.Skipped())
}

// Times count from another, those of triggers as well, and never run over.
func TestShift(t *testing.T) {
	in := []events.Event{{T: -5}, {T: 7}, {T: math.MaxInt64}, {T: 8}}
	triggers := []events.Trigger{{T: 3, After: 1}}
	got, _, end := elements(t, edit.NewShift(&made{in: in, triggers: triggers, most: 4}, 3), 10)
	require.Equal(t, io.EOF, end)
	require.Equal(t, weave([]events.Event{{T: -8}, {T: 4}, {T: math.MaxInt64 - 3}, {T: 5}}, []events.Trigger{{After: 1}}), got)
	got, _, end = elements(t, edit.NewShift(&made{in: in, most: 4}, -1), 10)
	require.EqualError(t, end, "t 9223372036854775807 us: expected a time that 64 bits of microseconds hold counted from -1 us")
	require.Len(t, got, 2)
}
