package pool_test

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
)

var nmnist = events.Geometry{Width: 34, Height: 34}

func newPool(t require.TestingT, c pool.Config) *pool.Pool {
	p, err := pool.New(c)
	require.NoError(t, err)
	return p
}

func TestCellsOfNMNIST(t *testing.T) {
	p := newPool(t, pool.Config{Geometry: nmnist, Features: 32})
	cols, rows := p.Cells()
	require.Equal(t, []int{7, 7}, []int{cols, rows})
	require.Equal(t, 7*7*32, p.Len())

	// The four corners of a cell, the first pixel of the next and the last partial cell.
	p.Add([]events.Event{{X: 5, Y: 10}, {X: 9, Y: 14}, {X: 10, Y: 14}, {X: 9, Y: 15}, {X: 33, Y: 33}}, []int16{3, 3, 3, 3, 31})
	counts := p.Counts(nil)
	require.EqualValues(t, 2, counts[p.Index(3, 1, 2)])
	require.EqualValues(t, 1, counts[p.Index(3, 2, 2)])
	require.EqualValues(t, 1, counts[p.Index(3, 1, 3)])
	require.EqualValues(t, 1, counts[p.Index(31, 6, 6)])
	require.Equal(t, p.Len()-1, p.Index(31, 6, 6))

	// sqrt(count)/sqrt(total): 2 + 1 + 1 + 1 are 5.
	v := p.Vector(nil)
	require.InDelta(t, math.Sqrt(2.0/5), v[p.Index(3, 1, 2)], 1e-7)
	require.InDelta(t, math.Sqrt(1.0/5), v[p.Index(31, 6, 6)], 1e-7)

	p.Reset()
	for _, x := range p.Vector(v) {
		require.Zero(t, x)
	}
}

func TestPresentations(t *testing.T) {
	in := []events.Event{{X: 0, P: events.On}, {X: 0, P: events.On}, {X: 0, P: events.On}, {X: 1}, {X: 1}, {X: 1}, {X: 1}}
	c := pool.Config{Geometry: events.Geometry{Width: 2, Height: 1}, CellWidth: 1, CellHeight: 1, Source: pool.SourceEvents}
	for _, tc := range []struct {
		transform pool.Transform
		norm      pool.Norm
		want      []float32
	}{
		{pool.TransformNone, pool.NormNone, []float32{0, 3, 4, 0}},
		{pool.TransformNone, pool.NormL2, []float32{0, 0.6, 0.8, 0}},
		{pool.TransformSqrt, pool.NormNone, []float32{0, float32(math.Sqrt(3)), 2, 0}},
		{pool.TransformSqrt, pool.NormL2, []float32{0, float32(math.Sqrt(3) / math.Sqrt(7)), float32(2 / math.Sqrt(7)), 0}},
	} {
		c.Transform, c.Norm = tc.transform, tc.norm
		p := newPool(t, c)
		p.Add(in, nil)
		require.Equal(t, tc.want, p.Vector(nil), "%s %s", tc.transform, tc.norm)
	}
}

// Drawn values reach everything that a bug upstream could send: winners below -3
// and above the features, pixels off the sensor, polarities above one.
func drawEvents(t *rapid.T, geometry events.Geometry, features int) ([]events.Event, []int16) {
	n := rapid.IntRange(0, 200).Draw(t, "events")
	in, winners := make([]events.Event, n), make([]int16, n)
	for i := range in {
		in[i] = events.Event{
			X: uint16(rapid.OneOf(rapid.IntRange(0, geometry.Width-1), rapid.IntRange(0, math.MaxUint16)).Draw(t, "x")),
			Y: uint16(rapid.OneOf(rapid.IntRange(0, geometry.Height-1), rapid.IntRange(0, math.MaxUint16)).Draw(t, "y")),
			P: events.Polarity(rapid.OneOf(rapid.IntRange(0, 1), rapid.IntRange(0, 255)).Draw(t, "p")),
		}
		winners[i] = int16(rapid.OneOf(rapid.IntRange(-3, features-1), rapid.IntRange(math.MinInt16, math.MaxInt16)).Draw(t, "winner"))
	}
	return in, winners
}

func drawConfig(t *rapid.T) pool.Config {
	c := pool.Config{
		Geometry:   events.Geometry{Width: rapid.IntRange(1, 40).Draw(t, "width"), Height: rapid.IntRange(1, 40).Draw(t, "height")},
		CellWidth:  rapid.IntRange(0, 41).Draw(t, "cell width"),
		CellHeight: rapid.IntRange(0, 41).Draw(t, "cell height"),
		Features:   rapid.IntRange(1, 40).Draw(t, "features"),
		Source:     rapid.SampledFrom([]pool.Source{"", pool.SourceFeatures, pool.SourceEvents}).Draw(t, "source"),
		Transform:  rapid.SampledFrom([]pool.Transform{"", pool.TransformSqrt, pool.TransformNone}).Draw(t, "transform"),
		Norm:       rapid.SampledFrom([]pool.Norm{"", pool.NormL2, pool.NormNone}).Draw(t, "norm"),
	}
	if c.Source == pool.SourceEvents {
		c.Features = 2 * rapid.IntRange(0, 1).Draw(t, "polarities")
	}
	return c
}

func TestCountsAreThoseOfTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		p := newPool(t, c)
		c = p.Config()
		in, winners := drawEvents(t, c.Geometry, c.Features)
		want := map[int]uint32{}
		for i, e := range in {
			f := int(winners[i])
			if c.Source == pool.SourceEvents {
				f = 0
				if e.P != events.Off {
					f = 1
				}
			}
			if c.Geometry.Contains(e.X, e.Y) && f >= 0 && f < c.Features {
				want[p.Index(f, int(e.X)/c.CellWidth, int(e.Y)/c.CellHeight)]++
			}
		}
		cut := rapid.IntRange(0, len(in)).Draw(t, "cut")
		p.Add(in[:cut], winners[:cut])
		p.Add(in[cut:], winners[cut:])
		for i, n := range p.Counts(nil) {
			require.Equal(t, want[i], n, "entry %d", i)
		}
	})
}

func TestVectorHasUnitLengthOrIsZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		c.Norm = pool.NormL2
		p := newPool(t, c)
		in, winners := drawEvents(t, c.Geometry, p.Config().Features)
		p.Add(in, winners)
		var total, length float64
		for _, n := range p.Counts(nil) {
			total += float64(n)
		}
		for _, v := range p.Vector(nil) {
			require.False(t, math.IsNaN(float64(v)))
			length += float64(v) * float64(v)
		}
		if total == 0 {
			require.Zero(t, length)
		} else {
			require.InDelta(t, 1, length, 1e-6)
		}
	})
}

func TestRestoredMidStreamGivesTheSameBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		whole := newPool(t, c)
		in, winners := drawEvents(t, c.Geometry, whole.Config().Features)
		cut := rapid.IntRange(0, len(in)).Draw(t, "cut")
		whole.Add(in[:cut], winners[:cut])
		state, err := whole.MarshalBinary()
		require.NoError(t, err)

		into := map[string]*pool.Pool{"zero": {}, "made": newPool(t, c)}
		whole.Add(in[cut:], winners[cut:])
		for name, p := range into {
			require.NoError(t, p.UnmarshalBinary(state), name)
			require.Equal(t, whole.Config(), p.Config(), name)
			p.Add(in[cut:], winners[cut:])
			require.Equal(t, whole.Counts(nil), p.Counts(nil), name)
			require.Equal(t, whole.Vector(nil), p.Vector(nil), name)
		}
	})
}

func TestConfigsThatAreRefused(t *testing.T) {
	good := pool.Config{Geometry: nmnist, Features: 32}
	require.NoError(t, good.Validate())
	for name, spoil := range map[string]func(*pool.Config){
		"geometry 0x34":   func(c *pool.Config) { c.Geometry.Width = 0 },
		"geometry 34x":    func(c *pool.Config) { c.Geometry.Height = events.MaxSide + 1 },
		"cell of -1x5":    func(c *pool.Config) { c.CellWidth = -1 },
		"0 features":      func(c *pool.Config) { c.Features = 0 },
		"32769 features":  func(c *pool.Config) { c.Features = pool.MaxFeatures + 1 },
		"unknown source":  func(c *pool.Config) { c.Source = "frames" },
		"unknown norm":    func(c *pool.Config) { c.Norm = "l1" },
		"unknown transf":  func(c *pool.Config) { c.Transform = "log" },
		"expected 2, the": func(c *pool.Config) { c.Source = pool.SourceEvents },
		"at most": func(c *pool.Config) {
			c.Geometry = events.Geometry{Width: 4096, Height: 4096}
			c.CellWidth = 1
			c.CellHeight = 1
		},
	} {
		c := good
		spoil(&c)
		require.ErrorContains(t, c.Validate(), name)
		_, err := pool.New(c)
		require.ErrorContains(t, err, name)
	}
}

func TestMisusePanics(t *testing.T) {
	p := newPool(t, pool.Config{Geometry: nmnist, Features: 32})
	require.PanicsWithValue(t, pool.PanicWinners, func() { p.Add(make([]events.Event, 2), make([]int16, 1)) })
	require.PanicsWithValue(t, pool.PanicIndex, func() { p.Index(32, 0, 0) })
	require.PanicsWithValue(t, pool.PanicIndex, func() { p.Index(0, 7, 0) })
}

// The bits of vectors, to be the same on every architecture.
func TestVectorGoldenBits(t *testing.T) {
	for transform, want := range map[pool.Transform]uint64{pool.TransformSqrt: 0x721c405d3166b8d6, pool.TransformNone: 0x7cbce767ee2a4262} {
		p := newPool(t, pool.Config{Geometry: nmnist, Features: 4, Transform: transform})
		r := rand.New(rand.NewPCG(1, 2))
		for range 10_000 {
			p.Add([]events.Event{{X: uint16(r.IntN(34)), Y: uint16(r.IntN(20))}}, []int16{int16(r.IntN(6) - 2)})
		}
		digest := uint64(14695981039346656037) // FNV-1a
		for _, v := range p.Vector(nil) {
			digest = (digest ^ uint64(math.Float32bits(v))) * 1099511628211
		}
		require.Equal(t, want, digest, "%s: %#x", transform, digest)
	}
}

func TestHotPathDoesNotAllocate(t *testing.T) {
	in, winners := packet(32)
	for _, source := range []pool.Source{pool.SourceFeatures, pool.SourceEvents} {
		c := pool.Config{Geometry: nmnist, Source: source}
		if source == pool.SourceFeatures {
			c.Features = 32
		}
		p := newPool(t, c)
		v := make([]float32, p.Len())
		require.Zero(t, testing.AllocsPerRun(10, func() { p.Add(in, winners); p.Vector(v) }), source)
	}
}

func packet(features int) ([]events.Event, []int16) {
	r := rand.New(rand.NewPCG(3, 4))
	in, winners := make([]events.Event, events.DefaultPacketEvents), make([]int16, events.DefaultPacketEvents)
	for i := range in {
		in[i] = events.Event{X: uint16(r.IntN(34)), Y: uint16(r.IntN(34)), P: events.Polarity(r.IntN(2))}
		winners[i] = int16(r.IntN(features+features/2) - features/2) // a third without a winner
	}
	return in, winners
}

func BenchmarkAdd(b *testing.B) {
	in, winners := packet(32)
	for _, c := range []pool.Config{
		{Geometry: nmnist, Features: 32},
		{Geometry: nmnist, Source: pool.SourceEvents},
	} {
		p := newPool(b, c)
		b.Run(string(p.Config().Source), func(b *testing.B) {
			for b.Loop() {
				p.Add(in, winners)
			}
			b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkVector(b *testing.B) {
	in, winners := packet(32)
	p := newPool(b, pool.Config{Geometry: nmnist, Features: 32})
	p.Add(in, winners)
	v := make([]float32, p.Len())
	for b.Loop() {
		p.Vector(v)
	}
}

// Every event of a real recording is on the sensor, so counting raw events by
// polarity and cell must lose none.
func TestRealRecordingIsCountedWhole(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	files, err := filepath.Glob(filepath.Join(data, "nmnist", "Train", "3", "*.bin"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	raw, err := os.ReadFile(files[0])
	require.NoError(t, err)
	var in []events.Event
	on := 0
	for ; len(raw) >= 5; raw = raw[5:] { // x, y, polarity and 23 bits of time
		e := events.Event{X: uint16(raw[0]), Y: uint16(raw[1]), P: events.Polarity(raw[2] >> 7)}
		on += int(e.P)
		in = append(in, e)
	}
	p := newPool(t, pool.Config{Geometry: nmnist, Source: pool.SourceEvents})
	p.Add(in, nil)
	var sums [2]int
	for i, n := range p.Counts(nil) {
		sums[i%2] += int(n)
	}
	require.Equal(t, [2]int{len(in) - on, on}, sums)
	require.Greater(t, on, 100)
}
