package hil_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/hil"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
)

// fakeT is a test that may fail.
type fakeT struct {
	*testing.T
	errors []string
	fatal  string
}

func (f *fakeT) Logf(string, ...any) {}
func (f *fakeT) Errorf(format string, args ...any) {
	f.errors = append(f.errors, fmt.Sprintf(format, args...))
}
func (f *fakeT) Fatalf(format string, args ...any) { f.fatal = fmt.Sprintf(format, args...) }

// A word that is lost or changed on the link is noticed in the batch in which it was, whichever it was, or it
// has changed nothing; and given the reference's memories, the device goes on right.
func TestLinkFaultsAreNoticed(t *testing.T) {
	slowWithRace(t)
	for _, kind := range []string{"drop", "corrupt"} {
		for _, direction := range []string{hil.In, hil.Out} {
			t.Run(kind+" "+direction, func(t *testing.T) {
				c := stress(6000)
				c.Compare.After, c.Compare.Batch, c.Compare.Memories = hil.Resync, 200, hil.Batches
				c.Faults = []hil.FaultConfig{{Kind: kind, Direction: direction, Rate: 0.002, Seed: 1}}
				c.Pass.Mismatches, c.Pass.Drops, c.Pass.FaultsDetected = -1, -1, true
				r := run(t, c)
				require.Empty(t, failed(r), "%s", r.Text())
				f := r.Faults[0]
				require.Greater(t, f.Struck, int64(10))
				require.Equal(t, r.Resyncs, f.Noticed, "what is noticed has a reason")
				if kind == "drop" || direction == hil.Out {
					require.Equal(t, f.Batches, f.Noticed)
				}
				require.Greater(t, 2*f.Noticed, f.Batches)
				require.Less(t, r.Counts.Mismatches, r.Events, "what follows is right again")
			})
		}
	}
}

// A single word that is lost is found at the event to which it belonged.
func TestOneWord(t *testing.T) {
	slowWithRace(t)
	for _, f := range []hil.FaultConfig{
		{Kind: "drop", Direction: hil.Out},
		{Kind: "corrupt", Direction: hil.Out, Parameters: map[string]int64{"bit": 0}},
		{Kind: "corrupt", Direction: hil.In, Parameters: map[string]int64{"bit": 29}}, // x, beyond the sensor
		{Kind: "drop", Direction: hil.In},
	} {
		for _, at := range []int64{0, 1234, 3999} {
			c := stress(2000)
			c.Compare.After = hil.Resync
			f.At = at
			c.Faults = []hil.FaultConfig{f}
			r := run(t, c)
			require.Equal(t, int64(1), r.Faults[0].Struck)
			require.Equal(t, int64(1), r.Faults[0].Noticed, "%+v", f)
			require.True(t, r.Memory.Same())
			require.Empty(t, r.Ended)
			if f.Kind == "drop" && f.Direction == hil.In {
				// The time of the event is then taken for the next one's first word.
				require.Equal(t, int64(1), r.Counts.Missing, "%+v: %+v", f, r.Counts)
				continue
			}
			require.Equal(t, at, r.First.Event, "%+v", f)
		}
	}
}

// Words that a full FIFO drops are counted as what they are.
func TestOverflow(t *testing.T) {
	slowWithRace(t)
	c := stress(3000)
	c.Device.Overflow, c.Device.Build.In, c.Device.Build.Out = hil.Drop, 8, 4
	c.Compare.After = hil.Resync
	r := run(t, c)
	require.ElementsMatch(t, []string{"mismatches", "drops"}, failed(r))
	require.Greater(t, r.Counts.DroppedIn, int64(100))
	require.Positive(t, r.Counts.Missing)
	require.LessOrEqual(t, r.Counts.Missing, r.Counts.DroppedIn)
	require.True(t, r.Memory.Same())
	require.Nil(t, r.Latency, "which event was dropped is not seen at the pins")
}

// A fault that never strikes is told, for nothing was tried.
func TestFaultThatNeverStrikes(t *testing.T) {
	c := stress(100)
	c.Faults = []hil.FaultConfig{{Kind: "flip weight", At: 1 << 30}}
	c.Pass.FaultsDetected = true
	r := run(t, c)
	require.Equal(t, []string{"faults detected"}, failed(r))
	require.Contains(t, r.Text(), "struck 0 times")
}

func TestFaultKinds(t *testing.T) {
	names := []string{}
	for _, k := range hil.FaultKinds() {
		names = append(names, k.Name)
		require.NotEmpty(t, k.Doc)
	}
	require.Equal(t, []string{
		"corrupt", "cut", "drop", "flip stamp", "flip threshold", "flip weight", "garbage", "late", "ready stuck", "repeat", "reset", "slip",
		"stall", "stray word", "stuck lane", "swap", "test stall", "upset match weight", "upset squares", "upset stamp", "upset threshold", "upset weight",
	}, names)
	require.PanicsWithValue(t, hil.PanicFaultKind, func() { hil.RegisterFault(hil.FaultKind{Name: "drop"}) })
	for says, f := range map[string]hil.FaultConfig{
		"direction: expected in or out":          {Kind: "drop"},
		"direction: expected none":               {Kind: "flip weight", Direction: hil.In},
		"rate: expected 0 to 1":                  {Kind: "drop", Direction: hil.In, Rate: 2},
		"at: expected 0":                         {Kind: "drop", Direction: hil.In, At: -1},
		"either a rate":                          {Kind: "drop", Direction: hil.In, At: 1, Rate: 0.1},
		`of bit, bits, class for kind corrupt`:   {Kind: "corrupt", Direction: hil.In, Parameters: map[string]int64{"which": 1}},
		"faults[0]: bits: expected 1 to 32":      {Kind: "corrupt", Direction: hil.In, Parameters: map[string]int64{"bits": 33}},
		"faults[0]: class: expected 0 to 3":      {Kind: "drop", Direction: hil.In, Parameters: map[string]int64{"class": 4}},
		"faults[0]: words: expected 1":           {Kind: "late", Direction: hil.In, Parameters: map[string]int64{"words": 0}},
		"faults[0]: calls: expected 0":           {Kind: "cut", Parameters: map[string]int64{"calls": -1}},
		"faults[0]: stuck: expected 0 to 3":      {Kind: "stuck lane", Parameters: map[string]int64{"stuck": 4}},
		"faults[0]: fpga: fault: expected a bit": {Kind: "upset match weight", Parameters: map[string]int64{"bit": 16}},
		"faults[0]: cycles: expected 0":          {Kind: "stall", Parameters: map[string]int64{"cycles": -1}},
		"faults[0]: bit: expected 0 to 31":       {Kind: "corrupt", Direction: hil.In, Parameters: map[string]int64{"bit": 32}},
		"faults[0]: bit: expected 0 to 24":       {Kind: "flip weight", Parameters: map[string]int64{"bit": 25}},
		"faults[0]: place: expected a word":      {Kind: "flip weight", Parameters: map[string]int64{"place": 1 << 32}},
		"faults[0]: fpga device: window points":  {Kind: "flip weight", Parameters: map[string]int64{"place": 0xffff}},
	} {
		c := stress(10)
		c.Faults = []hil.FaultConfig{f}
		_, err := hil.Run(t.Context(), c)
		require.ErrorContains(t, err, says)
	}
}

// stalled is a fault of the device itself: here one whose clock someone else has run ahead.
type stalled struct {
	cycles int
	device *simfpga.Device
}

func (s *stalled) Struck() int64 { return int64(s.cycles) }

func (s *stalled) Attach(d *simfpga.Device) error {
	if s.cycles > 1000 {
		return errBroken
	}
	s.device = d
	for range s.cycles {
		d.Tick(simfpga.In{})
	}
	return nil
}

func init() {
	hil.RegisterFault(hil.FaultKind{
		Name: "test stall", Doc: "cycles ahead of the configuration", Parameters: map[string]string{"cycles": "how many"},
		New: func(f hil.FaultConfig, _ *hwfpga.Config) (hil.Fault, error) {
			return &stalled{cycles: int(f.Parameters["cycles"])}, nil
		},
	})
}

// Faults of the device itself are for models in this process.
func TestModelFaults(t *testing.T) {
	c := stress(100)
	c.Faults = []hil.FaultConfig{{Kind: "test stall", Parameters: map[string]int64{"cycles": 10}}}
	r := run(t, c)
	require.Equal(t, int64(10), r.Faults[0].Struck)
	require.Empty(t, failed(r), "they change nothing here")
	c.Pass.FaultsDetected = true
	require.Equal(t, []string{"faults detected"}, failed(run(t, c)))
	c.Faults[0].Parameters["cycles"] = 2000
	_, err := hil.Run(t.Context(), c)
	require.ErrorIs(t, err, errBroken)
	_, err = hil.Run(t.Context(), c, hil.OnLink(&dying{Link: device(t), left: 1 << 30}))
	require.ErrorContains(t, err, "faults[0]: kind test stall needs a device that is a model in this process")
}
