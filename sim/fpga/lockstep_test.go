package fpga_test

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// lockstep runs words through a device and its literal model, and requires that their pins
// are the same in every cycle.
func (r *rig) lockstep(l *literal, words []uint32, flow fpga.Flow, rest int) {
	r.t.Helper()
	at := 0
	for cycle := uint64(0); ; cycle++ {
		out, want := r.device.Out(), l.Out()
		if out != want {
			require.Equal(r.t, want, out, "cycle %d", cycle)
		}
		in := fpga.In{}
		if at < len(words) && flow.Offer(cycle) {
			in.Valid, in.Word = true, words[at]
			if out.Ready {
				at++
			}
		}
		in.Ready = out.Valid && flow.Take(cycle)
		r.device.Tick(in)
		l.Tick(in)
		if at == len(words) && r.device.Idle() && !out.Valid {
			if rest--; rest == 0 {
				return
			}
		}
	}
}

// pace is a flow that stops and goes.
func pace(rng *rand.Rand, offer, take int) fpga.Flow {
	toggle := func(most int) func(uint64) bool {
		on, left := true, 0
		return func(uint64) bool {
			if left--; left < 0 {
				left = rng.IntN(most)
				on = !on || most == 1
			}
			return on
		}
	}
	return fpga.Flow{Offer: toggle(offer), Take: toggle(take)}
}

// singly is a flow that gives events time of their own: the next one comes at any stage of
// the one before.
func singly(rng *rand.Rand, take func(uint64) bool) fpga.Flow {
	left := 0
	return fpga.Flow{Take: take, Offer: func(uint64) bool {
		if left--; left < 0 {
			left = 30 + rng.IntN(30)
		}
		return left < 2
	}}
}

// Device has the pins of its literal model in every cycle, and so the same cycle counts
// event by event, whatever comes and however fast; and both have learned the same.
func TestLockstep(t *testing.T) {
	rng := rand.New(rand.NewPCG(77, 1))
	trials := 100
	if os.Getenv("SACCADE_SLOW") != "" {
		trials = 3000
	}
	for trial := range trials {
		c, b, change := drawSetup(rng)
		r := newRig(t, b, c, change)
		l := newLiteral(b, r.config)
		w := r.layer.Weights()
		l.load(w.Master, w.Thresholds)
		words := drawWords(rng, r, 120)
		flow := pace(rng, []int{1, 1, 30, 200}[trial%4], []int{1, 40, 1, 300}[trial/2%4])
		if trial%3 == 0 {
			flow = singly(rng, flow.Take)
		}
		r.lockstep(l, words, flow, 400)
		master, thresholds := l.masters()
		require.Equal(t, master, r.window(hwfpga.WindowMaster, len(master)), "trial %d", trial)
		require.Equal(t, thresholds, r.window(hwfpga.WindowThresholds, len(thresholds)), "trial %d", trial)
	}
}

// drawSetup makes a layer and a build for it.
func drawSetup(rng *rand.Rand) (feast.Config, fpga.Build, func(*hwfpga.Config)) {
	c := feast.Default()
	c.Radius = []int{0, 1, 2, 3, 5, 5}[rng.IntN(6)]
	c.Mode = []feast.Mode{feast.Split, feast.Merged, feast.On}[rng.IntN(3)]
	c.Border = []feast.Border{feast.BorderZero, feast.BorderSkip}[rng.IntN(2)]
	c.Width, c.Height = c.Side()+rng.IntN(5), c.Side()+rng.IntN(5)
	c.Neurons = []int{1, 2, 5, 16, 17, 33}[rng.IntN(6)]
	c.Tau = []time.Duration{20_000_000, 1_000, 60_000_000_000, 300_000}[rng.IntN(4)]
	c.Eta = []float64{0.001, 0.25, 0, 0.02}[rng.IntN(4)]
	c.DeltaI, c.DeltaE = []float64{0.001, 0.1, 0}[rng.IntN(3)], []float64{0.003, 0.2, 0}[rng.IntN(3)]
	c.InitialThreshold = []float64{0.5, 0.9, -1, 1}[rng.IntN(4)]
	c.Seed = rng.Uint64()
	switch rng.IntN(4) {
	case 0:
		c.Decay = feast.DecayLinear
	case 1:
		c.Decay, c.Last = feast.DecayIndex, 1+rng.IntN(100)
	}
	if rng.IntN(3) == 0 {
		c.MinRecent = rng.IntN(min(c.Elements(), 9) + 1)
	}
	b := fpga.Build{Rows: 11, Lanes: 11 * (1 + rng.IntN(20)), Neurons: 64, Cells: 128, In: 1 << (2 + rng.IntN(6)), Out: 1 << (2 + rng.IntN(4))}
	switch {
	case c.Radius <= 2 && rng.IntN(2) == 0:
		b.Rows, b.Lanes = 5, 5*(1+rng.IntN(20))
	case c.Radius == 5 && rng.IntN(3) == 0: // columns that last longer than a decision
		c.Radius, b.Rows, b.Lanes = 7, 15, 15*(1+rng.IntN(20))
		c.Width, c.Height = 16, 15
	}
	detail := rng.IntN(3) == 0
	return c, b, func(f *hwfpga.Config) { f.Detail = detail }
}

// drawWords makes the words of some events: runs of one polarity and pixel, events
// outside, steps in time in both directions, and commands between them.
func drawWords(rng *rand.Rand, r *rig, n int) []uint32 {
	var words []uint32
	e := drawEvents(rng, r.c, n)
	for i := range e {
		switch rng.IntN(40) {
		case 0:
			words = append(words, hwfpga.CommandWord, hwfpga.Mark(uint16(rng.Uint32())))
		case 1:
			words = append(words, hwfpga.CommandWord, hwfpga.SetMode(rng.IntN(2) == 0, rng.IntN(2) == 0))
		case 2, 3:
			words = append(words, hwfpga.CommandWord, hwfpga.SetMode(true, true))
		}
		words = r.host.Append(words, e[i])
	}
	return words
}
