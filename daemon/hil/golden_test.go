package hil_test

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/hil"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
)

// smallLayer is what a device is told of a small layer, drawn from a seed.
func smallLayer(t require.TestingT, rng *rand.Rand) hwfpga.Config {
	c := hwfpga.Config{
		Width: 3 + rng.IntN(12), Height: 3 + rng.IntN(12), Radius: rng.IntN(3), Neurons: 1 + rng.IntN(6),
		Mode: uint32(rng.IntN(3)), Zero: rng.IntN(2) == 0, Learning: rng.IntN(3) > 0, MinRecent: rng.IntN(4), Recent: 300, Detail: true,
	}
	c.MinRecent = min(c.MinRecent, c.Side()*c.Side())
	c.Selecting = c.Learning || rng.IntN(2) == 0
	var err error
	c.Decay, err = hw.NewDecay((20 * time.Millisecond).Microseconds(), hw.PeakBits(c.Side()*c.Side()))
	require.NoError(t, err)
	for i := range c.Rates {
		c.Rates[i] = hw.Rates{Eta: 1 << 24, DeltaI: 1 << 14, DeltaE: 1 << 15}
	}
	return c
}

// wordsOf makes a stream of words of bytes: mostly what a host would send, and whatever else fits in 32 bits.
func wordsOf(in []byte, c hwfpga.Config) []uint32 {
	var words []uint32
	stamp := uint32(1 << 20)
	for len(in) >= 5 {
		v := binary.LittleEndian.Uint32(in[1:])
		x, y := uint16(v)%uint16(c.Width+2), uint16(v>>8)%uint16(c.Height+1)
		e := uint32(x)<<16 | v>>16&1<<15 | uint32(y)
		switch in[0] % 16 {
		case 0:
			words = append(words, v)
		case 1:
			words = append(words, hwfpga.CommandWord, []uint32{hwfpga.Clear(), hwfpga.Rebase(v % (1 << 20)), hwfpga.Mark(uint16(v)), hwfpga.SetMode(v&1 == 1, v&2 == 2)}[v>>20%4])
		case 2:
			words = append(words, hwfpga.CommandWord, v)
		case 3, 4, 5:
			words = append(words, e|hwfpga.NoTime)
		default:
			stamp += v >> 20
			words = append(words, e, stamp&0x7fffffff)
		}
		in = in[5:]
	}
	// So that the stream does not end in the middle of something.
	return append(words, hwfpga.NoTime, hwfpga.CommandWord, hwfpga.Mark(1))
}

// sameAsDevice requires that the reference answers words as the accelerator's model does, whatever they are.
func sameAsDevice(t require.TestingT, c hwfpga.Config, words []uint32, seed uint64) {
	d, err := simfpga.NewDevice(simfpga.DefaultBuild())
	require.NoError(t, err)
	require.NoError(t, hwfpga.Configure(d, c))
	for !d.Idle() {
		d.Tick(simfpga.In{})
	}
	purego, err := hw.Find("purego")
	require.NoError(t, err)
	g := hil.NewGolden(c, purego)
	rng := rand.New(rand.NewPCG(seed, 2))
	n := c.Side() * c.Side()
	m := hil.Memories{Master: make([]int32, c.Banks()*c.Neurons*n), Thresholds: make([]int32, c.Banks()*c.Neurons)}
	for i := range m.Master {
		m.Master[i] = rng.Int32N(1<<24) / int32(c.Side()) // vectors no longer than one
	}
	for i := range m.Thresholds {
		m.Thresholds[i] = rng.Int32N(1 << 23)
	}
	g.SetMemories(m)
	for i, part := range [][]int32{m.Master, m.Thresholds} {
		require.NoError(t, d.Write(hwfpga.RegWindow, uint32(i)))
		for _, v := range part {
			require.NoError(t, d.Write(hwfpga.RegData, uint32(v)))
		}
	}
	var got []uint32
	require.NoError(t, simfpga.Run(context.Background(), d, words, simfpga.Flow{}, func(w uint32) { got = append(got, w) }))
	var want []uint32
	for _, w := range words {
		if a, ok := g.Word(w); ok {
			want = append(want, hwfpga.ResultWord(a.Seq, a.Winner))
			if !a.Mark {
				want = append(want, uint32(a.Dot), a.Norm)
			}
		}
	}
	require.False(t, g.Between())
	require.Equal(t, want, got)
	end := g.Memories()
	require.NoError(t, d.Write(hwfpga.RegError, 0))
	window := func(what uint32, n int) []uint32 {
		require.NoError(t, d.Write(hwfpga.RegWindow, what))
		out := make([]uint32, n)
		require.NoError(t, hwfpga.Bulk(d).ReadAt(hwfpga.RegData, out))
		return out
	}
	for i, w := range window(hwfpga.WindowMaster, len(end.Master)) {
		require.Equal(t, end.Master[i], int32(w), "weight %d", i)
	}
	for i, w := range window(hwfpga.WindowThresholds, len(end.Thresholds)) {
		require.Equal(t, end.Thresholds[i], int32(w), "threshold %d", i)
	}
	require.Equal(t, end.Surface, window(hwfpga.WindowSurface, len(end.Surface)))
	require.NoError(t, hwfpga.Complaint(d))
}

// The reference is the device in everything but time, for any words at all.
func TestGoldenIsTheDevice(t *testing.T) {
	slowWithRace(t)
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		rng := rand.New(rand.NewPCG(seed, 1))
		in := make([]byte, 5*rng.IntN(200))
		for i := range in {
			in[i] = byte(rng.Uint32())
		}
		c := smallLayer(rt, rng)
		sameAsDevice(rt, c, wordsOf(in, c), seed)
	})
}

func FuzzGolden(f *testing.F) {
	f.Add(uint64(1), []byte{6, 1, 2, 3, 4, 7, 1, 2, 3, 4, 2, 0, 0, 0, 0x80, 0, 255, 255, 255, 127})
	f.Add(uint64(7), []byte("words are whatever somebody sends to a device, however little it means"))
	f.Fuzz(func(t *testing.T, seed uint64, in []byte) {
		c := smallLayer(t, rand.New(rand.NewPCG(seed, 1)))
		sameAsDevice(t, c, wordsOf(in[:min(len(in), 2000)], c), seed)
	})
}
