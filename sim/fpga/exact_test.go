package fpga_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/hwtest"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// A device of any build gives, of any stream, the winners of the layer on purego and the
// same weights, thresholds and surface behind it, with back-pressure at both ends.
func TestLikePurego(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		c, b, change := drawSetup(rng)
		r := newRig(rt, b, c, change)
		for part := range 4 {
			in := drawEvents(rng, c, 60)
			learning := part%4 != 2
			r.layer.SetLearning(learning)
			r.words = append(r.words[:0], hwfpga.CommandWord, hwfpga.SetMode(learning, learning))
			r.run(fpga.Flow{})
			if part == 3 {
				r.layer.Reset()
				r.words = r.host.Reset(r.words[:0])
				r.run(fpga.Flow{})
			}
			r.same(in, pace(rng, []int{1, 50, 1, 400}[part], []int{1, 1, 60, 400}[part]))
		}
		r.sameMemories()
		r.sameSurface()
	})
}

// sameSurface compares the device's stamps with those in the layer's state, which ends
// with the surface: base, newest, steps back, started, number of cells, cells.
func (r *rig) sameSurface() {
	r.t.Helper()
	state, err := r.layer.MarshalBinary()
	require.NoError(r.t, err)
	border := 0
	if r.config.Zero {
		border = r.c.Radius
	}
	stride := r.c.Width + 2*border
	plane := stride * (r.c.Height + 2*border)
	cells := state[len(state)-4*r.config.Banks()*plane:]
	got := r.window(hwfpga.WindowSurface, r.config.Banks()*r.c.Width*r.c.Height)
	i := 0
	for p := range r.config.Banks() {
		for y := range r.c.Height {
			for x := range r.c.Width {
				at := 4 * (p*plane + (y+border)*stride + x + border)
				want := int32(cells[at]) | int32(cells[at+1])<<8 | int32(cells[at+2])<<16 | int32(cells[at+3])<<24
				require.Equal(r.t, want, got[i], "plane %d, row %d, column %d", p, y, x)
				i++
			}
		}
	}
}

// The host keeps the base of stamps as the layer's surface does, over all that times do.
func TestTimes(t *testing.T) {
	for _, mode := range []feast.Decay{feast.DecayExponential, feast.DecayLinear, feast.DecayIndex} {
		c := feast.Default()
		c.Width, c.Height, c.Radius, c.Neurons, c.Decay = 12, 9, 2, 5, mode
		if mode == feast.DecayIndex {
			c.Last = 300
		}
		for _, s := range hwtest.Streams(c.Geometry(), 600, 5) {
			t.Run(string(mode)+" "+s.Name, func(t *testing.T) {
				r := newRig(t, fpga.DefaultBuild(), c, nil)
				r.same(s.Events, fpga.Flow{})
				r.sameMemories()
				r.sameSurface()
			})
		}
	}
}

// Weights, thresholds and rates at the ends of their formats: the definition is that of
// hw.Bank on purego, which knows no layers.
func TestExtremes(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	pick := func(of ...int32) int32 { return of[rng.IntN(len(of))] }
	const one = 1 << 24
	for trial := range 150 {
		side, count := []int{1, 3, 5, 11}[trial%4], 1+rng.IntN(20)
		d, err := hw.NewDecay([]int64{1, 20_000, hw.MaxTau}[trial%3], hw.PeakBits(side*side))
		require.NoError(t, err)
		// Patches that cross the border read cells that never fired, which are young where
		// stamps are small.
		width, pad := side+3, 0
		if trial%7 > 2 {
			pad = side / 2
		}
		stride := width + 2*pad
		cells := make([]uint32, stride*stride)
		bank := hw.NewBank(hw.Patch{Side: side, Stride: stride, Planes: 1, Plane: len(cells), Decay: d}, cells, count)
		bank.Learning, bank.Selecting = trial%5 > 0, trial%5 > 0 || trial%2 == 0
		bank.Eta = pick(0, 1, 1<<16, 4_294_967, 1<<30, 1<<30-1)
		bank.DeltaI, bank.DeltaE = pick(0, 1, 16_777, 1<<30), pick(0, 1, 50_332, 1<<30)
		bank.Recent = 1
		config := hwfpga.Config{
			Width: width, Height: width, Radius: side / 2, Neurons: count, Decay: d, Rates: [2]hw.Rates{{Eta: bank.Eta, DeltaI: bank.DeltaI, DeltaE: bank.DeltaE}},
			Learning: bank.Learning, Selecting: bank.Selecting, Detail: true, Zero: pad > 0,
		}
		device, err := fpga.NewDevice(fpga.DefaultBuild())
		require.NoError(t, err)
		require.NoError(t, hwfpga.Configure(device, config))
		for !device.Idle() {
			device.Tick(fpga.In{})
		}
		r := &rig{t: t, config: config, device: device, host: hwfpga.NewHost(config, false)}
		var w feast.Weights
		for k := range count {
			master := make([]int32, side*side)
			if trial%2 == 0 {
				master[rng.IntN(len(master))] = pick(one, -one, one-1, one-256)
			} else {
				for i := range master {
					master[i] = rng.Int32N(2*one/int32(side)) - one/int32(side)
				}
			}
			bank.SetMaster(k, master)
			bank.Thresholds[k] = pick(math.MinInt32, -one-1, -1, 0, one/2, one-1, one, one+1, math.MaxInt32)
			w.Master = append(w.Master, master...)
			w.Thresholds = append(w.Thresholds, bank.Thresholds[k])
		}
		r.load(w)
		var steps []hw.Step
		words := []uint32{}
		now := pick(1, 1<<30, hw.MaxStamp-2000)
		for range 50 {
			x, y := rng.IntN(4+2*pad), rng.IntN(4+2*pad)
			now = min(now+rng.Int32N(40), hw.MaxStamp)
			first := uint32(y*stride + x)
			steps = append(steps, hw.Step{Cell: first + uint32(side/2*(stride+1)), First: first, Now: uint32(now), Winner: hw.Pending})
			words = append(words, hwfpga.EventWord(uint16(x+side/2-pad), uint16(y+side/2-pad), events.On), uint32(now))
		}
		purego(t).Kernels().Run(bank, steps)
		r.words = words
		results := r.run(fpga.Flow{})
		require.Len(t, results, len(steps))
		for i, s := range steps {
			require.Equal(t, s.Winner, int32(results[i].Winner), "trial %d, event %d", trial, i)
			require.Equal(t, uint16(i), results[i].Seq)
		}
		got := r.window(hwfpga.WindowMaster, len(w.Master))
		for k := range count {
			require.Equal(t, bank.MasterOf(k), got[k*side*side:][:side*side], "trial %d, neuron %d", trial, k)
		}
		require.Equal(t, bank.Thresholds, r.window(hwfpga.WindowThresholds, count))
		for k, v := range r.window(hwfpga.WindowSquares, count) {
			require.Equal(t, bank.Squares[k], uint32(v))
		}
	}
}

// With details, the device says by how much a feature has won; and the dot products of
// the last event can be read, those that were computed again among them.
func TestDetails(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	c := feast.Default()
	c.Mode, c.Border, c.Tau = feast.Merged, feast.BorderZero, 3*time.Millisecond
	r := newRig(t, fpga.DefaultBuild(), c, func(f *hwfpga.Config) { f.Detail = true })
	k := purego(t).Kernels()
	twin, err := feast.New(c, purego(t))
	require.NoError(t, err)
	winners := make([]int16, 1)
	n := c.Elements()
	// A surface of our own, to compute the contexts from.
	stride := c.Width + 2*c.Radius
	cells := make([]uint32, stride*(c.Height+2*c.Radius))
	origin := 2*r.config.Decay.Horizon + 2
	for i := range 500 {
		e := events.Event{T: int64(i * 40), X: uint16(rng.IntN(20)), Y: uint16(rng.IntN(20)), P: events.On}
		now := origin + uint32(i*40)
		first := int(e.Y)*stride + int(e.X)
		cells[first+c.Radius*(stride+1)] = now
		context := make([]int16, hw.ContextSpace(n))
		sum := k.Context(context, cells, first, &hw.Patch{Side: c.Side(), Stride: stride, Planes: 1, Plane: len(cells), Decay: r.config.Decay}, now)
		before := twin.Weights()
		require.NoError(t, twin.Process([]events.Event{e}, winners))
		got := r.results([]events.Event{e}, fpga.Flow{})[0]
		require.Equal(t, winners[0], got.Winner)
		require.Equal(t, hw.Norm(sum), got.Norm)
		for f, dot := range r.window(hwfpga.WindowDots, c.Neurons) {
			var want int32
			for j, m := range before.Master[f*n : (f+1)*n] {
				want += int32(hw.MatchWeight(m)) * int32(context[j])
			}
			require.Equal(t, want, dot, "event %d, feature %d", i, f)
			if int16(f) == got.Winner {
				require.Equal(t, want, got.Dot)
			}
		}
	}
}

// Rates that fall with what a bank has learned, as feast.Anneal has it, are the host's to
// set, for each bank on its own, while nothing is under way.
func TestRatesOfBanks(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	c := small()
	c.Anneal = feast.Anneal{Every: 50, Factor: 0.5, Floor: 0.01}
	c.Eta = 0.1
	r := newRig(t, fpga.DefaultBuild(), c, nil)
	learned := [2]uint64{}
	for i, e := range drawEvents(rng, c, 500) {
		e.P = events.Polarity(min(i%3, 1))
		r.same([]events.Event{e}, fpga.Flow{})
		if int(e.X) >= c.Width || int(e.Y) >= c.Height {
			continue
		}
		if learned[e.P]++; learned[e.P]%c.Anneal.Every == 0 {
			now := rates(c, learned[e.P])
			for i, v := range []int32{now.Eta, now.DeltaI, now.DeltaE} {
				require.NoError(t, r.device.Write(uint32(hwfpga.RegEta+4*i+int(e.P)*hwfpga.RegBanks), uint32(v)))
			}
		}
	}
	require.Greater(t, learned[0], c.Anneal.Every)
	require.NotEqual(t, learned[0]/c.Anneal.Every, learned[1]/c.Anneal.Every, "the banks have different rates")
	r.sameMemories()
}
