package feast_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

func newLayer(t *testing.T, c feast.Config) *feast.Layer {
	t.Helper()
	target, err := hw.Find("purego")
	require.NoError(t, err)
	l, err := feast.New(c, target)
	require.NoError(t, err)
	return l
}

func process(t *testing.T, l *feast.Layer, in []events.Event) []int16 {
	t.Helper()
	winners := make([]int16, len(in))
	require.NoError(t, l.Process(in, winners))
	return winners
}

// The digests of winners and state behind a stream: the arithmetic on this
// machine is that of every other, and of every version that has this digest.
func TestArithmeticNeverChanges(t *testing.T) {
	for _, c := range []struct {
		mode             feast.Mode
		border           feast.Border
		neurons, radius  int
		winners, learned string
	}{
		{feast.Split, feast.BorderSkip, 16, 5, "3a62ef4d6bffa8db", "1914f49a644a8320"},
		{feast.Merged, feast.BorderZero, 7, 3, "422b17483983c021", "5593db5c65055fb7"},
	} {
		config := feast.Default()
		config.Mode, config.Border, config.Neurons, config.Radius = c.mode, c.border, c.neurons, c.radius
		t.Run(string(c.mode), func(t *testing.T) {
			hwtest.Targets(t, func(t *testing.T, target hw.Target) {
				l, err := feast.New(config, target)
				require.NoError(t, err)
				winners := process(t, l, movingEdges(config, 20_000))
				h := sha256.New()
				require.NoError(t, binary.Write(h, binary.LittleEndian, winners))
				w := l.Weights()
				require.Equal(t, c.winners, hex.EncodeToString(h.Sum(nil)[:8]), "winners")
				require.Equal(t, c.learned, digest(w.Master, w.Thresholds), "weights and thresholds")
			})
		})
	}
}

func TestLayerIsDeterministic(t *testing.T) {
	c := feast.Default()
	in := movingEdges(c, 5000)
	a, b := newLayer(t, c), newLayer(t, c)
	require.Equal(t, process(t, a, in), process(t, b, in))
	stateA, err := a.MarshalBinary()
	require.NoError(t, err)
	stateB, err := b.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, stateA, stateB)
}

// The integers find the winners that float64 finds with the same weights.
func TestIntegersAgreeWithReference(t *testing.T) {
	for _, c := range configs() {
		if c.Width < c.Side() {
			continue
		}
		streams := hwtest.Streams(c.Geometry(), streamLength(c, 4_000_000), 5)
		for _, s := range streams[:2] { // edges and noise, in the order of time
			l := newLayer(t, c)
			process(t, l, s.Events) // features of some use
			l.SetLearning(false)
			l.Reset()
			weights, thresholds := l.Weights().Float()
			r, err := feast.NewReference(c, weights, thresholds)
			require.NoError(t, err)
			r.Learning = false
			got, want := process(t, l, s.Events), make([]int16, len(s.Events))
			r.Process(s.Events, want)
			same := 0
			for i := range got {
				if got[i] == want[i] {
					same++
				}
			}
			require.GreaterOrEqual(t, float64(same)/float64(len(got)), 0.999, "%s, %s", describe(c), s.Name)
		}
	}
}

// One context, one neuron: what each event does to threshold and weights.
func TestThresholds(t *testing.T) {
	c := feast.Default()
	c.Width, c.Height, c.Neurons, c.Radius, c.Mode, c.Border = 3, 3, 2, 1, feast.Merged, feast.BorderZero
	c.DeltaI, c.DeltaE, c.InitialThreshold = 0.001, 0.003, 0.9995
	const q24 = 1 << 24
	deltaI, deltaE := int32(math.Round(0.001*q24)), int32(math.Round(0.003*q24))
	target, err := hw.Find("purego")
	require.NoError(t, err)
	w := feast.RandomWeights(c)
	clear(w.Master)
	// The first neuron is exactly the context of one event alone, the second has nothing of it.
	w.Master[4], w.Master[9] = q24, q24
	l, err := feast.NewWithWeights(c, target, w)
	require.NoError(t, err)
	alone := func(step int64) []events.Event { return []events.Event{{T: step * 10_000_000, X: 1, Y: 1}} }
	initial := w.Thresholds[0]

	// A win raises the winner's threshold, and nothing else.
	require.Equal(t, []int16{0}, process(t, l, alone(0)))
	require.Equal(t, []int32{initial + deltaI, initial}, l.Weights().Thresholds)
	// The match weight of a one is 1 - 2^-15: at 1.0005 no cosine reaches, a missed
	// event, and all fall.
	require.Equal(t, []int16{hw.Missed}, process(t, l, alone(1)))
	require.Equal(t, []int32{initial + deltaI - deltaE, initial - deltaE}, l.Weights().Thresholds)
	require.Equal(t, []int16{0, 0}, append(process(t, l, alone(2)), process(t, l, alone(3))...))
	require.Equal(t, []int32{initial + 3*deltaI - deltaE, initial - deltaE}, l.Weights().Thresholds)
	require.Equal(t, feast.Counters{Hits: 3, Missed: 1, Wins: []uint64{3, 0}, BankMissed: []uint64{1}}, l.Counters())
	require.InDelta(t, 0.25, l.Counters().MissedRate(), 1e-15)
	require.Equal(t, uint64(4), l.Counters().Events())
	// A winner that is its context already stays so.
	require.Equal(t, w.Master, l.Weights().Master)

	// Without learning thresholds do not count, and nothing changes.
	l.SetLearning(false)
	require.False(t, l.Learning())
	before := l.Weights()
	for step := range int64(3) {
		require.Equal(t, []int16{0}, process(t, l, alone(4+step)))
	}
	require.Equal(t, before, l.Weights())
}

// A cosine that is the threshold reaches it, and one unit below does not.
func TestThresholdReached(t *testing.T) {
	c := feast.Default()
	c.Width, c.Height, c.Neurons, c.Radius, c.Mode, c.Border = 3, 3, 1, 1, feast.Merged, feast.BorderZero
	target, err := hw.Find("purego")
	require.NoError(t, err)
	for threshold, want := range map[int32]int16{1<<23 - 1: 0, 1 << 23: 0, 1<<23 + 1: hw.Missed} {
		w := feast.RandomWeights(c)
		clear(w.Master)
		w.Master[4], w.Thresholds[0] = 1<<23, threshold // half of the context of one event alone
		l, err := feast.NewWithWeights(c, target, w)
		require.NoError(t, err)
		require.Equal(t, []int16{want}, process(t, l, []events.Event{{X: 1, Y: 1}}), "threshold %d", threshold)
	}
}

// Of equals the first wins.
func TestTies(t *testing.T) {
	c := feast.Default()
	c.Neurons = 5
	target, err := hw.Find("purego")
	require.NoError(t, err)
	w := feast.RandomWeights(c)
	n := c.Side() * c.Side()
	for f := 1; f < c.Features(); f++ {
		copy(w.Master[f*n:(f+1)*n], w.Master[:n])
	}
	l, err := feast.NewWithWeights(c, target, w)
	require.NoError(t, err)
	l.SetLearning(false)
	for _, winner := range process(t, l, movingEdges(c, 500)) {
		require.Contains(t, []int16{0, 5, hw.Border}, winner)
	}
	// A threshold out of reach lets the next one win.
	clear(w.Thresholds)
	w.Thresholds[0], w.Thresholds[5] = 2<<24, 2<<24
	l, err = feast.NewWithWeights(c, target, w)
	require.NoError(t, err)
	require.Equal(t, int16(1), process(t, l, []events.Event{{X: 17, Y: 17}})[0])
}

// What thresholds rise and fall by adds up, to the bit, in every bank.
func requireBalanced(t *testing.T, c feast.Config, before, after []int32, hits, missed uint64) {
	t.Helper()
	var change int64
	for i := range after {
		change += int64(after[i]) - int64(before[i])
	}
	const q24 = 1 << 24
	deltaI, deltaE := int64(math.Round(c.DeltaI*q24)), int64(math.Round(c.DeltaE*q24))
	require.Equal(t, int64(hits)*deltaI-int64(missed)*int64(c.Neurons)*deltaE, change)
}

// measureBalance runs streams through a layer, the first half to settle, and
// gives misses over hits of the second.
func measureBalance(t *testing.T, c feast.Config, streams [][]events.Event) float64 {
	t.Helper()
	l := newLayer(t, c)
	var settled feast.Counters
	for i, s := range streams {
		if i == len(streams)/2 {
			settled = l.Counters()
		}
		before, from := l.Weights().Thresholds, l.Counters()
		l.Reset()
		process(t, l, s)
		after, to := l.Weights().Thresholds, l.Counters()
		for q := range c.Banks() {
			var hits uint64
			for f := q * c.Neurons; f < (q+1)*c.Neurons; f++ {
				hits += to.Wins[f] - from.Wins[f]
			}
			bank := func(thresholds []int32) []int32 { return thresholds[q*c.Neurons : (q+1)*c.Neurons] }
			requireBalanced(t, c, bank(before), bank(after), hits, to.BankMissed[q]-from.BankMissed[q])
		}
	}
	requireLengthOne(t, c, l.Weights(), 6e-5) // one is 1-2^-15, see hw.Renormal
	end := l.Counters()
	t.Logf("misses over hits %.5f, balance %.5f", float64(end.Missed-settled.Missed)/float64(end.Hits-settled.Hits), c.Balance())
	return float64(end.Missed-settled.Missed) / float64(end.Hits-settled.Hits)
}

// FEAST's own balance: misses settle at dI/(N*dE) of the hits, and 160,000
// events leave the weights at length one.
func TestBalance(t *testing.T) {
	c := feast.Default()
	c.Neurons, c.Radius, c.Border = 8, 2, feast.BorderZero
	streams := make([][]events.Event, 0, 8)
	for range 8 {
		streams = append(streams, movingEdges(c, 20_000))
	}
	require.InEpsilon(t, c.Balance(), measureBalance(t, c, streams), 0.05)
}

func TestBalanceOnRecordings(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("real recordings: SACCADE_DATA is not set")
	}
	paths := realRecordings(t, data, 5)
	streams := make([][]events.Event, 0, len(paths))
	for _, path := range paths {
		streams = append(streams, readRecording(t, path))
	}
	require.InEpsilon(t, feast.Default().Balance(), measureBalance(t, feast.Default(), streams), 0.05)
}

// Where a patch fits on the sensor, the border's rule changes nothing; where it
// does not, the event is skipped or its patch filled up.
func TestBorders(t *testing.T) {
	skip := feast.Default()
	zero := skip
	zero.Border = feast.BorderZero
	a, b := newLayer(t, skip), newLayer(t, zero)
	a.SetLearning(false)
	b.SetLearning(false)
	in := movingEdges(skip, 5000)
	gotSkip, gotZero := process(t, a, in), process(t, b, in)
	skipped := uint64(0)
	for i, e := range in {
		inside := e.X >= 5 && e.X < 29 && e.Y >= 5 && e.Y < 29
		if !inside {
			skipped++
		}
		require.Equal(t, !inside, gotSkip[i] == hw.Border, "%+v", e)
		require.GreaterOrEqual(t, gotZero[i], int16(0))
		if inside {
			require.Equal(t, gotZero[i], gotSkip[i], "%+v", e)
		}
	}
	require.Equal(t, skipped, a.Counters().Border)
	require.Zero(t, b.Counters().Border)
}

// A split layer is two merged ones, each of which sees one polarity.
func TestSplitIsTwoMerged(t *testing.T) {
	split := feast.Default()
	split.Neurons, split.Radius = 6, 3
	merged := split
	merged.Mode = feast.Merged
	target, err := hw.Find("purego")
	require.NoError(t, err)
	l := newLayer(t, split)
	in := movingEdges(split, 6000)
	w := l.Weights()
	want := process(t, l, in)
	half := len(w.Master) / 2
	for q := range 2 {
		part, err := feast.NewWithWeights(merged, target, feast.Weights{
			Master: w.Master[q*half : (q+1)*half], Thresholds: w.Thresholds[q*6 : (q+1)*6],
		})
		require.NoError(t, err)
		for i, e := range in {
			if int(e.P) != q {
				continue
			}
			winner := process(t, part, in[i:i+1])[0]
			if winner >= 0 {
				winner += int16(6 * q)
			}
			require.Equal(t, want[i], winner, "event %d", i)
		}
		require.Equal(t, l.Weights().Master[q*half:(q+1)*half], part.Weights().Master)
	}
	// A merged layer does not look at the polarity.
	a, b := newLayer(t, merged), newLayer(t, merged)
	turned := slices.Clone(in)
	for i := range turned {
		turned[i].P ^= 1
	}
	require.Equal(t, process(t, a, in), process(t, b, turned))
}

func TestLayerCounts(t *testing.T) {
	c := feast.Default()
	l := newLayer(t, c)
	in := hwtest.Streams(c.Geometry(), 3000, 9)
	stream := in[len(in)-1].Events // with events outside
	winners := process(t, l, stream)
	var want feast.Counters
	want.Wins, want.BankMissed = make([]uint64, c.Features()), make([]uint64, 2)
	for i, w := range winners {
		switch w {
		case hw.Missed:
			want.Missed++
			want.BankMissed[stream[i].P]++
		case hw.Border:
			want.Border++
		case hw.Outside:
			want.Outside++
			require.False(t, c.Geometry().Contains(stream[i].X, stream[i].Y))
		default:
			want.Hits++
			want.Wins[w]++
			require.Equal(t, int(stream[i].P), int(w)/c.Neurons, "the polarity's own bank")
		}
	}
	require.Equal(t, want, l.Counters())
	require.Equal(t, uint64(len(winners)), l.Counters().Events())
	require.Positive(t, want.Outside)
	require.Zero(t, feast.Counters{}.MissedRate())
	l.Counters().Wins[0] = 1 << 40
	require.Equal(t, want, l.Counters(), "the counters given away are a copy")
}

// What two layers have counted adds up, and the sum is not bound to what was added.
func TestCountersAdd(t *testing.T) {
	some := func(n uint64) feast.Counters {
		return feast.Counters{Hits: n, Missed: 2 * n, Border: 3 * n, Outside: 4 * n, Noise: 5 * n, Ignored: 6 * n, Wins: []uint64{7 * n, 8 * n}, BankMissed: []uint64{9 * n}}
	}
	sum, by := some(1), some(10)
	sum.Add(by)
	require.Equal(t, some(11), sum)
	require.Equal(t, some(10), by)
	require.Equal(t, some(1), sum.Since(by))
	by.Wins[0] = 0
	require.Equal(t, some(11), sum)
}

func TestStepsBackAreCounted(t *testing.T) {
	l := newLayer(t, feast.Default())
	process(t, l, []events.Event{{T: 1_000_000, X: 17, Y: 17}, {T: 999_000, X: 17, Y: 17}, {T: 5, X: 17, Y: 17}, {T: 0, X: 17, Y: 17}})
	require.Equal(t, uint64(1), l.StepsBack())
	l.Reset()
	process(t, l, []events.Event{{T: -1 << 40, X: 17, Y: 17}})
	require.Equal(t, uint64(1), l.StepsBack(), "a reset is none")
}

func TestProcessPanicsOnLengths(t *testing.T) {
	l := newLayer(t, feast.Default())
	require.PanicsWithValue(t, feast.PanicLengths, func() { _ = l.Process(make([]events.Event, 2), make([]int16, 1)) })
}

// Long time constants and short ones, whatever the horizon: a pixel that never
// fired is nothing in a context.
func TestNeverFiredIsNothing(t *testing.T) {
	for _, tau := range []time.Duration{1, 3, 4, 22, 45, 732, 1465, 2931, 5862, 20_000, 60_000_000} {
		for _, radius := range []int{1, 3, 5, 7, 15, 31} {
			c := feast.Default()
			c.Width, c.Height, c.Mode, c.Border, c.Radius, c.Tau = 3, 3, feast.Merged, feast.BorderZero, radius, tau*time.Microsecond
			c.Neurons = 2
			w := feast.RandomWeights(c)
			n := c.Side() * c.Side()
			for i := range w.Master {
				w.Master[i] = 0
				if i < n && i != n/2 {
					w.Master[i] = int32((1 << 24) / math.Sqrt(float64(n)))
				}
			}
			w.Master[n+n/2] = 1 << 10 // a little of the centre is more than all of nothing
			target, err := hw.Find("purego")
			require.NoError(t, err)
			l, err := feast.NewWithWeights(c, target, w)
			require.NoError(t, err)
			l.SetLearning(false)
			require.Equal(t, []int16{1}, process(t, l, []events.Event{{T: 123, X: 1, Y: 1}}), describe(c))
		}
	}
}
