package target

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu" // what does what the device does not
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// Name is the target's name.
const Name = "fpga-sim"

// rank is below that of every processor.
const rank = -100

func init() { hw.Register(target{}, rank) } //nolint:gochecknoinits // it fills the registry

type target struct{}

var (
	_ hw.Fitter = target{}
	_ hw.Paced  = target{}
)

func (target) Name() string { return Name }

func (target) Describe() string {
	const what = "the accelerator for FPGAs, simulated cycle by cycle; networks and layers behind the first run on "
	if best, err := hw.BestProcessor(); err == nil {
		return what + best.Name()
	}
	return what + "a processor"
}

func (target) Features() []hw.Feature { return nil }

func (target) Usable() error {
	if err := hw.SwitchedOff(Name); err != nil {
		return err
	}
	_, err := hw.BestProcessor()
	return err
}

// Processor is the CPU target that does what the device does not take.
func (target) Processor() hw.Target {
	best, err := hw.BestProcessor()
	if err != nil {
		panic(PanicProcessor)
	}
	return best
}

// PanicProcessor is the panic of a target that is asked for kernels where Usable has said that there are none.
const PanicProcessor = "fpga-sim: no processor can be used here"

func (t target) Kernels() *hw.Kernels { return t.Processor().Kernels() }

// Pace is about what the model simulates in a second on a core, of small layers.
func (target) Pace() float64 { return 200_000 }

// Fits implements [hw.Fitter].
func (target) Fits(c hw.EngineConfig) error {
	_, err := buildFor(&c)
	return err
}

// Open makes a device for the layer, see [hw.Opener].
func (target) Open(c hw.EngineConfig) (hw.Engine, error) {
	link, err := Open(c)
	if err != nil {
		return nil, err
	}
	return hwfpga.Open(link, c, options())
}

// Open makes a device that has room for a layer and a link to it, for those who drive it themselves.
func Open(c hw.EngineConfig) (*Link, error) {
	b, err := buildFor(&c)
	if err != nil {
		return nil, err
	}
	d, err := fpga.NewDevice(b)
	if err != nil {
		return nil, fmt.Errorf("fpga-sim: %w", err)
	}
	return NewLink(d), nil
}

// options are those of an engine whose link is a call of a function: it may check at every turn, and nothing is
// lost on the way.
func options() hwfpga.Options { return hwfpga.Options{CheckEvery: 1, Unverified: true} }
