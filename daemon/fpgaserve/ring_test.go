package fpgaserve

import (
	"encoding/binary"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// A ring gives the words that were put in, in their order, and never holds more than it was made for.
func TestRing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRing(rapid.IntRange(1, 9).Draw(t, "size"))
		var in, out []uint32
		next := uint32(0)
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			words := make([]uint32, rapid.IntRange(0, 12).Draw(t, "n"))
			if rapid.Bool().Draw(t, "put") {
				for i := range words {
					words[i] = next + uint32(i)
				}
				n := r.offer(words)
				require.Equal(t, min(len(words), len(r.words)-(len(in)-len(out))), n)
				in = append(in, words[:n]...)
				next += uint32(n)
				continue
			}
			n := r.take(words)
			require.Equal(t, min(len(words), len(in)-len(out)), n)
			out = append(out, words[:n]...)
		}
		require.True(t, slices.Equal(in[:len(out)], out))
		left, more := r.left()
		require.Equal(t, len(in)-len(out), left)
		require.True(t, more)
		r.end()
		_, more = r.left()
		require.False(t, more)
	})
}

// One who puts in more than there is room for waits, and gives up when the other is gone.
func TestRingWaits(t *testing.T) {
	r := newRing(3)
	dead := make(chan struct{})
	words := make([]uint32, 1000)
	for i := range words {
		words[i] = uint32(i)
	}
	var putting sync.WaitGroup
	putting.Go(func() {
		require.True(t, r.put(words, dead))
		require.False(t, r.put(words, dead))
	})
	got := []uint32{}
	for some := make([]uint32, 2); len(got) < len(words); {
		n := r.take(some)
		if got = append(got, some[:n]...); n == 0 {
			<-r.filled
		}
	}
	require.Equal(t, words, got[:len(words)])
	close(dead)
	putting.Wait()
}

// FuzzStreams: whatever words come, in whatever pieces, and wherever they end, the device is left between events, out of changes and at
// rest, and gives results for whole events alone.
func FuzzStreams(f *testing.F) {
	f.Add([]byte{}, uint8(1), false, false)
	f.Add(bytesOf(hwfpga.EventWord(3, 3, 1), 700, hwfpga.EventWord(3, 4, 0)|hwfpga.NoTime, hwfpga.CommandWord, hwfpga.Mark(3)), uint8(3), false, false)
	f.Add(bytesOf(hwfpga.EventWord(3, 3, 1), 700, hwfpga.EventWord(3, 4, 0)), uint8(2), true, false)
	f.Add(bytesOf(hwfpga.CommandWord), uint8(1), true, false)
	begin, change := []uint32{hwfpga.CommandWord, hwfpga.Changes(0)}, hwfpga.ChangeWord(2, 700)
	f.Add(bytesOf(append(begin, change, change, change, hwfpga.CommandWord, hwfpga.Sums(0, true))...), uint8(0), false, true)
	f.Add(bytesOf(append(begin, change)...), uint8(3), false, true)
	f.Add(bytesOf(append(begin, change, change, hwfpga.CommandWord)...), uint8(9), false, true)
	f.Add(bytesOf(append(begin, change, hwfpga.ChangeWord(9, 1), hwfpga.CommandWord, hwfpga.Changes(7), change)...), uint8(1), true, true)
	f.Fuzz(func(t *testing.T, data []byte, piece uint8, lost, delta bool) {
		b := fpga.DefaultBuild()
		b.Lanes, b.Neurons, b.Cells, b.In, b.Out = 11, 2, 300, 8, 4
		if delta {
			b.Weights, b.Sums = 9, 3
		}
		d, err := fpga.NewDevice(b)
		require.NoError(t, err)
		c := learner(t)
		c.Neurons = 2
		require.NoError(t, hwfpga.Configure(d, c))
		if delta {
			for !d.Idle() {
				d.Tick(fpga.In{})
			}
			layer := hwfpga.DeltaLayer{DeltaShape: hw.DeltaShape{Kind: hw.DeltaLinear, Channels: 4, Height: 1, Width: 1, Outputs: 20}}
			require.NoError(t, hwfpga.Describe(d, 0, &layer))
		}
		words := make([]uint32, min(len(data)/4, 200))
		for i := range words {
			words[i] = binary.LittleEndian.Uint32(data[4*i:])
		}
		o := &owner{clock: newClock(d), count: &counters{}}
		s := newSession(nil)
		o.session = s
		var results []uint32
		some := make([]uint32, 5)
		turn := func() bool {
			resting := o.work(o.session)
			if o.flush() {
				resting = false
			}
			again := o.settle(resting)
			n := s.out.take(some)
			results = append(results, some[:n]...)
			return !resting || again || n > 0
		}
		for at := 0; at < len(words); {
			n := s.in.offer(words[at:min(at+1+int(piece), len(words))])
			at += n
			turn()
		}
		if lost {
			o.purge()
		} else {
			s.in.end()
		}
		for turns := 0; o.session != nil || turn(); turns++ {
			turn()
			require.Less(t, turns, 10_000, "it does not come to an end")
		}
		require.True(t, d.Idle(), "at rest, and between events")
		require.False(t, d.Out().Valid)
		left, more := s.out.left()
		require.False(t, more)
		require.Zero(t, left)
		events, err := d.Read(hwfpga.RegCounters + 8*hwfpga.CountEvents)
		require.NoError(t, err)
		if !delta { // whose sums are many words
			require.LessOrEqual(t, len(results), int(events)+len(words)/2)
		}
		if whole := (&framing{delta: delta}).whole(words); !lost {
			require.Equal(t, uint64(len(words)-whole), o.count.discarded.Load())
		}
		word, answered := hwfpga.EventWord(900, 900, 1)|hwfpga.NoTime, 0
		require.NoError(t, fpga.Run(t.Context(), d, []uint32{word}, fpga.Flow{}, func(w uint32) {
			require.Equal(t, hw.Outside, int16(uint16(w)))
			answered++
		}))
		require.Equal(t, 1, answered, "it takes words for events")
	})
}
