package feast_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// model is the rule in the integers of package hw as one would write it down: a
// 64-bit time for every pixel, no base that moves, no packed weights, nothing
// kept from one event to the next that the rule does not name.
type model struct {
	c          feast.Config
	decay      *hw.Decay
	times      []map[[2]int]int64 // [plane][x, y]
	count      int64              // events of an index surface
	learned    [2]uint64          // by bank
	newest     int64
	started    bool
	master     [][]int32 // [feature][pixel of the patch]
	thresholds []int32
	learning   bool
}

func newModel(t testing.TB, c feast.Config) *model {
	t.Helper()
	n := c.Elements()
	decay, err := hw.NewDecay(c.Tau.Microseconds(), hw.PeakBits(n))
	switch c.Decay {
	case feast.DecayLinear:
		decay, err = hw.NewLinearDecay(c.Tau.Microseconds(), hw.PeakBits(n))
	case feast.DecayIndex:
		decay, err = hw.NewLinearDecay(int64(c.Last), hw.PeakBits(n))
	}
	require.NoError(t, err)
	w := feast.RandomWeights(c)
	m := &model{c: c, decay: decay, thresholds: w.Thresholds, learning: true}
	for v := range slices.Chunk(w.Master, n) {
		m.master = append(m.master, v)
	}
	m.reset()
	return m
}

func (m *model) reset() {
	m.started, m.count = false, 0
	m.times = make([]map[[2]int]int64, max(m.c.Banks(), m.c.Planes))
	for q := range m.times {
		m.times[q] = map[[2]int]int64{}
	}
}

// rate is a rate in integers, after annealing.
func (m *model) rate(v float64, fraction, bank int) int32 {
	share := 1.0
	if a := m.c.Anneal; a.Every > 0 {
		for range m.learned[bank] / a.Every {
			share *= a.Factor
		}
		share = max(share, a.Floor)
	}
	return int32(math.RoundToEven(v * share * math.Exp2(float64(fraction))))
}

func (m *model) event(e events.Event) int16 {
	x, y := int(e.X), int(e.Y)
	plane, q := 0, 0
	switch {
	case x >= m.c.Width || y >= m.c.Height:
		return hw.Outside
	case m.c.Mode == feast.Split:
		plane, q = int(e.P), int(e.P)
	case m.c.Mode == feast.On && e.P == events.Off:
		return hw.Ignored
	case m.c.Mode == feast.Planes:
		if plane = int(e.P); plane >= m.c.Planes {
			return hw.Outside
		}
	}
	now := e.T
	if m.c.Decay == feast.DecayIndex {
		m.count++
		now = m.count
	}
	if m.started && now < m.newest && uint64(m.newest)-uint64(now) > uint64(m.decay.Horizon) {
		m.reset() // a new start
	}
	if !m.started || now > m.newest {
		m.newest = now
	}
	m.started = true
	m.times[plane][[2]int{x, y}] = now
	before := *m // the rates of this event do not count it
	if m.learning {
		m.learned[q]++
	}
	r := m.c.Radius
	if m.c.Border == feast.BorderSkip && (x < r || y < r || x+r >= m.c.Width || y+r >= m.c.Height) {
		return hw.Border
	}
	return m.compete(x, y, q, now, before.rate(m.c.Eta, hw.EtaFraction, q),
		before.rate(m.c.DeltaI, hw.ThresholdFraction, q), before.rate(m.c.DeltaE, hw.ThresholdFraction, q))
}

func (m *model) compete(x, y, q int, now int64, eta, deltaI, deltaE int32) int16 {
	r := m.c.Radius
	planes := m.times[q : q+1]
	if m.c.Mode == feast.Planes {
		planes = m.times
	}
	context := make([]int16, 0, m.c.Elements())
	var sum uint32
	fired := 0
	for _, times := range planes {
		for py := y - r; py <= y+r; py++ {
			for px := x - r; px <= x+r; px++ {
				var v int16
				if t, ever := times[[2]int{px, py}]; ever {
					age := uint64(0)
					if t < now {
						age = min(uint64(now)-uint64(t), math.MaxUint32)
					}
					v = m.decay.Value(uint32(age))
				}
				if v >= m.recent() {
					fired++
				}
				context = append(context, v)
				sum += uint32(v) * uint32(v)
			}
		}
	}
	if fired < m.c.MinRecent {
		return hw.Noise
	}
	norm := hw.Norm(sum)

	winner := -1
	var best int64
	for f := q * m.c.Neurons; f < (q+1)*m.c.Neurons; f++ {
		var dot int64
		for i, w := range m.master[f] {
			dot += int64(hw.MatchWeight(w)) * int64(context[i])
		}
		reached := dot<<hw.MatchShift >= int64(m.thresholds[f])*int64(norm)
		if (reached || !m.learning && m.c.Inference != feast.Thresholds) && (winner < 0 || dot > best) {
			winner, best = f, dot
		}
	}
	switch {
	case winner < 0:
		for f := q * m.c.Neurons; m.learning && f < (q+1)*m.c.Neurons; f++ {
			m.thresholds[f] -= deltaE
		}
		return hw.Missed
	case m.learning:
		w := m.master[winner]
		var square uint32
		for i := range w {
			square += uint32(int32(hw.MatchWeight(w[i])) * int32(hw.MatchWeight(w[i])))
		}
		p := hw.NewPull(norm, int32(best), square, eta)
		for i := range w {
			old := hw.MatchWeight(w[i])
			towards := hw.Difference(hw.Normalised(context[i], p.Shift, p.Factor), old)
			w[i] += int32((int64(towards)*int64(p.Rate) + int64(old)*int64(p.Renormal) + 1<<(p.Drop-1)) >> p.Drop)
		}
		m.thresholds[winner] += deltaI
	}
	return int16(winner)
}

// recent is the least value of what fired recently.
func (m *model) recent() int16 {
	switch {
	case m.c.Recent > 0:
		return max(1, m.decay.Value(uint32(m.c.Recent.Microseconds())))
	case m.decay.Linear:
		return 1
	default:
		return max(1, m.decay.Value(uint32(m.c.Tau.Microseconds())))
	}
}

// configs are layers of all modes and sizes, the least there is among them.
func configs() []feast.Config {
	base := feast.Default()
	base.Eta, base.Seed = 0.01, 7
	make := func(width, height, neurons, radius int, mode feast.Mode, border feast.Border, tau time.Duration) feast.Config {
		c := base
		c.Width, c.Height, c.Neurons, c.Radius, c.Mode, c.Border, c.Tau = width, height, neurons, radius, mode, border, tau
		return c
	}
	coarse := make(20, 12, 3, 2, feast.Merged, feast.BorderZero, 5*time.Millisecond)
	coarse.Eta, coarse.DeltaI, coarse.DeltaE, coarse.InitialThreshold = feast.MaxEta, feast.MaxDelta, feast.MaxDelta, -1
	return []feast.Config{
		feast.Default(),
		make(12, 9, 3, 1, feast.Split, feast.BorderSkip, 20*time.Millisecond),
		make(20, 12, 5, 2, feast.Merged, feast.BorderZero, time.Millisecond),
		make(9, 30, 17, 3, feast.Split, feast.BorderZero, 500*time.Millisecond),
		make(16, 16, 9, 4, feast.Merged, feast.BorderSkip, 1465*time.Microsecond), // its horizon lies at a power of two
		make(8, 8, 2, 6, feast.Split, feast.BorderSkip, time.Millisecond),         // no patch fits
		make(1, 1, 1, 0, feast.Merged, feast.BorderZero, time.Microsecond),
		make(24, 24, 2, feast.MaxRadius, feast.Merged, feast.BorderZero, hw.MaxTau*time.Microsecond),
		coarse,
		with(make(20, 12, 5, 2, feast.On, feast.BorderSkip, 5*time.Millisecond), func(c *feast.Config) {
			c.MinRecent, c.Recent = 3, 2*time.Millisecond
		}),
		with(make(14, 15, 6, 2, feast.Split, feast.BorderZero, 5*time.Millisecond), func(c *feast.Config) {
			c.Decay, c.MinRecent, c.Inference = feast.DecayLinear, 2, feast.Thresholds
			c.Anneal = feast.Anneal{Every: 37, Factor: 0.7, Floor: 0.1}
		}),
		with(make(16, 11, 7, 1, feast.Split, feast.BorderZero, time.Millisecond), func(c *feast.Config) {
			c.Decay, c.Last, c.Anneal = feast.DecayIndex, 60, feast.Anneal{Every: 100, Factor: 0}
		}),
		with(make(16, 11, 9, 2, feast.Planes, feast.BorderZero, 5*time.Millisecond), func(c *feast.Config) {
			c.Planes, c.Inference, c.MinRecent = 2, feast.Thresholds, 4
		}),
	}
}

func with(c feast.Config, change func(c *feast.Config)) feast.Config {
	change(&c)
	return c
}

func describe(c feast.Config) string {
	return fmt.Sprintf("%dx%d %s %s %s neurons=%d radius=%d tau=%v", c.Width, c.Height, c.Mode, c.Border, c.Decay, c.Neurons, c.Radius, c.Tau)
}

// events a stream, so that layers of all sizes take about as long.
func streamLength(c feast.Config, work int) int {
	return min(max(work/(c.Elements()*(c.Neurons+8)), 50), 2000)
}

// TestLayerIsItsModel compares the layer with the model: every result of streams
// with all that streams do, and what was learned at their end.
func TestLayerIsItsModel(t *testing.T) {
	target, err := hw.Find("purego")
	require.NoError(t, err)
	for _, c := range configs() {
		t.Run(describe(c), func(t *testing.T) {
			for _, s := range hwtest.Streams(c.Geometry(), streamLength(c, 1_000_000), 3) {
				m := newModel(t, c)
				l, err := feast.New(c, target)
				require.NoError(t, err)
				winners := make([]int16, len(s.Events))
				for from := range 4 {
					// The third quarter without learning, the last from clear surfaces.
					part := s.Events[from*len(s.Events)/4 : (from+1)*len(s.Events)/4]
					m.learning = from != 2
					l.SetLearning(m.learning)
					if from == 3 {
						m.reset()
						l.Reset()
					}
					got := winners[:len(part)]
					require.NoError(t, l.Process(part, got))
					for i, e := range part {
						if want := m.event(e); want != got[i] {
							require.Failf(t, "results differ", "%s, quarter %d, event %d (%+v): expected %d, found %d", s.Name, from, i, e, want, got[i])
						}
					}
				}
				w := l.Weights()
				require.Equal(t, slices.Concat(m.master...), w.Master, "weights behind %s", s.Name)
				require.Equal(t, m.thresholds, w.Thresholds, "thresholds behind %s", s.Name)
			}
		})
	}
}
