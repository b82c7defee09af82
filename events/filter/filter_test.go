package filter_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/filter"
)

var small = events.Geometry{Width: 5, Height: 4}

// stream draws events as cameras send them, and as they should not.
func stream(t *rapid.T, g events.Geometry, dt int64) []events.Event {
	now := rapid.SampledFrom([]int64{0, 1, -7, math.MaxInt64 - 3, math.MinInt64, 1 << 40}).Draw(t, "begin")
	steps := []int64{
		0, 1, 2, dt - 1, dt, dt + 1, -1, -dt, -dt - 1, -dt + 1, 999_999, 1_000_000, 1_000_001,
		-999_999, -1_000_000, -1_000_001, 2_000_000, 2_000_001, 3_000_000, 1 << 31, 1 << 32, 1<<32 + 1, -(1 << 32), math.MaxInt64, math.MinInt64,
	}
	usual := rapid.Int64Range(0, dt/2+1)
	in := make([]events.Event, rapid.IntRange(0, 700).Draw(t, "events"))
	every := rapid.IntRange(1, 40).Draw(t, "every") // from always strange to almost never
	for i := range in {
		step := usual
		if rapid.IntRange(1, every).Draw(t, "strange") == 1 {
			step = rapid.SampledFrom(steps)
		}
		now += step.Draw(t, "step") // it may wrap around, as anything may
		in[i] = events.Event{
			T: now,
			X: uint16(rapid.IntRange(0, g.Width-1).Draw(t, "x")),
			Y: uint16(rapid.IntRange(0, g.Height-1).Draw(t, "y")),
			P: events.Polarity(i & 1),
		}
		if rapid.IntRange(0, 300).Draw(t, "outside") == 0 {
			in[i].X = uint16(rapid.IntRange(g.Width, math.MaxUint16).Draw(t, "x"))
		}
	}
	return in
}

// Both are what they are meant to be, event by event and in packets of any size, with
// their state taken and put back at any point.
func TestAsDefined(t *testing.T) {
	for _, background := range []bool{false, true} {
		rapid.Check(t, func(rt *rapid.T) {
			dt := time.Duration(rapid.SampledFrom([]int{1, 2, 100, 5000, 999_999, 1_000_000}).Draw(rt, "dt")) * time.Microsecond
			in := stream(rt, small, dt.Microseconds())
			one, want, err := made(small, background, dt)
			require.NoError(t, err)
			many, _, err := made(small, background, dt)
			require.NoError(t, err)
			var kept []events.Event
			for _, e := range in {
				keep := want.Keep(e)
				require.Equal(t, keep, one.Keep(e), "%+v", e)
				if keep {
					kept = append(kept, e)
				}
			}
			var got []events.Event
			for len(in) > 0 {
				n := rapid.IntRange(1, len(in)).Draw(rt, "packet")
				p := events.NewPacket(n)
				p.Events = append(p.Events, in[:n]...)
				dropped := many.Run(p)
				require.Equal(t, n, dropped+len(p.Events))
				got = append(got, p.Events...)
				in = in[n:]
				if rapid.IntRange(0, 3).Draw(rt, "cut") == 0 {
					state, err := many.MarshalBinary()
					require.NoError(t, err)
					many, _, err = made(small, background, dt)
					require.NoError(t, err)
					require.NoError(t, many.UnmarshalBinary(state))
					again, err := many.MarshalBinary()
					require.NoError(t, err)
					require.Equal(t, state, again)
				}
			}
			require.Equal(t, kept, got)
			a, err := one.MarshalBinary()
			require.NoError(t, err)
			b, err := many.MarshalBinary()
			require.NoError(t, err)
			require.Equal(t, a, b)
		})
	}
}

// at is an ON event.
func at(t int64, x, y uint16) events.Event { return events.Event{T: t, X: x, Y: y, P: events.On} }

func TestRefractory(t *testing.T) {
	r, err := filter.NewRefractory(small, time.Millisecond)
	require.NoError(t, err)
	for _, c := range []struct {
		e    events.Event
		kept bool
		why  string
	}{
		{at(0, 1, 1), true, "the first"},
		{at(999, 1, 1), false, "too soon"},
		{at(999, 2, 1), true, "another pixel"},
		{events.Event{T: 999, X: 1, Y: 1}, false, "another polarity"},
		{at(1000, 1, 1), true, "a period after the last one kept, not after the last of all"},
		{at(1, 1, 1), false, "late, and less than a period away"},
		{at(0, 1, 1), true, "late, by a period"},
		{at(5000, 1, 1), true, "later"},
		{at(-995_001, 1, 1), true, "turned back"},
		{at(-995_000, 2, 1), true, "turned back: that at 999 does not count any more"},
		{at(-994_500, 2, 1), false, "too soon on the new clock"},
		{at(5000, 1, 1), true, "what was before the clock was turned back is forgotten"},
	} {
		require.Equal(t, c.kept, r.Keep(c.e), c.why)
	}
	r.Reset()
	require.True(t, r.Keep(at(5000, 1, 1)), "forgotten")
}

func TestBackground(t *testing.T) {
	b, err := filter.NewBackground(small, 5*time.Millisecond)
	require.NoError(t, err)
	for _, c := range []struct {
		e    events.Event
		kept bool
		why  string
	}{
		{at(0, 0, 0), false, "the first"},
		{at(10, 0, 0), false, "its own pixel is no neighbour"},
		{at(20, 1, 1), true, "a neighbour that was dropped is one"},
		{at(5020, 2, 2), true, "just within"},
		{at(10021, 3, 3), false, "just too late"},
		{at(10021, 0, 3), false, "not around the edge of a row"},
		{at(10030, 4, 0), false, "the upper right corner"},
		{at(10031, 0, 1), false, "nor the row below"},
		{at(10031, 4, 1), true, "below the corner"},
		{at(-1_000_000, 4, 1), false, "turned back: nothing is near any more"},
		{at(-999_000, 3, 1), true, "and it goes on from there"},
		{events.Event{T: -999_000, X: 5, Y: 9}, true, "not on the sensor"},
	} {
		require.Equal(t, c.kept, b.Keep(c.e), c.why)
	}
	b.Reset()
	require.False(t, b.Keep(at(-999_000, 4, 1)), "forgotten")
}

// A stream whose stamps go through 32 bits many times over, by leaps that each take it
// as far as one can.
func TestStampsRunOut(t *testing.T) {
	for _, background := range []bool{false, true} {
		f, want, err := made(small, background, time.Second)
		require.NoError(t, err)
		p := events.NewPacket(300)
		for i := range int64(6000) {
			e := at(i*1_999_999, uint16(i%3), uint16(i%2))
			if i%5 == 0 {
				e.T -= 999_990
			}
			if len(p.Events) == cap(p.Events) {
				p.Reset()
			}
			keep := want.Keep(e)
			if i < 3000 {
				require.Equal(t, keep, f.Keep(e), "%d", i)
				continue
			}
			p.Events = append(p.Events[:0], e)
			require.Equal(t, keep, f.Run(p) == 0, "%d", i)
		}
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		g    events.Geometry
		dt   time.Duration
		says string
	}{
		"no width":   {events.Geometry{Height: 2}, time.Millisecond, "expected 1 to 4096 pixels a side, found 0x2"},
		"too large":  {events.Geometry{Width: 4097, Height: 2}, time.Millisecond, "found 4097x2"},
		"no time":    {small, 0, "1µs to 1s, found 0s"},
		"negative":   {small, -time.Millisecond, "found -1ms"},
		"too long":   {small, time.Second + time.Microsecond, "found 1.000001s"},
		"part of µs": {small, 1500 * time.Nanosecond, "expected whole microseconds"},
	} {
		for _, background := range []bool{false, true} {
			_, _, err := made(c.g, background, c.dt)
			require.ErrorContains(t, err, c.says, name)
		}
	}
}

func TestRunDoesNotAllocate(t *testing.T) {
	in := scene(4096)
	p := events.NewPacket(len(in))
	for _, background := range []bool{false, true} {
		f, _, err := made(hd, background, time.Millisecond)
		require.NoError(t, err)
		require.Zero(t, testing.AllocsPerRun(20, func() {
			p.Events = append(p.Events[:0], in...)
			f.Run(p)
		}))
	}
}
