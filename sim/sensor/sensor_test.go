package sensor

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
)

// ideal is a sensor without imperfections: every crossing of a threshold is an
// event at once.
func ideal() Config {
	return Config{ThresholdOn: 0.2, ThresholdOff: 0.2, Dark: MinDark, NoiseOn: 0.5, Step: time.Millisecond}
}

func newSensor(t require.TestingT, g events.Geometry, cfg Config) *Sensor {
	s, err := New(g, cfg, 1)
	require.NoError(t, err)
	return s
}

// even is a frame of one luminance.
func even(s *Sensor, luminance float64) []float32 {
	frame := make([]float32, len(s.pixels))
	for i := range frame {
		frame[i] = float32(luminance)
	}
	return frame
}

// pixelEvents sorts events by pixel.
func pixelEvents(all []events.Event) map[[2]uint16][]events.Event {
	m := map[[2]uint16][]events.Event{}
	for _, e := range all {
		at := [2]uint16{e.X, e.Y}
		m[at] = append(m[at], e)
	}
	return m
}

func TestNothingChangesNothingIsSent(t *testing.T) {
	s := newSensor(t, events.Geometry{Width: 20, Height: 10}, ideal())
	frame := even(s, 100)
	require.NoError(t, s.Begin(0, 1, frame))
	for i := int64(1); i <= 100; i++ {
		got, err := s.Advance(i*1000, frame, nil)
		require.NoError(t, err)
		require.Empty(t, got)
	}
}

// A pixel's events count its contrast in thresholds: their signed sum is the
// change of the logarithm, to within the one threshold that it may be short of.
func TestEventsCountContrast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := ideal()
		cfg.ThresholdOn = rapid.Float64Range(0.05, 0.6).Draw(t, "on")
		cfg.ThresholdOff = cfg.ThresholdOn
		s := newSensor(t, events.Geometry{Width: 8, Height: 4}, cfg)
		first := rapid.Float64Range(1, 1000).Draw(t, "first")
		require.NoError(t, s.Begin(0, 7, even(s, first)))
		last := first
		var all []events.Event
		for i := range rapid.IntRange(1, 10).Draw(t, "frames") {
			last = rapid.Float64Range(1, 1000).Draw(t, "luminance")
			var err error
			all, err = s.Advance(int64(i+1)*1000, even(s, last), all)
			require.NoError(t, err)
		}
		change := math.Log(last / first)
		sums := make([]float64, len(s.pixels))
		for _, e := range all {
			sums[int(e.Y)*8+int(e.X)] += 2*float64(e.P) - 1
		}
		for i, sum := range sums {
			// Before the first event the pixel may be anywhere between its thresholds,
			// and after the last as well.
			require.InDelta(t, change/cfg.ThresholdOn, sum, 2, "pixel %d", i)
		}
	})
}

// Several crossings between two frames are as many events, at the times at which
// a straight line crosses.
func TestCrossingsAreInterpolated(t *testing.T) {
	for _, sign := range []float64{1, -1} {
		s := newSensor(t, events.Geometry{Width: 30, Height: 30}, ideal())
		require.NoError(t, s.Begin(5000, 3, even(s, 100)))
		// Ten thresholds in 10 ms: one a millisecond.
		got, err := s.Advance(15000, even(s, 100*math.Exp(sign*2)), nil)
		require.NoError(t, err)
		var phases []float64
		for at, es := range pixelEvents(got) {
			require.Contains(t, []int{9, 10, 11}, len(es), "pixel %v", at)
			for i, e := range es {
				require.Equal(t, sign > 0, e.P == events.On)
				if i > 0 {
					require.InDelta(t, 1000, e.T-es[i-1].T, 2)
				}
			}
			phases = append(phases, float64(es[0].T-5000))
		}
		require.Len(t, phases, 900)
		// Where the first falls depends on where the pixel was at rest: anywhere
		// between its two thresholds.
		slices.Sort(phases)
		require.InDelta(t, 1000, phases[450], 120)
		require.Greater(t, phases[899], 1900.0)
		require.Less(t, phases[0], 100.0)
	}
}

// A ramp gives the same events however often it is looked at.
func TestFinerStepsFindTheSameEvents(t *testing.T) {
	run := func(step int64) map[[2]uint16][]events.Event {
		cfg := ideal()
		cfg.Refractory = 700 * time.Microsecond
		cfg.ThresholdSigma = 0.03
		s := newSensor(t, events.Geometry{Width: 10, Height: 10}, cfg)
		require.NoError(t, s.Begin(0, 3, even(s, 1)))
		var all []events.Event
		for i := step; i <= 20000; i += step {
			var err error
			all, err = s.Advance(i, even(s, math.Exp(float64(i)/5000)), all)
			require.NoError(t, err)
		}
		return pixelEvents(all)
	}
	coarse, fine := run(4000), run(125)
	require.Len(t, fine, 100)
	for at, want := range coarse {
		require.Len(t, fine[at], len(want), "pixel %v", at)
		for i, e := range fine[at] {
			require.InDelta(t, want[i].T, e.T, 5+2*float64(i), "pixel %v, event %d", at, i)
		}
	}
}

// Whatever the sensor is shown, events are in order, on the sensor, after the last
// frame and not after this one, and no pixel speaks while it is in reset.
func TestEventsKeepTheContract(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := events.Geometry{
			Width:  rapid.IntRange(1, 12).Draw(t, "width"),
			Height: rapid.IntRange(1, 12).Draw(t, "height"),
		}
		us := func(name string, hi int64) time.Duration {
			return time.Duration(rapid.Int64Range(0, hi).Draw(t, name)) * time.Microsecond
		}
		cfg := Config{
			ThresholdOn:    rapid.Float64Range(MinThreshold, 1).Draw(t, "on"),
			ThresholdOff:   rapid.Float64Range(MinThreshold, 1).Draw(t, "off"),
			ThresholdSigma: rapid.Float64Range(0, 0.5).Draw(t, "sigma"),
			Refractory:     us("refractory", 3000),
			Cutoff:         rapid.Float64Range(0, 1000).Draw(t, "cutoff"),
			Dark:           rapid.Float64Range(MinDark, 10).Draw(t, "dark"),
			LeakRate:       rapid.Float64Range(0, MaxLeakRate).Draw(t, "leak"),
			NoiseRate:      rapid.Float64Range(0, 2000).Draw(t, "noise"),
			NoiseOn:        rapid.Float64Range(0, 1).Draw(t, "noiseOn"),
			HotShare:       rapid.Float64Range(0, 1).Draw(t, "hotShare"),
			HotRate:        rapid.Float64Range(0, 5000).Draw(t, "hotRate"),
			Step:           time.Millisecond,
		}
		cfg.RefractorySpread = us("spread", cfg.Refractory.Microseconds())
		s := newSensor(t, g, cfg)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		frame := make([]float32, len(s.pixels))
		at := rapid.Int64Range(-1e6, 1e6).Draw(t, "start")
		last := make([]int64, len(s.pixels))
		for i := range last {
			last[i] = math.MinInt64 / 2
		}
		require.NoError(t, s.Begin(at, 1, frame))
		for range rapid.IntRange(1, 8).Draw(t, "frames") {
			for i := range frame {
				if rng.IntN(3) > 0 {
					frame[i] = float32(math.Pow(10, 12*rng.Float64()-4))
				}
			}
			next := at + rapid.Int64Range(1, 20000).Draw(t, "dt")
			got, err := s.Advance(next, frame, nil)
			require.NoError(t, err)
			for k, e := range got {
				require.True(t, g.Contains(e.X, e.Y))
				require.Greater(t, e.T, at)
				require.LessOrEqual(t, e.T, next)
				i := int(e.Y)*g.Width + int(e.X)
				if k > 0 {
					before := got[k-1]
					require.True(t, before.T < e.T || before.T == e.T && int(before.Y)*g.Width+int(before.X) <= i)
				}
				require.GreaterOrEqual(t, e.T, last[i]+int64(s.pixels[i].blind))
				last[i] = e.T
			}
			for i, p := range s.pixels {
				require.True(t, p.diff > p.off && p.diff < p.on, "pixel %d is left beyond a threshold", i)
			}
			at = next
		}
	})
}

// The filter's answer to a step of the luminance is 1-exp(-t/tau).
func TestCutoff(t *testing.T) {
	cfg := ideal()
	cfg.ThresholdOn, cfg.ThresholdOff, cfg.Cutoff = MinThreshold, MinThreshold, 20
	const step = 50
	s := newSensor(t, events.Geometry{Width: 1, Height: 1}, cfg)
	require.NoError(t, s.Begin(0, 1, even(s, 1)))
	n := 0
	tau := 1e6 / (2 * math.Pi * cfg.Cutoff)
	for at := int64(step); float64(at) <= 3*tau; at += step {
		got, err := s.Advance(at, even(s, math.E), nil)
		require.NoError(t, err)
		n += len(got)
		require.InDelta(t, (1-math.Exp(-float64(at)/tau))/MinThreshold, n, 2.5, "at %d us", at)
	}
}

func TestRefractoryHidesContrast(t *testing.T) {
	count := func(refractory time.Duration) int {
		cfg := ideal()
		cfg.Refractory = refractory
		s := newSensor(t, events.Geometry{Width: 16, Height: 16}, cfg)
		require.NoError(t, s.Begin(0, 1, even(s, 1)))
		got, err := s.Advance(10000, even(s, math.Exp(4)), nil)
		require.NoError(t, err)
		return len(got)
	}
	// 20 thresholds in 10 ms. Reset for 500 us, a pixel misses as much as it sees.
	require.InDelta(t, 20*256, count(0), 256)
	require.InDelta(t, 10*256, count(500*time.Microsecond), 256)
	require.Equal(t, 256, count(20*time.Millisecond))
}

func TestMismatch(t *testing.T) {
	cfg := ideal()
	cfg.ThresholdSigma = 0.02
	g := events.Geometry{Width: 100, Height: 100}
	a := newSensor(t, g, cfg)
	mean, deviation := moments(a.pixels, func(p pixel) float64 { return float64(p.on) / levelOne })
	require.InDelta(t, 0.2, mean, 0.001)
	require.InDelta(t, 0.02, deviation, 0.001)
	mean, deviation = moments(a.pixels, func(p pixel) float64 { return float64(p.off) / levelOne })
	require.InDelta(t, -0.2, mean, 0.001)
	require.InDelta(t, 0.02, deviation, 0.001)

	require.Equal(t, a.pixels, newSensor(t, g, cfg).pixels, "one camera, one silicon")
	other, err := New(g, cfg, 2)
	require.NoError(t, err)
	require.NotEqual(t, a.pixels, other.pixels)

	cfg.ThresholdSigma = 1
	least := int32(math.Floor(MinThreshold * levelOne))
	for _, p := range newSensor(t, g, cfg).pixels {
		require.GreaterOrEqual(t, p.on, least)
		require.LessOrEqual(t, p.off, -least)
	}
}

func moments(ps []pixel, of func(pixel) float64) (mean, deviation float64) {
	for _, p := range ps {
		mean += of(p) / float64(len(ps))
	}
	for _, p := range ps {
		deviation += (of(p) - mean) * (of(p) - mean) / float64(len(ps))
	}
	return mean, math.Sqrt(deviation)
}

func TestNoise(t *testing.T) {
	cfg := ideal()
	cfg.NoiseRate, cfg.NoiseOn = 2, 0.75
	cfg.HotShare, cfg.HotRate = 0.01, 300
	s := newSensor(t, events.Geometry{Width: 50, Height: 50}, cfg)
	frame := even(s, 1)
	require.NoError(t, s.Begin(0, 1, frame))
	var all []events.Event
	const seconds = 10
	for i := int64(1); i <= seconds*100; i++ {
		var err error
		all, err = s.Advance(i*10000, frame, all)
		require.NoError(t, err)
	}
	hot := map[[2]uint16]bool{}
	for _, i := range s.noise.hot {
		hot[[2]uint16{uint16(i % 50), uint16(i / 50)}] = true
	}
	require.InDelta(t, 25, len(hot), 2)
	var quiet, loud, on int
	counts := make([]float64, seconds*50) // of the quiet pixels, in bins of 20 ms
	for _, e := range all {
		if e.P == events.On {
			on++
		}
		if hot[[2]uint16{e.X, e.Y}] {
			loud++
		} else {
			quiet++
			counts[(e.T-1)/20000]++
		}
	}
	// Bounds of five standard deviations of a Poisson count.
	want := float64((2500 - len(hot)) * 2 * seconds)
	require.InDelta(t, want, quiet, 5*math.Sqrt(want))
	want = float64(25*300*seconds + len(hot)*2*seconds)
	require.InDelta(t, want, loud, 5*math.Sqrt(want))
	require.InDelta(t, 0.75, float64(on)/float64(len(all)), 0.01)
	// The variance of a Poisson count is its mean.
	mean, variance := 0.0, 0.0
	for _, c := range counts {
		mean += c / float64(len(counts))
	}
	for _, c := range counts {
		variance += (c - mean) * (c - mean) / float64(len(counts))
	}
	require.InDelta(t, 1, variance/mean, 0.3)
}

func TestLeakIsSteady(t *testing.T) {
	cfg := ideal()
	cfg.LeakRate = 2
	s := newSensor(t, events.Geometry{Width: 20, Height: 20}, cfg)
	frame := even(s, 50)
	require.NoError(t, s.Begin(0, 1, frame))
	var all []events.Event
	for i := int64(1); i <= 5000; i++ {
		var err error
		all, err = s.Advance(i*1000, frame, all)
		require.NoError(t, err)
	}
	pixels := pixelEvents(all)
	require.Len(t, pixels, 400)
	for at, es := range pixels {
		require.InDelta(t, 10, len(es), 1, "pixel %v", at)
		for i, e := range es {
			require.Equal(t, events.On, e.P)
			if i > 0 {
				require.InDelta(t, 500000, e.T-es[i-1].T, 50)
			}
		}
	}
}

// A leak of less than a unit of the level a step is a leak all the same.
func TestSlowLeakInShortSteps(t *testing.T) {
	cfg := ideal()
	cfg.ThresholdOn, cfg.ThresholdOff, cfg.LeakRate = MinThreshold, MinThreshold, 2
	s := newSensor(t, events.Geometry{Width: 2, Height: 1}, cfg)
	frame := even(s, 50)
	require.NoError(t, s.Begin(0, 1, frame))
	var all []events.Event
	var err error
	for i := int64(1); i <= 2e6 && err == nil; i++ {
		all, err = s.Advance(i, frame, all)
	}
	require.NoError(t, err)
	for _, es := range pixelEvents(all) {
		require.InDelta(t, 3.5, len(es), 1)
		for i := range es[1:] {
			require.InDelta(t, 5e5, es[i+1].T-es[i].T, 50)
		}
	}
	require.Len(t, pixelEvents(all), 2)
}

func TestAdvanceErrors(t *testing.T) {
	s := newSensor(t, events.Geometry{Width: 3, Height: 2}, ideal())
	good := even(s, 1)
	require.PanicsWithValue(t, PanicNotBegun, func() { _, _ = s.Advance(1, good, nil) })
	require.PanicsWithValue(t, PanicFrameSize, func() { _ = s.Begin(0, 1, good[1:]) })
	require.NoError(t, s.Begin(0, 1, good))
	require.PanicsWithValue(t, PanicFrameSize, func() { _, _ = s.Advance(1, good[1:], nil) })

	for _, bad := range []float32{-1, float32(math.NaN()), float32(math.Inf(1)), 2 * MaxLuminance} {
		frame := slices.Clone(good)
		frame[4] = bad
		require.ErrorContains(t, s.Begin(0, 1, frame), "pixel (1, 1)")
		require.NoError(t, s.Begin(0, 1, good))
		_, err := s.Advance(1, frame, nil)
		require.ErrorContains(t, err, "pixel (1, 1)")
		require.PanicsWithValue(t, PanicNotBegun, func() { _, _ = s.Advance(1, good, nil) })
	}
	for _, at := range []int64{-5, 0, 1e6 + 1} {
		require.NoError(t, s.Begin(0, 1, good))
		_, err := s.Advance(at, good, nil)
		require.ErrorContains(t, err, "expected 1 us to 1s later")
	}
}

// A noise rate that would fill the memory is refused while it is drawn.
func TestStepIsBounded(t *testing.T) {
	cfg := ideal()
	cfg.NoiseRate = MaxRate
	s := newSensor(t, events.Geometry{Width: 64, Height: 64}, cfg)
	require.NoError(t, s.Begin(0, 1, even(s, 1)))
	_, err := s.Advance(1e6, even(s, 1), nil)
	require.ErrorIs(t, err, errStepEvents)
}

func TestValidate(t *testing.T) {
	require.NoError(t, DefaultConfig().Validate())
	for want, spoil := range map[string]func(*Config){
		"ThresholdOn must be from 0.01 to 10 log units, is 0":    func(c *Config) { c.ThresholdOn = 0 },
		"ThresholdOff must be from 0.01 to 10 log units, is NaN": func(c *Config) { c.ThresholdOff = math.NaN() },
		"ThresholdSigma must be from 0 to 10 log units, is -1":   func(c *Config) { c.ThresholdSigma = -1 },
		"Cutoff must be from 0 to 1e+09 Hz, is +Inf":             func(c *Config) { c.Cutoff = math.Inf(1) },
		"Dark must be from 1e-06 to 1e+09, is 0":                 func(c *Config) { c.Dark = 0 },
		"LeakRate must be from 0 to 1000 Hz, is 1001":            func(c *Config) { c.LeakRate = 1001 },
		"NoiseRate must be from 0 to 1e+06 Hz, is -0.1":          func(c *Config) { c.NoiseRate = -0.1 },
		"NoiseOn must be from 0 to 1, is 1.5":                    func(c *Config) { c.NoiseOn = 1.5 },
		"HotShare must be from 0 to 1, is 2":                     func(c *Config) { c.HotShare = 2 },
		"HotRate must be from 0 to 1e+06 Hz, is -1":              func(c *Config) { c.HotRate = -1 },
		"Refractory must be from 0s to 1s, is -1ns":              func(c *Config) { c.Refractory = -1 },
		"Refractory must be whole microseconds, is 1.5µs":        func(c *Config) { c.Refractory = 1500; c.RefractorySpread = 0 },
		"RefractorySpread must be from 0s to 500µs, is 1ms":      func(c *Config) { c.RefractorySpread = time.Millisecond },
		"Step must be from 1µs to 1s, is 0s":                     func(c *Config) { c.Step = 0 },
	} {
		c := DefaultConfig()
		spoil(&c)
		require.ErrorContains(t, c.Validate(), want)
		_, err := New(events.Geometry{Width: 1, Height: 1}, c, 0)
		require.ErrorContains(t, err, want)
	}
	for _, g := range []events.Geometry{{}, {Width: events.MaxSide + 1, Height: 1}, {Width: 1, Height: -1}} {
		_, err := New(g, DefaultConfig(), 0)
		require.ErrorContains(t, err, "sides must be from 1 to 4096 pixels")
	}
}
