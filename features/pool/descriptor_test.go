package pool_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
)

// drawStream draws events with times that mostly rise, and a few that do not.
func drawStream(t *rapid.T, geometry events.Geometry, features int) ([]events.Event, []int16) {
	in, winners := drawEvents(t, geometry, features)
	now := rapid.Int64Range(-1e9, 1e15).Draw(t, "begin")
	for i := range in {
		now += rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(-50, 50), rapid.Int64Range(0, 1e7)).Draw(t, "step")
		in[i].T = now
	}
	return in, winners
}

func drawSpread(t *rapid.T, c pool.Config) pool.Config {
	c.Spread = rapid.SampledFrom([]pool.Spread{"", pool.SpreadHard, pool.SpreadBilinear}).Draw(t, "spread")
	return c
}

// stateful is a descriptor whose state can be taken and put back.
type stateful interface {
	pool.Descriptor
	MarshalBinary() ([]byte, error)
	UnmarshalBinary(data []byte) error
}

// drawDescriptor gives a way to make a descriptor, and how many features it has.
func drawDescriptor(t *rapid.T) (c pool.Config, features int, fresh func() stateful, zero stateful) {
	c = drawSpread(t, drawConfig(t))
	tau := rapid.Int64Range(1, 1e6).Draw(t, "tau")
	var edges []int64
	for range rapid.IntRange(0, 4).Draw(t, "edges") {
		last := int64(0)
		if len(edges) > 0 {
			last = edges[len(edges)-1]
		}
		edges = append(edges, last+rapid.Int64Range(1, 1e6).Draw(t, "edge"))
	}
	features = newPool(t, c).Config().Features
	if rapid.Bool().Draw(t, "decayed") {
		return c, features, func() stateful {
			d, err := pool.NewDecayed(pool.DecayedConfig{Pool: c, Tau: tau})
			require.NoError(t, err)
			return d
		}, new(pool.Decayed)
	}
	return c, features, func() stateful {
		b, err := pool.NewBins(pool.BinsConfig{Pool: c, Edges: edges})
		require.NoError(t, err)
		return b
	}, new(pool.Bins)
}

func TestDescriptorsDoNotDependOnPackets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, features, fresh, zero := drawDescriptor(t)
		in, winners := drawStream(t, c.Geometry, features)
		whole := fresh()
		whole.Add(in, winners)
		want := whole.Vector(nil)
		require.Len(t, want, whole.Len())

		cut := rapid.IntRange(0, len(in)).Draw(t, "cut")
		parts := fresh()
		parts.Add(in[:cut], winners[:cut])
		parts.Vector(nil) // reading changes nothing
		state, err := parts.MarshalBinary()
		require.NoError(t, err)
		parts.Add(in[cut:], winners[cut:])
		require.Equal(t, want, parts.Vector(nil))

		// Restored in the middle, into a new one and into a zero one.
		for _, d := range []stateful{fresh(), zero} {
			require.NoError(t, d.UnmarshalBinary(state))
			again, err := d.MarshalBinary()
			require.NoError(t, err)
			require.Equal(t, state, again)
			d.Add(in[cut:], winners[cut:])
			require.Equal(t, want, d.Vector(nil))
			d.Reset()
			for _, v := range d.Vector(nil) {
				require.Zero(t, v)
			}
			d.Add(in, winners)
			require.Equal(t, want, d.Vector(nil))
		}
	})
}

func TestConcatIsItsPartsInARow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, features, one, _ := drawDescriptor(t)
		in, winners := drawStream(t, c.Geometry, features)
		p := newPool(t, c)
		both := pool.Concat{one(), newPool(t, c)}
		both.Add(in, winners)
		alone := one()
		alone.Add(in, winners)
		p.Add(in, winners)
		require.Equal(t, append(alone.Vector(nil), p.Vector(nil)...), both.Vector(nil))
		both.Reset()
		for _, v := range both.Vector(nil) {
			require.Zero(t, v)
		}
	})
}

func TestAddOneEqualsAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawSpread(t, drawConfig(t))
		p, want := newPool(t, c), newPool(t, c)
		in, winners := drawEvents(t, c.Geometry, p.Config().Features)
		want.Add(in, winners)
		follow := make([]uint32, p.Len())
		var changes [4]pool.Change
		for i := range in {
			n := p.AddOne(in[i], winners[i], &changes)
			seen := map[int]bool{}
			for _, ch := range changes[:n] {
				require.False(t, seen[ch.Index])
				seen[ch.Index] = true
				require.Equal(t, follow[ch.Index], ch.Old)
				require.Greater(t, ch.New, ch.Old)
				follow[ch.Index] = ch.New
			}
		}
		require.Equal(t, want.Counts(nil), p.Counts(nil))
		require.Equal(t, follow, p.Counts(nil))
	})
}

func TestBinsCountEachEventInItsTime(t *testing.T) {
	c := pool.Config{Geometry: events.Geometry{Width: 1, Height: 1}, Source: pool.SourceEvents, Transform: pool.TransformNone, Norm: pool.NormNone}
	b, err := pool.NewBins(pool.BinsConfig{Pool: c, Edges: []int64{10, 30}})
	require.NoError(t, err)
	require.Equal(t, 6, b.Len())
	require.Equal(t, 3, b.Bins())
	for _, begin := range []int64{0, -7, 1e15, math.MaxInt64 - 40} {
		b.Reset()
		for _, dt := range []int64{0, 9, 10, 29, 30, 35, 12} {
			b.Add([]events.Event{{T: begin + dt, P: events.On}}, nil)
		}
		require.Equal(t, []float32{0, 2, 0, 3, 0, 2}, b.Vector(nil), begin)
	}
	b.Reset() // an edge beyond the end of time has no bin behind it
	b.Add([]events.Event{{T: math.MaxInt64 - 15}, {T: math.MaxInt64 - 5}, {T: math.MaxInt64}}, nil)
	require.Equal(t, []float32{1, 0, 2, 0, 0, 0}, b.Vector(nil))
}

// Sums follow sum exp(-age/tau), over many rebases, to what ticks and mantissas
// round away: half a percent either way, and a unit of 2^-12.
func TestDecayedFollowsTheExponential(t *testing.T) {
	const tau = 20_000
	c := pool.Config{
		Geometry: events.Geometry{Width: 4, Height: 1}, CellWidth: 1, CellHeight: 1, Features: 1,
		Transform: pool.TransformNone, Norm: pool.NormNone,
	}
	d, err := pool.NewDecayed(pool.DecayedConfig{Pool: c, Tau: tau})
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	var in []events.Event
	now := int64(123_456)
	for i := range 20_000 {
		now += r.Int64N(300)
		if i == 12_000 {
			now += 100 * tau // everything before is forgotten
		}
		in = append(in, events.Event{T: now, X: uint16(r.IntN(4))})
		d.Add(in[i:], []int16{0})
		if i%500 != 499 {
			continue
		}
		want := make([]float64, 4)
		for _, e := range in {
			want[e.X] += math.Exp(-float64(now-e.T) / tau)
		}
		for x, v := range d.Vector(nil) {
			require.InEpsilon(t, want[x], v, 0.012, "after %d events", i+1)
		}
	}
}

func TestDecayedDescribesTheLatest(t *testing.T) {
	c := pool.Config{Geometry: events.Geometry{Width: 2, Height: 1}, CellWidth: 1, CellHeight: 1, Features: 1}
	d, err := pool.NewDecayed(pool.DecayedConfig{Pool: c, Tau: 1000})
	require.NoError(t, err)
	for range 1000 {
		d.Add([]events.Event{{T: 5, X: 0}}, []int16{0})
	}
	d.Add([]events.Event{{T: 50_000, X: 1}}, []int16{0})
	require.Equal(t, []float32{0, 1}, d.Vector(nil))
	d.Add([]events.Event{{T: 5, X: 0}}, []int16{0}) // late: it counts as one of now
	require.InDelta(t, math.Sqrt(0.5), d.Vector(nil)[0], 1e-7)
	d.Add([]events.Event{{T: 80_000, X: 9}}, []int16{-1}) // not counted, but time has passed
	for _, v := range d.Vector(nil) {
		require.Zero(t, v)
	}
}

// The bits of vectors, to be the same on every architecture.
func TestDescriptorGoldenBits(t *testing.T) {
	base := pool.Config{Geometry: nmnist, Features: 4, Spread: pool.SpreadBilinear}
	d, err := pool.NewDecayed(pool.DecayedConfig{Pool: base, Tau: 30_000})
	require.NoError(t, err)
	b, err := pool.NewBins(pool.BinsConfig{Pool: base, Edges: []int64{105_000, 210_000}})
	require.NoError(t, err)
	all := pool.Concat{d, b}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 10_000 {
		all.Add([]events.Event{{T: int64(31 * i), X: uint16(r.IntN(34)), Y: uint16(r.IntN(20))}}, []int16{int16(r.IntN(6) - 2)})
	}
	digest := uint64(14695981039346656037) // FNV-1a
	for _, v := range all.Vector(nil) {
		digest = (digest ^ uint64(math.Float32bits(v))) * 1099511628211
	}
	require.Equal(t, uint64(0x2b0cf2023e492dc5), digest, "%#x", digest)
}

func TestDescriptorConfigsThatAreRefused(t *testing.T) {
	good := pool.Config{Geometry: nmnist, Features: 32}
	for name, c := range map[string]pool.BinsConfig{
		"edge 0 at 0 us": {Pool: good, Edges: []int64{0}},
		"edge 1 at 5 us": {Pool: good, Edges: []int64{5, 5}},
		"1025 bins":      {Pool: good, Edges: make([]int64, pool.MaxBins)},
		"0 features":     {Pool: pool.Config{Geometry: nmnist}},
		"make a vector":  {Pool: pool.Config{Geometry: nmnist, Features: pool.MaxFeatures, CellWidth: 4, CellHeight: 4}, Edges: []int64{1, 2, 3, 4, 5, 6, 7, 8, 9}},
	} {
		_, err := pool.NewBins(c)
		require.ErrorContains(t, err, name)
	}
	for name, c := range map[string]pool.DecayedConfig{
		"tau of 0 us":        {Pool: good},
		"tau of 60000001 us": {Pool: good, Tau: 60_000_001},
		"0 features":         {Pool: pool.Config{Geometry: nmnist}, Tau: 1},
	} {
		_, err := pool.NewDecayed(c)
		require.ErrorContains(t, err, name)
	}
	b, err := pool.NewBins(pool.BinsConfig{Pool: good})
	require.NoError(t, err)
	require.PanicsWithValue(t, pool.PanicWinners, func() { b.Add(make([]events.Event, 2), make([]int16, 1)) })
	d, err := pool.NewDecayed(pool.DecayedConfig{Pool: good, Tau: 1})
	require.NoError(t, err)
	require.PanicsWithValue(t, pool.PanicWinners, func() { d.Add(make([]events.Event, 2), make([]int16, 1)) })
}

func TestDescriptorsDoNotAllocate(t *testing.T) {
	in, winners := packet(32)
	c := pool.Config{Geometry: nmnist, Features: 32, Spread: pool.SpreadBilinear}
	b, err := pool.NewBins(pool.BinsConfig{Pool: c, Edges: []int64{1, 2}})
	require.NoError(t, err)
	d, err := pool.NewDecayed(pool.DecayedConfig{Pool: c, Tau: 1000})
	require.NoError(t, err)
	all := pool.Concat{b, d}
	v := make([]float32, all.Len())
	require.Zero(t, testing.AllocsPerRun(10, func() { all.Add(in, winners); all.Vector(v) }))
}

func BenchmarkDescriptors(b *testing.B) {
	in, winners := packet(32)
	for i := range in {
		in[i].T = int64(i)
	}
	c := pool.Config{Geometry: nmnist, Features: 32, Spread: pool.SpreadBilinear}
	bins, err := pool.NewBins(pool.BinsConfig{Pool: c, Edges: []int64{1000, 2000}})
	require.NoError(b, err)
	decayed, err := pool.NewDecayed(pool.DecayedConfig{Pool: c, Tau: 1000})
	require.NoError(b, err)
	for name, d := range map[string]pool.Descriptor{"pool": newPool(b, c), "bins": bins, "decayed": decayed} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				d.Add(in, winners)
			}
			b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
		})
	}
}
