package frames_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/hw"
)

// given is a frame that was handed out, kept.
type given struct {
	values          []int32
	from, to        int64
	events, drawn   uint64
	index, skipped  uint64
	behind, ofDrawn int // by definition alone: the events before its end, and those of its interval from where on
}

func keep(out *[]given) func(*frames.Frame) error {
	return func(f *frames.Frame) error {
		*out = append(*out, given{
			values: slices.Clone(f.Values), from: f.From, to: f.To,
			events: f.Events, drawn: f.Drawn, index: f.Index, skipped: f.Skipped,
		})
		return nil
	}
}

// planeOf is the plane of an event by its definition, below 0 where it is not drawn.
func planeOf(c frames.Config, e events.Event, winner int16) int {
	switch {
	case int(e.X) >= c.Width || int(e.Y) >= c.Height:
		return -1
	case c.Source == frames.Features:
		return int(winner)
	case c.Mode == frames.Merged:
		return 0
	case c.Mode == frames.On:
		return int(e.P) - 1
	default:
		return int(e.P)
	}
}

// intervals cuts a recording whose times do not run back, by the definition.
func intervals(c frames.Config, in []events.Event, winners []int16) (out []given) {
	if len(in) == 0 {
		return nil
	}
	count := func(g given, from, to int) given {
		g.ofDrawn, g.behind, g.events = from, to, uint64(to-from)
		for i := from; i < to; i++ {
			if planeOf(c, in[i], winners[i]) >= 0 {
				g.drawn++
			}
		}
		return g
	}
	if c.Events > 0 {
		from, drawn := 0, 0
		for i := range in {
			if planeOf(c, in[i], winners[i]) >= 0 {
				drawn++
			}
			if drawn == c.Events || i == len(in)-1 && (drawn > 0 || len(out) == 0 && from <= i) {
				out = append(out, count(given{from: in[from].T, to: in[i].T}, from, i+1))
				from, drawn = i+1, 0
			}
		}
	} else {
		every := c.Every.Microseconds()
		at, empty, skipped := 0, 0, uint64(0)
		for start := in[0].T; at < len(in); start += every {
			end := at
			for end < len(in) && in[end].T < start+every {
				end++
			}
			if end == at {
				if empty >= max(0, c.MaxEmpty) {
					skipped++
					continue
				}
				empty++
			} else {
				empty = 0
			}
			g := count(given{from: start, to: start + every, skipped: skipped}, at, end)
			skipped, at = 0, end
			if at == len(in) && g.drawn == 0 && len(out) > 0 {
				break // the last one, of which nothing was drawn
			}
			out = append(out, g)
		}
	}
	for i := range out {
		out[i].index = uint64(i)
	}
	return out
}

// window tells whether a pixel lies in a cell along one side.
func window(c frames.Config, pixel uint16, cell int) bool {
	first := cell*c.Pool - (c.Kernel-c.Pool)/2
	return int(pixel) >= first && int(pixel) < first+c.Kernel
}

// define gives the frames of a recording by their definition, value by value.
func define(t require.TestingT, c frames.Config, in []events.Event, winners []int16) []given {
	c = c.Canonical()
	decay := decayOf(t, c)
	out := intervals(c, in, winners)
	for k := range out {
		g := &out[k]
		for plane := range c.Planes() {
			for row := range c.Rows() {
				for column := range c.Columns() {
					g.values = append(g.values, value(c, decay, g, in, winners, plane, row, column))
				}
			}
		}
		g.ofDrawn, g.behind = 0, 0
	}
	return out
}

func decayOf(t require.TestingT, c frames.Config) (d *hw.Decay) {
	var err error
	switch c.Decay {
	case "":
		return nil
	case feast.DecayIndex:
		d, err = hw.NewLinearDecay(int64(c.Last), hw.MaxPeakBits)
	case feast.DecayLinear:
		d, err = hw.NewLinearDecay(c.Tau.Microseconds(), hw.MaxPeakBits)
	default:
		d, err = hw.NewDecay(c.Tau.Microseconds(), hw.MaxPeakBits)
	}
	require.NoError(t, err)
	return d
}

func value(c frames.Config, decay *hw.Decay, g *given, in []events.Event, winners []int16, plane, row, column int) int32 {
	from := 0
	if c.Kind == frames.Counts {
		from = g.ofDrawn
	}
	count, latest, at, drawn := 0, int64(math.MinInt64), 0, 0
	newest := int64(math.MinInt64)
	for i := from; i < g.behind; i++ {
		p := planeOf(c, in[i], winners[i])
		if p < 0 {
			continue
		}
		drawn++
		newest = in[i].T
		if p == plane && window(c, in[i].X, column) && window(c, in[i].Y, row) {
			count, latest, at = count+1, in[i].T, drawn
		}
	}
	if c.Kind == frames.Counts {
		return int32(min(c.Levels, int(math.Floor(float64(count)/float64(c.Step)+0.5))))
	}
	if count == 0 {
		return 0
	}
	to := g.to
	if c.Events > 0 {
		to = newest
	}
	age := uint64(to - latest)
	if c.Decay == feast.DecayIndex {
		age = uint64(drawn - at)
	}
	share := float64(decay.Value(uint32(min(age, math.MaxUint32)))) / (1 << hw.MaxPeakBits)
	return int32(math.Floor(share*float64(c.Levels) + 0.5))
}

// someConfig draws a configuration.
func someConfig(t *rapid.T) frames.Config {
	c := frames.Config{
		Width: rapid.IntRange(1, 12).Draw(t, "width"), Height: rapid.IntRange(1, 9).Draw(t, "height"),
		Pool:   rapid.IntRange(1, 4).Draw(t, "pool"),
		Levels: rapid.SampledFrom([]int{1, 3, 15, 255, frames.MaxLevels}).Draw(t, "levels"),
	}
	c.Kernel = c.Pool + rapid.IntRange(0, 3).Draw(t, "more")
	if rapid.Bool().Draw(t, "features") {
		c.Source, c.Features = frames.Features, rapid.IntRange(1, 4).Draw(t, "planes")
	} else {
		c.Mode = rapid.SampledFrom([]frames.Mode{"", frames.Split, frames.Merged, frames.On}).Draw(t, "mode")
	}
	if rapid.Bool().Draw(t, "by events") {
		c.Events = rapid.IntRange(1, 40).Draw(t, "events")
	} else {
		c.Every = time.Duration(rapid.IntRange(1, 3000).Draw(t, "every")) * time.Microsecond
		c.MaxEmpty = rapid.SampledFrom([]int{-1, 0, 1, 3}).Draw(t, "max empty")
	}
	if rapid.Bool().Draw(t, "counts") {
		c.Step = rapid.IntRange(1, 5).Draw(t, "step")
		return c
	}
	c.Kind = frames.Surface
	c.Decay = rapid.SampledFrom([]feast.Decay{"", feast.DecayExponential, feast.DecayLinear, feast.DecayIndex}).Draw(t, "decay")
	if c.Decay == feast.DecayIndex {
		c.Last = rapid.IntRange(1, 60).Draw(t, "last")
	} else {
		c.Tau = time.Duration(rapid.IntRange(1, 5000).Draw(t, "tau")) * time.Microsecond
	}
	return c
}

// someEvents draws a recording whose times do not run back.
func someEvents(t *rapid.T, c frames.Config) (in []events.Event, winners []int16) {
	at := rapid.Int64Range(-1e12, 1e12).Draw(t, "start")
	for range rapid.IntRange(0, 120).Draw(t, "n") {
		at += rapid.SampledFrom([]int64{0, 1, 7, 150, 2900, 40_000}).Draw(t, "step")
		in = append(in, events.Event{
			T: at, X: uint16(rapid.IntRange(0, c.Width).Draw(t, "x")), Y: uint16(rapid.IntRange(0, c.Height).Draw(t, "y")),
			P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
		})
		winners = append(winners, int16(rapid.IntRange(-2, max(c.Features, 1)-1).Draw(t, "winner")))
	}
	return in, winners
}

// Whatever frames are made of, however the recording is cut and handed from framer to
// framer as states in between, they are those of the definition.
func TestFramesAreTheirDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := someConfig(t)
		in, winners := someEvents(t, c)
		f, err := frames.New(c)
		require.NoError(t, err)
		var got []given
		for from := 0; from < len(in); {
			to := from + rapid.IntRange(0, len(in)-from).Draw(t, "packet")
			require.NoError(t, f.Add(in[from:to], winners[from:to], keep(&got)))
			from = to
			if rapid.IntRange(0, 3).Draw(t, "state") == 0 {
				b, err := f.MarshalBinary()
				require.NoError(t, err)
				f, err = frames.New(c)
				require.NoError(t, err)
				require.NoError(t, f.UnmarshalBinary(b))
			}
		}
		require.NoError(t, f.End(keep(&got)))
		require.Equal(t, define(t, c, in, winners), got)
	})
}

// The integers of a surface are what the formula gives in real numbers.
func TestSurfacesFollowTheFormula(t *testing.T) {
	c := frames.Config{Width: 100, Height: 1, Mode: frames.Merged, Kind: frames.Surface, Every: 20 * time.Millisecond, Tau: 5 * time.Millisecond, Levels: 200}
	var in []events.Event
	for x := range uint16(100) {
		in = append(in, events.Event{T: 200 * int64(x), X: x})
	}
	for decay, want := range map[feast.Decay]func(age float64) float64{
		feast.DecayExponential: func(age float64) float64 { return math.Exp(-age / 5000) },
		feast.DecayLinear:      func(age float64) float64 { return max(0, 1-age/5000) },
	} {
		c.Decay = decay
		all, err := frames.All(c, in, nil)
		require.NoError(t, err)
		require.Len(t, all, 1)
		for x, got := range all[0] {
			require.InDelta(t, 200*want(20_000-float64(200*x)), got, 0.51+0.05, "%s, column %d", decay, x)
		}
	}
}
