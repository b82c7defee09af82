package remote

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
)

func init() { //nolint:gochecknoinits // it fills the registry
	here := &pool{devices: map[string]*device{}}
	hw.RegisterAddressed(hw.Addressed{
		Prefix: "fpga", Form: "fpga@HOST:PORT",
		Description: "saccade's accelerator somewhere else, such as one that 'saccade fpga serve' simulates",
		At:          here.target,
	})
}

// target gives the target at an address, as [Parse] reads it. Targets of one name are the same device, which their
// layers take in turns.
func (p *pool) target(text string) (hw.Target, error) {
	address, o, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return &target{text: text, address: address, device: p.at(text, address, o)}, nil
}

// target is a device at an address. It is connected to when a layer, or a delta network, is given to it.
type target struct {
	text, address string
	device        *device
}

var _ hw.Fitter = (*target)(nil)

func (t *target) Name() string { return "fpga@" + t.text }

func (t *target) Describe() string {
	return fmt.Sprintf("saccade's accelerator at %s; what it does not take runs on %s", t.address, t.Processor().Name())
}

func (t *target) Features() []hw.Feature { return nil }
func (t *target) Usable() error          { return nil }

// Processor is what computes with the target's kernels.
func (t *target) Processor() hw.Target {
	p, err := hw.BestProcessor()
	if err != nil {
		panic(PanicProcessor)
	}
	return p
}

// PanicProcessor is the panic of a target in a program that has registered no processor beside it.
const PanicProcessor = "fpga: no processor is registered, which the device needs beside it: import hw/cpu"

func (t *target) Kernels() *hw.Kernels { return t.Processor().Kernels() }

// Open connects to the device, where no other layer has, and gives it the layer.
func (t *target) Open(c hw.EngineConfig) (hw.Engine, error) { return t.device.open(c) }

// Fits implements [hw.Fitter]: it asks the device for its numbers.
func (t *target) Fits(c hw.EngineConfig) error { return t.device.fits(c) }
