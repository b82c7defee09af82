package link_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/target"
	"github.com/saccade-dev/saccade/sim/link"
)

// opened is the driver on a device with checks of its words, behind a link that goes wrong, and at work for a while.
func opened(t *testing.T, o hwfpga.Options, fault *simfpga.Fault, rules ...link.Rule) (hw.Engine, *link.Link, error) {
	t.Helper()
	b := simfpga.DefaultBuild()
	b.Checks = true
	d, err := simfpga.NewDevice(b)
	require.NoError(t, err)
	if fault != nil {
		_, err := d.Inject(*fault)
		require.NoError(t, err)
	}
	decay, err := hw.NewDecay(20_000, hw.PeakBits(9))
	require.NoError(t, err)
	c := hw.EngineConfig{Geometry: events.Geometry{Width: 8, Height: 7}, Mode: hw.EngineSplit, Radius: 1, Neurons: 3, Zero: true, Decay: decay}
	l, err := link.New(target.NewLink(d), link.Options{}, rules...)
	require.NoError(t, err)
	e, err := hwfpga.Open(l, c, o)
	if err != nil {
		return nil, l, err
	}
	master := make([]int32, 2*3*9)
	for i := range master {
		master[i] = int32(1<<22 + i<<10)
	}
	if err := e.Load(hw.EngineState{Master: master, Thresholds: []int32{1 << 22, 1 << 22, 1 << 22, 1 << 22, 1 << 22, 1 << 22}}); err != nil {
		return e, l, err
	}
	require.NoError(t, e.SetMode(o.CheckEvery == 7, o.CheckEvery == 7))
	return e, l, process(e)
}

func process(e hw.Engine) error {
	in := make([]hw.EngineEvent, 60)
	for i := range in {
		in[i] = hw.EngineEvent{X: uint16(i * 5 % 8), Y: uint16(i * 3 % 7), P: events.Polarity(i / 3 % 2), Stamp: 1<<20 + uint32(i)*50}
	}
	return e.Process(in, make([]int16, len(in)))
}

// Words that are changed into others that could have been sent as well are found by the device's checks of words, in the
// call to which they belong.
func TestChangedWords(t *testing.T) {
	for name, r := range map[string]link.Rule{
		"an event": {Do: link.Flip, What: link.Events, At: 40, Bit: 16},
		"a time":   {Do: link.Flip, What: link.Times, At: 40, Bit: 5},
		"a winner": {Do: link.Flip, What: link.Results, At: 9, Bit: 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := opened(t, hwfpga.Options{AuditEvery: -1}, nil, r)
			var words *hwfpga.WordsError
			require.ErrorAs(t, err, &words)
			require.Equal(t, name != "a winner", words.In)
			require.NotEqual(t, words.Expected, words.Found)
			require.ErrorContains(t, err, "words were changed on their way")
		})
	}
}

// Damage to what the host can know is found when the memories are read back, and what is not damaged passes, learned from
// or not.
func TestAudit(t *testing.T) {
	for name, f := range map[string]*simfpga.Fault{
		"":                      nil,
		"stamp 9":               {Kind: simfpga.FlipSurface, Event: 58, Place: 9, Bit: 3},
		"threshold 2":           {Kind: simfpga.FlipThreshold, Event: 30, Place: 2, Bit: 3},
		"frozen weight 20":      {Kind: simfpga.FlipMaster, Event: 30, Place: 20, Bit: 3},
		"sum of squares 4":      {Kind: simfpga.FlipSquares, Event: 30, Place: 4, Bit: 3},
		"dot product of neuron": {Kind: simfpga.StuckLane, Event: 3, Place: 1, Stuck: simfpga.StuckOnes, Bit: -1},
	} {
		for _, learning := range []bool{false, true} {
			o := hwfpga.Options{CheckEvery: 1, AuditEvery: 1}
			if learning {
				o.CheckEvery = 7
			}
			e, _, err := opened(t, o, f)
			switch {
			case f == nil:
				require.NoError(t, err)
				for range 3 {
					require.NoError(t, e.SetRates(0, hw.Rates{Eta: 1 << 20, DeltaI: 5, DeltaE: 3}))
					require.NoError(t, process(e))
					require.NoError(t, e.Rebase(1000))
				}
				require.NoError(t, e.Clear())
				require.NoError(t, process(e))
				continue
			case learning && (f.Kind == simfpga.FlipMaster || f.Kind == simfpga.FlipSquares):
				continue // the host does not know what it should be
			}
			var audit *hwfpga.AuditError
			require.ErrorAs(t, err, &audit, name)
			require.ErrorContains(t, err, "reading back: "+name)
			require.ErrorIs(t, process(e), hwfpga.ErrFailed)
		}
	}
}

// What Store has read is read again: a word that was changed on its way is not taken for the device's.
func TestChangedReading(t *testing.T) {
	state := hw.EngineState{Thresholds: make([]int32, 6)}
	e, l, err := opened(t, hwfpga.Options{}, nil)
	require.NoError(t, err)
	before := l.Seen(link.Reads)
	require.NoError(t, e.Store(state))
	all := l.Seen(link.Reads)
	want := state.Thresholds[0]

	found := 0
	for at := range all {
		e, _, err := opened(t, hwfpga.Options{}, nil, link.Rule{Do: link.Flip, What: link.Reads, At: at, Bit: 6})
		if err == nil {
			err = e.Store(state)
		}
		if err == nil {
			require.Equal(t, want, state.Thresholds[0], "reading %d", at)
			continue // of a status, a bit that says nothing
		}
		var twice *hwfpga.StoreError
		if at >= before && errors.As(err, &twice) {
			found++
		}
	}
	require.Equal(t, 12, found, "six words, and the same six again")
}
