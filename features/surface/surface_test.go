package surface_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/surface"
)

// model is a surface as it is meant: the time of every cell's last event in 64
// bits, and nothing where there was none.
type model struct {
	cells   map[int]int64
	horizon uint64
	newest  int64
	started bool
	clears  uint64
}

func (m *model) event(at int, t int64) {
	switch {
	case !m.started || t >= m.newest:
		m.newest = t
	case uint64(m.newest)-uint64(t) > m.horizon: // the distance of two int64 fits in a uint64
		clear(m.cells)
		m.newest = t
		m.clears++
	}
	m.started = true
	m.cells[at] = t
}

func (m *model) reset() {
	clear(m.cells)
	m.started = false
}

// age of a cell at a time, 0 in the future; false for a cell that never fired.
func (m *model) age(at int, now int64) (uint64, bool) {
	t, fired := m.cells[at]
	if t > now {
		return 0, fired
	}
	return uint64(now) - uint64(t), fired
}

// times draws the time of an event behind the latest: as cameras send them, and
// as they do not.
func drawTime(t *rapid.T, newest int64, horizon uint32) int64 {
	h := int64(horizon)
	step := rapid.OneOf(
		rapid.Int64Range(0, 100),
		rapid.Int64Range(-100, 100),
		rapid.Int64Range(-h-2, h+2),
		rapid.SampledFrom([]int64{
			0, -1, -h - 1, -h, -h + 1, h - 1, h, h + 1, 2*h + 1, 2*h + 2, 2*h + 3,
			1<<30 - 1, 1 << 30, 1<<31 - 2*h - 4, 1<<31 - 2*h - 3, 1<<31 - 2*h - 2, 1<<31 - 1, 1 << 31, 1<<31 + 1, 1 << 32, 1 << 40, -1 << 40,
		}),
	).Draw(t, "step")
	return rapid.OneOf(
		rapid.Just(newest+step), rapid.Just(newest+step), rapid.Just(newest+step), rapid.Just(newest+step),
		rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, math.MaxInt64 - 1, math.MaxInt64}),
		rapid.Int64(),
	).Draw(t, "time")
}

func TestSurfaceIsItsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := events.Geometry{Width: rapid.IntRange(1, 5).Draw(t, "width"), Height: rapid.IntRange(1, 4).Draw(t, "height")}
		planes := rapid.IntRange(1, 3).Draw(t, "planes")
		border := rapid.IntRange(0, 3).Draw(t, "border")
		horizon := rapid.OneOf(
			rapid.SampledFrom([]uint32{0, 1, 12, 180_000, surface.MaxHorizon - 1, surface.MaxHorizon}), rapid.Uint32Range(0, surface.MaxHorizon),
		).Draw(t, "horizon")
		s := surface.New(g, planes, border, horizon)
		m := &model{cells: map[int]int64{}, horizon: uint64(horizon)}

		var now int64
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			switch rapid.IntRange(0, 19).Draw(t, "what") {
			case 0:
				s.Reset()
				m.reset()
			case 1: // stopped and continued elsewhere
				b, err := s.AppendBinary([]byte("before"))
				require.NoError(t, err)
				require.Len(t, b, 6+s.StateLen())
				again := surface.New(g, planes, border, horizon)
				again.Cells[again.Index(0, 0, 0)] = again.Stamp(77)
				require.NoError(t, again.UnmarshalBinary(b[6:]))
				s = again
			}
			now = drawTime(t, now, horizon)
			x, y := uint16(rapid.IntRange(0, g.Width-1).Draw(t, "x")), uint16(rapid.IntRange(0, g.Height-1).Draw(t, "y"))
			at := s.Index(rapid.IntRange(0, planes-1).Draw(t, "plane"), x, y)
			stamp := s.Stamp(now)
			s.Cells[at] = stamp
			m.event(at, now)

			require.Equal(t, m.clears, s.StepsBack)
			for i, cell := range s.Cells {
				age := uint64(stamp - min(cell, stamp))
				want, fired := m.age(i, now)
				switch {
				case fired && want < uint64(horizon):
					require.Equal(t, want, age, "cell %d at %d", i, now)
				default:
					require.GreaterOrEqual(t, age, uint64(horizon), "cell %d at %d: age %d, fired %v", i, now, want, fired)
				}
			}
		}
	})
}

// Index reaches every pixel of every plane once, none of them near enough to the
// memory's ends for a patch of the border's radius to leave it.
func TestIndex(t *testing.T) {
	const border, planes = 2, 3
	g := events.Geometry{Width: 5, Height: 4}
	s := surface.New(g, planes, border, 100)
	require.Len(t, s.Cells, planes*s.Plane)
	seen := map[int]bool{}
	for q := range planes {
		for y := range uint16(4) {
			for x := range uint16(5) {
				at := s.Index(q, x, y)
				require.False(t, seen[at])
				seen[at] = true
				first, last := at-border*(s.Stride+1), at+border*(s.Stride+1)
				require.True(t, first >= q*s.Plane && last < (q+1)*s.Plane, "a patch stays in its plane")
			}
		}
	}
	require.Equal(t, s.Index(1, 3, 2), s.Index(1, 2, 2)+1)
	require.Equal(t, s.Index(1, 3, 3), s.Index(1, 3, 2)+s.Stride)
	require.Equal(t, s.Index(2, 3, 2), s.Index(1, 3, 2)+s.Plane)
}

// The base moves once in 36 minutes of stream, and what is younger than the
// horizon then is as old as before.
func TestBaseMoves(t *testing.T) {
	const horizon = 200_000
	s := surface.New(events.Geometry{Width: 2, Height: 1}, 1, 0, horizon)
	moves := 0
	var last uint32
	for now := int64(0); now < 1<<36; now += 150_000 {
		at := int(now / 150_000 % 2)
		stamp := s.Stamp(now)
		if stamp < last {
			moves++
		}
		last = stamp
		if now > 0 {
			require.Equal(t, uint32(150_000), stamp-s.Cells[1-at], "at %d us", now)
		}
		s.Cells[at] = stamp
	}
	require.Equal(t, 32, moves)
	require.Zero(t, s.StepsBack)
}

func TestNewPanics(t *testing.T) {
	g := events.Geometry{Width: 2, Height: 2}
	for _, make := range []func(){
		func() { surface.New(events.Geometry{}, 1, 0, 1) },
		func() { surface.New(events.Geometry{Width: events.MaxSide + 1, Height: 1}, 1, 0, 1) },
		func() { surface.New(g, 0, 0, 1) },
		func() { surface.New(g, 1, -1, 1) },
		func() { surface.New(g, 1, 0, surface.MaxHorizon+1) },
	} {
		require.PanicsWithValue(t, surface.PanicConfig, make)
	}
}

func TestStateRefused(t *testing.T) {
	g := events.Geometry{Width: 3, Height: 2}
	s := surface.New(g, 2, 1, 1000)
	for i := range int64(5) {
		s.Cells[s.Index(int(i%2), uint16(i%3), 0)] = s.Stamp(5_000_000_000 + i*100)
	}
	good, err := s.AppendBinary(nil)
	require.NoError(t, err)
	change := func(at int, v uint64, size int) []byte {
		b := append([]byte(nil), good...)
		binary.LittleEndian.PutUint64(b[at:], v&(1<<(8*size)-1)|binary.LittleEndian.Uint64(b[at:])>>(8*size)<<(8*size))
		return b
	}
	const cells = 33 // bytes before them
	for name, c := range map[string]struct {
		state []byte
		says  string
	}{
		"nothing":              {nil, fmt.Sprintf("expected %d bytes for 40 cells, found 0", len(good))},
		"short":                {good[:len(good)-1], "found 192"},
		"long":                 {append(good[:len(good):len(good)], 0), "found 194"},
		"other shape":          {change(25, 41, 8), "at byte 25: expected 40 cells, found 41"},
		"started":              {change(24, 2, 1), "at byte 24: expected 0 or 1, found 2"},
		"not started":          {change(24, 0, 1), "does not belong to the latest time"},
		"base ahead":           {change(0, 5_000_000_401, 8), "time base 5000000401 does not belong to the latest time 5000000400"},
		"base far behind":      {change(0, 1, 8), "does not belong"},
		"a cell of the future": {change(cells+4*7, 2403, 4), "at byte 61: expected a stamp of at most 2402, found 2403"},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, s.UnmarshalBinary(c.state), c.says)
			now, err := s.AppendBinary(nil)
			require.NoError(t, err)
			require.Equal(t, good, now, "the surface is as it was")
		})
	}
	require.NoError(t, s.UnmarshalBinary(good))
	// What was never started is a state too.
	fresh, err := surface.New(g, 2, 1, 1000).AppendBinary(nil)
	require.NoError(t, err)
	require.NoError(t, s.UnmarshalBinary(fresh))
	require.NotZero(t, s.Stamp(math.MinInt64))
}

func FuzzState(f *testing.F) {
	g := events.Geometry{Width: 2, Height: 1}
	s := surface.New(g, 1, 0, 1000)
	empty, err := s.AppendBinary(nil)
	require.NoError(f, err)
	s.Cells[0] = s.Stamp(-5)
	good, err := s.AppendBinary(nil)
	require.NoError(f, err)
	f.Add(empty, int64(0))
	f.Add(good, int64(math.MinInt64))
	f.Add(good[:30], int64(1))
	f.Fuzz(func(t *testing.T, state []byte, now int64) {
		s := surface.New(g, 1, 0, 1000)
		if s.UnmarshalBinary(state) != nil {
			return
		}
		again, err := s.AppendBinary(nil)
		require.NoError(t, err)
		require.Equal(t, state, again, "what is put back is what is taken")
		stamp := s.Stamp(now)
		for _, c := range s.Cells {
			require.True(t, c <= stamp+1000 || c-stamp <= 1000, "no cell is further in the future than the horizon")
		}
	})
}

func BenchmarkStamp(b *testing.B) {
	s := surface.New(events.Geometry{Width: 34, Height: 34}, 1, 0, 200_000)
	now := int64(0)
	for b.Loop() {
		s.Cells[s.Index(0, uint16(now%34), 3)] = s.Stamp(now)
		now += 7
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
