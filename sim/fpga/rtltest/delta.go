package rtltest

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/fpga/rtl"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// DeltaTop is the name of the module that has a delta engine beside FEAST. Its pins are those of [rtl.Top].
const DeltaTop = "saccade_top"

// More cycles than describing a layer takes, and than the window to the delta engine's memories.
const (
	longestDescription = 256
	longestWindow      = 8
)

// CompileDelta is as [Compile], of a build with a delta engine.
func CompileDelta(ctx context.Context, folder string, b fpga.Build) (string, error) {
	if err := b.Validate(); err != nil {
		return "", fmt.Errorf("rtltest: %w", err)
	}
	if b.Sums == 0 {
		return "", fmt.Errorf("rtltest: a build without a delta engine: expected words of sums, found none")
	}
	verilator, err := exec.LookPath("verilator")
	if err != nil {
		return "", ErrNoVerilator
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return "", fmt.Errorf("rtltest: %w", err)
	}
	names, err := Unpack(folder)
	if err != nil {
		return "", err
	}
	// The test bench finds it by the name of the other top.
	args := []string{
		"--cc", "--exe", "--build", "-j", "2", "-O3", "--x-assign", "unique", "--x-initial", "unique",
		"--top-module", DeltaTop, "--prefix", "V" + rtl.Top, "-Mdir", filepath.Join(folder, "made"), "-o", "bench",
		fmt.Sprintf("-GWEIGHTS=%d", b.Weights), fmt.Sprintf("-GSUMS=%d", b.Sums),
	}
	for name, value := range Parameters(b) {
		args = append(args, fmt.Sprintf("-G%s=%d", name, value))
	}
	return verilate(ctx, verilator, folder, append(args, names...))
}

// DeltaPair is a [Pair] with a delta engine: describing a layer takes the design cycles, as does the wiping of more
// memory. It is a link as well: what a host does over it, is done to the design and to the model.
type DeltaPair struct {
	*Pair

	window  uint32   // that was chosen last
	results []uint32 // that came, and nobody received
	quiet   int      // cycles in which no word came or went
}

var (
	_ hwfpga.Bus  = (*DeltaPair)(nil)
	_ hwfpga.Link = (*DeltaPair)(nil)
)

// NewDeltaPair makes a pair of a running design and a new model of the same build.
func NewDeltaPair(design *Simulation, b fpga.Build) (*DeltaPair, error) {
	p, err := NewPair(design, b)
	if err != nil {
		return nil, err
	}
	return &DeltaPair{Pair: p}, nil
}

// Read reads a register of both.
func (p *DeltaPair) Read(address uint32) (uint32, error) {
	if address != hwfpga.RegData || p.window < hwfpga.Windows {
		return p.Pair.Read(address)
	}
	data, err := p.Model.Read(address)
	if err != nil {
		return 0, err
	}
	return data, p.pass(In{Read: true, Address: address}, data, longestWindow)
}

// Write writes a register of both.
func (p *DeltaPair) Write(address, value uint32) error {
	b := p.Model.Build()
	cycles := longestAccess
	switch {
	case address == hwfpga.RegLayer:
		cycles = longestDescription
	case address == hwfpga.RegControl && value&hwfpga.ControlApply != 0:
		// All memories are wiped, and the model waits for the design's last.
		cycles = max(b.Cells, 2*b.Neurons*b.Rows, b.Weights, b.Sums) + 2*longestAccess
	case address == hwfpga.RegWindow && value < hwfpga.DeltaWindows:
		p.window = value
	case address == hwfpga.RegData && p.window >= hwfpga.Windows:
		cycles = longestWindow
	}
	if cycles > longestAccess {
		// An answer that is late is looked for at the end of a batch: this one is to be within one.
		if err := p.Flush(); err != nil {
			return err
		}
	}
	if err := p.Model.Write(address, value); err != nil {
		return err
	}
	return p.pass(In{Write: true, Address: address, Value: value}, 0, cycles)
}

// pass takes both through an access that the model has taken; see [Pair.access].
func (p *DeltaPair) pass(in In, data uint32, cycles int) error {
	for range cycles {
		if err := p.tick(in, expected{Out: p.Model.Out(), loose: true}, data); err != nil {
			return err
		}
		in = In{}
	}
	if cycles > longestAccess {
		return p.Flush()
	}
	return nil
}

// Configure configures both, and lets them wipe their memories. Behind it, their cycles are the same.
func (p *DeltaPair) Configure(c hwfpga.Config) error {
	if err := hwfpga.Configure(p, c); err != nil {
		return err
	}
	if err := p.Write(hwfpga.RegControl, hwfpga.ControlCount); err != nil {
		return err
	}
	return p.Flush()
}

// Window implements [hwfpga.Link]: what comes out is taken while words go in, so that there is no end to it.
func (p *DeltaPair) Window() int { return 1 << 12 }

// Send implements [hwfpga.Link]: it offers the words one by one, and keeps what comes out meanwhile.
func (p *DeltaPair) Send(words []uint32) error {
	for len(words) > 0 {
		in := In{In: fpga.In{Valid: true, Word: words[0]}}
		if p.Model.Out().Ready {
			words = words[1:]
			p.quiet = 0
		}
		if err := p.exchange(in); err != nil {
			return err
		}
	}
	return nil
}

// Receive implements [hwfpga.Link].
func (p *DeltaPair) Receive(words []uint32) (int, error) {
	for len(p.results) == 0 || len(p.results) < len(words) && !p.Model.Idle() {
		if err := p.exchange(In{}); err != nil {
			return 0, err
		}
	}
	n := copy(words, p.results)
	p.results = append(p.results[:0], p.results[n:]...)
	return n, nil
}

// patience is how many cycles may go by without a word in or out.
const patience = 1 << 16

// exchange is a cycle in which a result is taken where there is one.
func (p *DeltaPair) exchange(in In) error {
	in.Ready = true
	if out := p.Model.Out(); out.Valid {
		p.results = append(p.results, out.Word)
		p.quiet = 0
	}
	if p.quiet++; p.quiet > patience {
		return hwfpga.ErrTimeout
	}
	return p.Tick(in)
}

// Close implements [hwfpga.Link]: it compares what is left to be compared.
func (p *DeltaPair) Close() error { return p.Flush() }
