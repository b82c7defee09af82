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
	times      []map[[2]int]int64 // [bank][x, y]
	newest     int64
	started    bool
	master     [][]int32 // [feature][pixel of the patch]
	thresholds []int32
	learning   bool

	eta, deltaI, deltaE int32
}

func newModel(t testing.TB, c feast.Config) *model {
	t.Helper()
	n := c.Side() * c.Side()
	decay, err := hw.NewDecay(c.Tau.Microseconds(), hw.PeakBits(n))
	require.NoError(t, err)
	w := feast.RandomWeights(c)
	round := func(v float64, fraction int) int32 { return int32(math.RoundToEven(v * math.Exp2(float64(fraction)))) }
	m := &model{
		c: c, decay: decay, thresholds: w.Thresholds, learning: true,
		eta:    round(c.Eta, hw.EtaFraction),
		deltaI: round(c.DeltaI, hw.ThresholdFraction),
		deltaE: round(c.DeltaE, hw.ThresholdFraction),
	}
	for v := range slices.Chunk(w.Master, n) {
		m.master = append(m.master, v)
	}
	m.reset()
	return m
}

func (m *model) reset() {
	m.started = false
	m.times = make([]map[[2]int]int64, m.c.Banks())
	for q := range m.times {
		m.times[q] = map[[2]int]int64{}
	}
}

func (m *model) event(e events.Event) int16 {
	x, y := int(e.X), int(e.Y)
	if x >= m.c.Width || y >= m.c.Height {
		return hw.Outside
	}
	if m.started && e.T < m.newest && uint64(m.newest)-uint64(e.T) > uint64(m.decay.Horizon) {
		m.reset() // a new start
	}
	if !m.started || e.T > m.newest {
		m.newest = e.T
	}
	m.started = true
	q := 0
	if m.c.Mode == feast.Split {
		q = int(e.P)
	}
	m.times[q][[2]int{x, y}] = e.T
	r := m.c.Radius
	if m.c.Border == feast.BorderSkip && (x < r || y < r || x+r >= m.c.Width || y+r >= m.c.Height) {
		return hw.Border
	}

	context := make([]int16, 0, m.c.Side()*m.c.Side())
	var sum uint32
	for py := y - r; py <= y+r; py++ {
		for px := x - r; px <= x+r; px++ {
			var v int16
			if t, fired := m.times[q][[2]int{px, py}]; fired {
				age := uint64(0)
				if t < e.T {
					age = min(uint64(e.T)-uint64(t), math.MaxUint32)
				}
				v = m.decay.Value(uint32(age))
			}
			context = append(context, v)
			sum += uint32(v) * uint32(v)
		}
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
		if (reached || !m.learning) && (winner < 0 || dot > best) {
			winner, best = f, dot
		}
	}
	switch {
	case winner < 0:
		for f := q * m.c.Neurons; f < (q+1)*m.c.Neurons; f++ {
			m.thresholds[f] -= m.deltaE
		}
		return hw.Missed
	case m.learning:
		w := m.master[winner]
		var square uint32
		for i := range w {
			square += uint32(int32(hw.MatchWeight(w[i])) * int32(hw.MatchWeight(w[i])))
		}
		p := hw.NewPull(norm, int32(best), square, m.eta)
		for i := range w {
			old := hw.MatchWeight(w[i])
			towards := hw.Difference(hw.Normalised(context[i], p.Shift, p.Factor), old)
			w[i] += int32((int64(towards)*int64(p.Rate) + int64(old)*int64(p.Renormal) + 1<<(p.Drop-1)) >> p.Drop)
		}
		m.thresholds[winner] += m.deltaI
	}
	return int16(winner)
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
	}
}

func describe(c feast.Config) string {
	return fmt.Sprintf("%dx%d %s %s neurons=%d radius=%d tau=%v", c.Width, c.Height, c.Mode, c.Border, c.Neurons, c.Radius, c.Tau)
}

// events a stream, so that layers of all sizes take about as long.
func streamLength(c feast.Config, work int) int {
	return min(max(work/(c.Side()*c.Side()*(c.Neurons+8)), 50), 2000)
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
