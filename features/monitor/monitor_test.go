package monitor_test

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/hw"
)

func newLayer(t require.TestingT, c feast.Config) *feast.Layer {
	target, err := hw.Find("purego")
	require.NoError(t, err)
	layer, err := feast.New(c, target)
	require.NoError(t, err)
	return layer
}

// moving are events of an edge that sweeps the sensor, one in four noise.
func moving(c feast.Config, n int, seed uint64) []events.Event {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]events.Event, n)
	for i := range out {
		e := events.Event{T: int64(20 * i), X: uint16(i / 16 % c.Width), Y: uint16(rng.IntN(c.Height)), P: events.Polarity(rng.IntN(2))}
		if rng.IntN(4) == 0 {
			e.X = uint16(rng.IntN(c.Width))
		}
		out[i] = e
	}
	return out
}

// quick looks so often that a test sees everything happen.
func quick() monitor.Options {
	return monitor.Options{
		Sample: 16, Interval: 64, Points: 8,
		Detector: monitor.Params{Window: 4, Trend: 3, Pattern: 3, Slack: 0.5, Bound: 2, Memory: 12},
	}
}

func newMonitor(t require.TestingT, c feast.Config, o monitor.Options) *monitor.Monitor {
	m, err := monitor.New(c, o)
	require.NoError(t, err)
	return m
}

func marshalled(t require.TestingT, m *monitor.Monitor) []byte {
	b, err := m.MarshalBinary()
	require.NoError(t, err)
	return b
}

// However a stream is cut into packets, and wherever it is stopped, restored
// elsewhere and continued: the same findings, the same state, the same winners.
func TestCutsChangeNothing(t *testing.T) {
	c := small()
	in := moving(c, 6000, 5)
	want := make([]int16, len(in))
	require.NoError(t, newLayer(t, c).Process(in, want))
	whole := newMonitor(t, c, quick())
	winners := make([]int16, len(in))
	found, err := whole.Process(newLayer(t, c), in, winners)
	require.NoError(t, err)
	require.Equal(t, want, winners)
	changes := map[monitor.Change]int{}
	for _, f := range found {
		changes[f.Change]++
	}
	require.Positive(t, changes[monitor.Settled])
	require.Positive(t, changes[monitor.Drift])
	require.Greater(t, whole.Series().Stride(), 1)
	require.Equal(t, found[len(found)-1], whole.Last())
	require.Equal(t, whole.Last().Change == monitor.Settled, whole.Settled())

	rapid.Check(t, func(t *rapid.T) {
		layer, m := newLayer(t, c), newMonitor(t, c, quick())
		var got []monitor.Finding
		for from := 0; from < len(in); {
			n := min(rapid.SampledFrom([]int{0, 1, 15, 16, 17, 64, 500, 2000}).Draw(t, "packet"), len(in)-from)
			f, err := m.Process(layer, in[from:from+n], winners[from:from+n])
			require.NoError(t, err)
			got = append(got, f...)
			from += n
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				state, err := layer.MarshalBinary()
				require.NoError(t, err)
				layer = newLayer(t, c)
				require.NoError(t, layer.UnmarshalBinary(state))
				other := newMonitor(t, c, quick())
				require.NoError(t, other.UnmarshalBinary(marshalled(t, m)))
				m = other
			}
		}
		require.Equal(t, found, got)
		require.Equal(t, want, winners)
		require.Equal(t, marshalled(t, whole), marshalled(t, m))
	})
}

// A monitor that comes to a layer that has learned before takes its samples at the
// same events as one that was there from the beginning.
func TestComingLate(t *testing.T) {
	c, in := small(), moving(small(), 2000, 6)
	winners := make([]int16, len(in))
	layer := newLayer(t, c)
	require.NoError(t, layer.Process(in[:37], winners[:37]))
	m := newMonitor(t, c, quick())
	_, ok := m.Latest()
	require.False(t, ok)
	require.Equal(t, monitor.Unknown, m.Balance().State)
	_, err := m.Process(layer, in[37:], winners[37:])
	require.NoError(t, err)
	latest, ok := m.Latest()
	require.True(t, ok)
	require.Zero(t, latest.To%16)
	require.Equal(t, uint64(64), latest.Events)
}

// An older state put back into the layer alone makes counters run back: the interval
// begins anew, and nothing underflows.
func TestLayerRunsBack(t *testing.T) {
	c, in := small(), moving(small(), 1000, 7)
	winners := make([]int16, len(in))
	layer, m := newLayer(t, c), newMonitor(t, c, quick())
	old, err := layer.MarshalBinary()
	require.NoError(t, err)
	_, err = m.Process(layer, in[:500], winners[:500])
	require.NoError(t, err)
	require.NoError(t, layer.UnmarshalBinary(old))
	_, err = m.Process(layer, in[500:], winners[500:])
	require.NoError(t, err)
	for _, s := range m.Series().Recent() {
		require.LessOrEqual(t, s.Events, uint64(64+16))
		check(t, s.All, 4)
	}
}

func TestFrozenLayersShowNothing(t *testing.T) {
	c, in := small(), moving(small(), 6000, 5)
	layer, m := newLayer(t, c), newMonitor(t, c, quick())
	layer.SetLearning(false)
	found, err := m.Process(layer, in, make([]int16, len(in)))
	require.NoError(t, err)
	require.Empty(t, found)
	require.Equal(t, monitor.Unknown, m.Balance().State)
}

func TestMisuse(t *testing.T) {
	m := newMonitor(t, small(), quick())
	layer := newLayer(t, feast.Default())
	require.PanicsWithValue(t, monitor.PanicLengths, func() { _, _ = m.Process(layer, make([]events.Event, 1), nil) })
	require.PanicsWithValue(t, monitor.PanicLayer, func() { _, _ = m.Process(layer, nil, nil) })
}

func TestOptions(t *testing.T) {
	for _, c := range []feast.Config{feast.Default(), small()} {
		o := monitor.DefaultOptions(c)
		require.NoError(t, o.Validate())
		require.Equal(t, 65536, o.Interval)
		c.DeltaI = 0
		require.NoError(t, monitor.DefaultOptions(c).Validate())
		c.DeltaI, c.Neurons = 1e-12, feast.MaxNeurons
		require.NoError(t, monitor.DefaultOptions(c).Validate())
	}
	slow := feast.Default()
	slow.DeltaI = 0.0001
	require.Equal(t, 40*4096, monitor.DefaultOptions(slow).Interval) // 160,000 events or more

	for want, change := range map[string]func(*monitor.Options){
		"sample_events 0":    func(o *monitor.Options) { o.Sample = 0 },
		"interval_events 70": func(o *monitor.Options) { o.Interval = 70 },
		"points 3":           func(o *monitor.Options) { o.Points = 3 },
		"window_intervals 5": func(o *monitor.Options) { o.Detector.Window = 5 },
		"trend_standard":     func(o *monitor.Options) { o.Detector.Trend = math.NaN() },
		"pattern_times":      func(o *monitor.Options) { o.Detector.Pattern = 0 },
		"learning_time":      func(o *monitor.Options) { o.Detector.Learning = -1 },
		"slack_standard":     func(o *monitor.Options) { o.Detector.Slack = math.Inf(1) },
		"bound_standard":     func(o *monitor.Options) { o.Detector.Bound = 0 },
		"memory_intervals 7": func(o *monitor.Options) { o.Detector.Memory = 7 },
	} {
		o := quick()
		change(&o)
		_, err := monitor.New(small(), o)
		require.ErrorContains(t, err, want)
	}
	_, err := monitor.New(feast.Config{}, quick())
	require.ErrorContains(t, err, "geometry")
}

// grown is a monitor that has seen much, and its state.
func grown(t require.TestingT) (*monitor.Monitor, []byte) {
	c, in := small(), moving(small(), 3000, 8)
	m := newMonitor(t, c, quick())
	_, err := m.Process(newLayer(t, c), in, make([]int16, len(in)))
	require.NoError(t, err)
	return m, marshalled(t, m)
}

func TestDamagedStatesAreRefused(t *testing.T) {
	m, state := grown(t)
	refused := func(b []byte) {
		t.Helper()
		require.ErrorContains(t, m.UnmarshalBinary(b), "monitor state")
		require.Equal(t, state, marshalled(t, m), "the monitor is as it was")
	}
	for n := range len(state) {
		if n < 32 || n%97 == 0 {
			refused(state[:n])
		}
		if n < 32 || n%13 == 0 {
			damaged := append([]byte(nil), state...)
			damaged[n] ^= 1
			refused(damaged)
		}
	}
	// Damage that a checksum does not show.
	for _, change := range [][2]string{
		{`"left":`, `"left":-`},
		{`"left":`, `"more":`},
		{`"stride":`, `"stride":3`},
		{`"settled":`, `"settled":7,"settled":`},
		{`"recent":[`, `"recent":[{},`},
		{`"points":8`, `"points":10`},
		{`"neurons":2`, `"neurons":3`},
		{`"thresholds":[`, `"thresholds":[1,`},
		{`"Wins":[`, `"Wins":[1,`},
		{`"count":`, `"count":9`},
		{`"seen":`, `"seen":-1`},
	} {
		require.Contains(t, string(state[10:]), change[0])
		refused(sealed(strings.Replace(string(state[10:]), change[0], change[1], 1)))
	}
	refused(sealed(string(state[10:]) + "{}"))
	require.NoError(t, m.UnmarshalBinary(sealed(string(state[10:]))))
}

// sealed makes a state of a text.
func sealed(text string) []byte {
	b := append([]byte("SMON"), 1, 0)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(text)))
	return append(b, text...)
}

// FuzzState puts anything back: what is taken can be gone on with.
func FuzzState(f *testing.F) {
	_, state := grown(f)
	f.Add(string(state[10:]))
	f.Add(`{}`)
	in := moving(small(), 700, 9)
	f.Fuzz(func(t *testing.T, text string) {
		m := newMonitor(t, small(), quick())
		if m.UnmarshalBinary(sealed(text)) != nil {
			return
		}
		_, err := m.Process(newLayer(t, small()), in, make([]int16, len(in)))
		require.NoError(t, err)
		_, err = m.MarshalBinary()
		require.NoError(t, err)
	})
}

// Between samples nothing is allocated.
func TestProcessAllocatesNothing(t *testing.T) {
	c := small()
	o := quick()
	o.Sample, o.Interval = monitor.MaxInterval, monitor.MaxInterval
	layer, m := newLayer(t, c), newMonitor(t, c, o)
	in := moving(c, 64, 1)
	winners := make([]int16, len(in))
	_, err := m.Process(layer, in, winners)
	require.NoError(t, err)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = m.Process(layer, in, winners)
	}))
}

// still is a layer that does nothing, so that only the monitor's cost is measured.
type still struct {
	*feast.Layer
	count uint64
}

func (s *still) Process(in []events.Event, _ []int16) error {
	s.count += uint64(len(in))
	return nil
}

func (s *still) Counters() feast.Counters {
	c := s.Layer.Counters()
	c.Border = s.count
	return c
}

// BenchmarkMonitor is what a monitor adds to an event, packets of 4,096.
func BenchmarkMonitor(b *testing.B) {
	c := feast.Default()
	layer, m := &still{Layer: newLayer(b, c)}, newMonitor(b, c, monitor.DefaultOptions(c))
	in := make([]events.Event, 4096)
	winners := make([]int16, len(in))
	for b.Loop() {
		if _, err := m.Process(layer, in, winners); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(in)), "ns/event")
}
