package rtltest_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// drawWords makes words of events and commands with all that may be hard on the pipeline: bursts at one pixel and of
// one polarity, events in a row that share a stamp, at the border and outside, time that stands still, leaps and runs
// back, stamps beyond the last one, and commands that there are none of.
func drawWords(rng *rand.Rand, c hwfpga.Config, n int) []uint32 {
	var words []uint32
	var x, y, polarity int
	stamp := rng.Uint32N(1 << 31)
	for range n {
		if rng.IntN(3) > 0 {
			x, y = rng.IntN(c.Width), rng.IntN(c.Height)
			if rng.IntN(3) > 0 {
				x, y = min(c.Radius+rng.IntN(2), c.Width-1), min(c.Radius+rng.IntN(2), c.Height-1)
			}
		}
		if rng.IntN(4) == 0 {
			polarity ^= 1
		}
		event := hwfpga.EventWord(uint16(x), uint16(y), events.Polarity(polarity))
		switch rng.IntN(40) {
		case 0:
			event = hwfpga.EventWord(uint16(rng.IntN(1<<15)), uint16(y), events.Polarity(polarity))
		case 1:
			event = hwfpga.EventWord(uint16(x), uint16(rng.IntN(1<<15)), events.Polarity(polarity))
		case 2:
			words = append(words, hwfpga.CommandWord|uint32(rng.IntN(2))<<15, hwfpga.Mark(uint16(rng.Uint32())))
		case 3:
			words = append(words, hwfpga.CommandWord, hwfpga.SetMode(rng.IntN(2) == 0, rng.IntN(2) == 0))
		case 4, 5:
			words = append(words, hwfpga.CommandWord, hwfpga.SetMode(true, true))
		case 6:
			words = append(words, hwfpga.CommandWord, hwfpga.Rebase(rng.Uint32N(1<<uint(1+rng.IntN(30)))))
		case 7:
			words = append(words, hwfpga.CommandWord, hwfpga.Clear())
		case 8:
			if rng.IntN(4) == 0 {
				words = append(words, hwfpga.CommandWord, rng.Uint32()|1<<31)
			}
		}
		switch which := rng.IntN(60); {
		case which == 0: // beyond the last stamp
			words = append(words, event, hw.MaxStamp+1+rng.Uint32N(1<<14))
			continue
		case which <= 20:
			words = append(words, event|hwfpga.NoTime)
			continue
		}
		switch rng.IntN(30) {
		case 0:
			stamp += rng.Uint32N(1 << 29)
		case 1:
			stamp -= rng.Uint32N(200_000)
		case 2, 3:
			stamp += rng.Uint32N(50_000)
		default:
			stamp += rng.Uint32N(200)
		}
		if stamp %= 1 << 31; stamp > hw.MaxStamp && rng.IntN(8) > 0 {
			stamp -= 1 << 30
		}
		words = append(words, event, stamp)
	}
	return words
}

// pace says in which cycles something happens: runs of cycles in which it does and in which it does not.
func pace(rng *rand.Rand, most int) func() bool {
	on, left := true, 0
	return func() bool {
		if left--; left < 0 {
			left = rng.IntN(most)
			on = !on || most == 1
		}
		return on
	}
}

// flow offers words and takes results.
type flow struct {
	offer, take func() bool
	bus         func(in *rtltest.In) // accesses on the way
}

// drive runs words through both until they are idle, and rest cycles more; it gives the words that came out.
func drive(t testing.TB, p *rtltest.Pair, words []uint32, f flow, rest int) (results []uint32) {
	t.Helper()
	for rest > 0 {
		out := p.Model.Out()
		in := rtltest.In{}
		if len(words) > 0 && f.offer() {
			in.Valid, in.Word = true, words[0]
			if out.Ready {
				words = words[1:]
			}
		}
		// It may be ready for a result that is not there.
		if in.Ready = f.take(); in.Ready && out.Valid {
			results = append(results, out.Word)
		}
		if f.bus != nil && rest > 50 { // and none is left over at the end
			f.bus(&in)
		}
		if err := p.Tick(in); err != nil {
			require.NoError(t, err)
		}
		if len(words) == 0 && !out.Valid && p.Model.Idle() {
			rest--
		}
	}
	require.NoError(t, p.Flush())
	return results
}

// builds are small ones of different proportions: more passes than one, columns that last longer than a decision,
// and the least that there is.
var builds = map[string]fpga.Build{
	"small": {Rows: 5, Lanes: 20, Neurons: 9, Cells: 128, In: 8, Out: 8, Checks: true},
	"wide":  {Rows: 15, Lanes: 45, Neurons: 20, Cells: 90, In: 16, Out: 4},
	"least": {Rows: 1, Lanes: 1, Neurons: 2, Cells: 49, In: 4, Out: 4},
}

// The design has its model's pins in every cycle, whatever comes and however fast, with back-pressure at both ends;
// and both have learned the same.
func TestStress(t *testing.T) {
	for name, b := range builds {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(77, uint64(b.Rows)))
			p := newPair(t, rng, b)
			met := stress(t, rng, p, b, trials(150), 150)
			for i := range uint32(hwfpga.Counters) {
				if b.Rows > 1 || i != hwfpga.CountNoise && i != hwfpga.CountBorder { // one pixel is neither
					require.NotZero(t, met[i], "counter %d: the test has met it", i)
				}
			}
		})
	}
}

// stress takes a pair through trials, each a random configuration and so many events with their commands, and gives
// what the counters have counted.
func stress(t testing.TB, rng *rand.Rand, p *rtltest.Pair, b fpga.Build, trials, events int) (met [hwfpga.Counters]uint64) {
	t.Helper()
	for trial := range trials {
		c := drawConfig(t, rng, b)
		if trial%5 == 4 {
			c.DropIn, c.DropOut = rng.IntN(2) == 0, rng.IntN(2) == 0
		}
		reconfigure(t, rng, p, c)
		f := flow{offer: pace(rng, []int{1, 1, 30, 200}[trial%4]), take: pace(rng, []int{1, 40, 1, 300}[trial/2%4])}
		if trial%3 == 0 {
			f.bus = ask(rng)
		}
		drive(t, p, drawWords(rng, c, events), f, 100)
		sameMemories(t, p, c, c.MinRecent == 0)
		for i := range uint32(hwfpga.Counters) {
			n, err := p.Model.Read(hwfpga.RegCounters + 8*i)
			require.NoError(t, err)
			met[i] += uint64(n)
		}
	}
	return met
}

// ask is what a host does to the registers while events are under way: it looks at status and counters, and tries what
// is refused then. There is one access at a time.
func ask(rng *rand.Rand) func(in *rtltest.In) {
	left := 0
	return func(in *rtltest.In) {
		if left--; left > 0 {
			return
		}
		left = 4 + rng.IntN(30)
		in.Address, in.Value = []uint32{
			hwfpga.RegStatus, hwfpga.RegError, hwfpga.RegCounters + 4*uint32(rng.IntN(2*hwfpga.Counters)), hwfpga.RegLanes, hwfpga.RegPlace,
			hwfpga.RegHorizon, hwfpga.RegCheckIn, hwfpga.RegCheckOut, uint32(rng.IntN(0x200)), 1 << uint(rng.IntN(32)),
		}[rng.IntN(10)], rng.Uint32()
		switch in.Address {
		case hwfpga.RegData, hwfpga.RegControl: // they may be taken when nothing is under way, and take a while then
		default:
			in.Read = true
			if rng.IntN(3) == 0 {
				in.Read, in.Write = false, true
			}
		}
	}
}
