package hil_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/hil"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/target"
)

// device is a link to a model of the default build.
func device(t testing.TB) *target.Clocked {
	t.Helper()
	d, err := simfpga.NewDevice(simfpga.DefaultBuild())
	require.NoError(t, err)
	return target.NewClocked(d)
}

// flipped is the number of the first event of vectors that a device answers otherwise whose memory is changed by one bit ahead
// of event at: what a run must find, computed by other means.
func flipped(t *testing.T, c hil.Config, at int, window, place, bit uint32) int {
	t.Helper()
	v, err := hil.Record(context.Background(), c)
	require.NoError(t, err)
	split, words := 0, 0 // where the words of event at begin
	for seen := 0; seen < at; words++ {
		w := v.Stimulus[words]
		if w&hwfpga.NoTime == 0 {
			words++
		}
		if w&^(1<<15) != hwfpga.CommandWord {
			seen++
		}
		split = words + 1
	}
	l := device(t)
	for i := 0; i < len(v.Config); i += 2 {
		require.NoError(t, l.Write(v.Config[i], v.Config[i+1]))
	}
	for i, part := range [][]uint32{v.WeightsIn, v.ThresholdsIn} {
		require.NoError(t, l.Write(hwfpga.RegWindow, uint32(i)))
		require.NoError(t, hwfpga.Bulk(l).WriteAt(hwfpga.RegData, part))
	}
	var got []uint32
	play := func(words []uint32) {
		require.NoError(t, simfpga.Run(context.Background(), l.Device(), words, simfpga.Flow{}, func(w uint32) { got = append(got, w) }))
	}
	play(v.Stimulus[:split])
	require.NoError(t, l.Write(hwfpga.RegWindow, window))
	require.NoError(t, l.Write(hwfpga.RegPlace, place))
	was, err := l.Read(hwfpga.RegData)
	require.NoError(t, err)
	require.NoError(t, l.Write(hwfpga.RegPlace, place))
	require.NoError(t, l.Write(hwfpga.RegData, was^1<<bit))
	play(v.Stimulus[split:])
	require.NoError(t, hwfpga.Complaint(l))
	for i, w := range v.Expected {
		if got[i] != w {
			return i / 3
		}
	}
	return -1
}

// One bit that is wrong in a device's memory is found, and the event is named at which it first shows.
func TestOneBitIsFound(t *testing.T) {
	slowWithRace(t)
	c := stress(3000)
	c.Pass.FaultsDetected = true
	for _, f := range []struct {
		kind       string
		window     uint32
		place, bit uint32
		at         int64
	}{
		{"flip weight", hwfpga.WindowMaster, 3<<16 | 5<<8 | 6, 21, 1000},
		{"flip weight", hwfpga.WindowMaster, 1<<31 | 7<<16 | 2<<8 | 5, 14, 0},
		{"flip threshold", hwfpga.WindowThresholds, 2 << 16, 23, 300},
		{"flip stamp", hwfpga.WindowSurface, 15<<16 | 17, 18, 700},
	} {
		t.Run(f.kind, func(t *testing.T) {
			c.Faults = []hil.FaultConfig{{Kind: f.kind, At: f.at, Parameters: map[string]int64{"place": int64(f.place), "bit": int64(f.bit)}}}
			want := flipped(t, c, int(f.at), f.window, f.place, f.bit)
			require.GreaterOrEqual(t, want, int(f.at), "a flip that changes nothing tells nothing")
			r := run(t, c)
			require.False(t, r.Passed)
			require.NotContains(t, failed(r), "faults detected")
			require.Equal(t, int64(want), r.First.Event)
			require.Equal(t, int64(want), r.Faults[0].Found)
			require.Equal(t, f.at, r.Faults[0].First)
			require.False(t, r.First.Again.Reproduced, "it was the memory, not the arithmetic")
			require.NotEmpty(t, r.First.Registers)
			require.False(t, r.First.Memory.Same())
			require.Equal(t, r.First.Dots, r.First.Again.Dots)
			require.Len(t, r.First.Values, 121)
			if r.First.Expected.Winner >= 0 {
				require.Equal(t, r.First.Expected.Dot, r.First.Dots[int(r.First.Expected.Winner)%c.Model.Layer.Neurons])
			}
			text := r.Text()
			require.Contains(t, text, "first mismatch: ")
			require.Contains(t, text, "right; so it was what the device held")
		})
	}
}

// Memories that are compared behind every batch tell of a bit that no answer shows yet.
func TestMemoriesTellFirst(t *testing.T) {
	c := stress(1000)
	c.Compare.Memories, c.Compare.Batch, c.Compare.After = hil.Batches, 10, hil.Stop
	// A pixel in the corner, which no patch of the next few events has to hold.
	c.Faults = []hil.FaultConfig{{Kind: "flip weight", At: 200, Parameters: map[string]int64{"place": 9 << 16, "bit": 0}}}
	r := run(t, c)
	require.Equal(t, "the device's memories", r.Faults[0].How)
	require.Equal(t, int64(209), r.Faults[0].Found)
	require.Equal(t, 1, r.Memory.Master.Differ)
	require.Equal(t, "feature 9, row 0, column 0", r.Memory.Master.First[0].At)
	require.Contains(t, r.Ended, "event 209")
	require.Subset(t, failed(r), []string{"to the end", "memories"})
}

// badMultiplier is a device whose dot products are off by one where the winner is feature 5.
type badMultiplier struct {
	hwfpga.Link
	reader *hwfpga.ResultReader
	off    int32
	by     int16
	next   bool
}

func (b *badMultiplier) Receive(words []uint32) (int, error) {
	n, err := b.Link.Receive(words)
	for i, w := range words[:n] {
		first := !b.reader.Between()
		b.reader.Word(w)
		if b.next {
			words[i] = uint32(int32(w) + b.off)
		}
		b.next = first && b.reader.Between() && int16(uint16(w)) == b.by
	}
	return n, err
}

// A device that computes wrongly does so again when it is asked again.
func TestWrongArithmeticIsReproduced(t *testing.T) {
	c := stress(1000)
	bad := &badMultiplier{Link: device(t), reader: hwfpga.NewResultReader(true), off: 1, by: 5}
	r := run(t, c, hil.OnLink(bad))
	require.Equal(t, []string{"mismatches"}, failed(r))
	require.Equal(t, "another dot product", r.First.What)
	require.Equal(t, r.First.Expected.Dot+1, r.First.Found.Dot)
	require.True(t, r.First.Again.Reproduced)
	require.Equal(t, r.First.Event, r.First.Again.Event)
	require.Equal(t, r.Counts.Dots, r.Counts.Mismatches)
	require.Equal(t, int64(1), r.Counts.DotMost)
	require.Contains(t, r.Text(), "so the device computes wrongly")

	c.Compare.Arithmetic, c.Compare.Dots = hil.Tolerance, 1
	bad = &badMultiplier{Link: device(t), reader: hwfpga.NewResultReader(true), off: 1, by: 5}
	require.Empty(t, failed(run(t, c, hil.OnLink(bad))))
	bad = &badMultiplier{Link: device(t), reader: hwfpga.NewResultReader(true), off: 2, by: 5}
	require.Equal(t, []string{"mismatches"}, failed(run(t, c, hil.OnLink(bad))))
}

// changedWinner is a device that now and then lets another feature win.
type changedWinner struct {
	hwfpga.Link
	reader *hwfpga.ResultReader
	n      int
}

func (b *changedWinner) Receive(words []uint32) (int, error) {
	n, err := b.Link.Receive(words)
	for i, w := range words[:n] {
		first := !b.reader.Between()
		b.reader.Word(w)
		if winner := int16(uint16(w)); first && winner >= 0 {
			if b.n++; b.n%100 == 0 {
				words[i] = w ^ 1
			}
		}
	}
	return n, err
}

// With tolerance, a share of other winners is allowed, and no more.
func TestWinnersThatDiffer(t *testing.T) {
	slowWithRace(t)
	c := stress(2000)
	c.Compare.Arithmetic, c.Compare.Winners = hil.Tolerance, 0.011
	link := func() hil.Option {
		return hil.OnLink(&changedWinner{Link: device(t), reader: hwfpga.NewResultReader(true)})
	}
	r := run(t, c, link())
	require.Empty(t, failed(r), "%s", r.Text())
	require.Positive(t, r.Counts.Ties)
	require.Equal(t, r.Counts.Winners, r.Counts.Ties)
	c.Compare.Winners = 0.002
	require.Equal(t, []string{"winners"}, failed(run(t, c, link())))
	c.Compare.Arithmetic, c.Compare.Winners = hil.Bits, 0
	require.Equal(t, []string{"mismatches"}, failed(run(t, c, link())))
}

// dying is a device that is gone behind so many words.
type dying struct {
	hwfpga.Link
	left int
}

func (d *dying) Receive(words []uint32) (int, error) {
	if d.left < 0 {
		return 0, errBroken
	}
	n, err := d.Link.Receive(words)
	d.left -= n
	return n, err
}

func (d *dying) Read(address uint32) (uint32, error) {
	if d.left < 0 {
		return 0, errBroken
	}
	return d.Link.Read(address)
}

// A device that dies is a finding, not an error: what was found until then is told.
func TestDeviceThatDies(t *testing.T) {
	c := stress(20_000)
	r := run(t, c, hil.OnLink(&dying{Link: device(t), left: 40_000}))
	require.Contains(t, failed(r), "to the end")
	require.Contains(t, r.Ended, errBroken.Error())
	require.Positive(t, r.Events)
	require.Less(t, r.Events, int64(40_000))
	require.Zero(t, r.Counts.Mismatches)
}

// babbling is a device that never stops to answer.
type babbling struct{ hwfpga.Link }

func (d babbling) Receive(words []uint32) (int, error) {
	for i := range words {
		words[i] = 0x12345678
	}
	return len(words), nil
}

// A device that talks for ever is listened to for a while only.
func TestDeviceThatBabbles(t *testing.T) {
	c := stress(1000)
	r := run(t, c, hil.OnLink(babbling{device(t)}))
	require.Contains(t, failed(r), "to the end")
	require.Contains(t, r.Ended, "3 marks were not answered")
	c.Faults = []hil.FaultConfig{{Kind: "drop", Direction: hil.In, At: 1}}
	r = run(t, c, hil.OnLink(babbling{device(t)}))
	require.Contains(t, failed(r), "to the end")
}

// resetting is a device that somebody else resets in mid-stream.
type resetting struct {
	hwfpga.Link
	sends int
	reset func()
}

func (d *resetting) Send(words []uint32) error {
	if d.sends--; d.sends == 0 {
		d.reset()
	}
	return d.Link.Send(words)
}

// A device that was configured anew in mid-stream is noticed.
func TestDeviceThatIsReset(t *testing.T) {
	l := device(t)
	c := stress(5000)
	c.Compare.After = hil.Stop
	r := run(t, c, hil.OnLink(&resetting{Link: l, sends: 4, reset: func() {
		require.NoError(t, l.Write(hwfpga.RegControl, hwfpga.ControlApply|hwfpga.ControlCount))
	}}))
	require.Contains(t, failed(r), "mismatches")
	require.Contains(t, failed(r), "memories")
	require.NotEmpty(t, r.Ended)
}

func modelFile(t *testing.T, c feast.Config) string {
	t.Helper()
	c.Neurons, c.Seed = 3, 99
	path := filepath.Join(t.TempDir(), "small.model")
	require.NoError(t, (&model.Model{Feast: c, Weights: feast.RandomWeights(c)}).Save(path))
	return path
}

// What Test reports of a run that does not pass is what the text says.
func TestTest(t *testing.T) {
	c := stress(500)
	c.Faults = []hil.FaultConfig{{Kind: "corrupt", Direction: hil.Out, At: 100, Parameters: map[string]int64{"bit": 0}}}
	f := &fakeT{T: t}
	r := hil.Test(f, c)
	require.Equal(t, r.Text(), strings.Join(f.errors, ""))
	require.Equal(t, int64(100), r.First.Event)
	c.Stream.Simulated = nil
	require.Nil(t, hil.Test(f, c))
	require.Contains(t, f.fatal, "stream: expected recordings")
}
