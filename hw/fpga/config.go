package fpga

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
)

// Config is what a host tells the device about its layer, in the formats of package hw.
type Config struct {
	Width, Height int
	Radius        int
	Neurons       int    // of each bank
	Mode          uint32 // ModeMerged, ModeSplit or ModeOn
	Zero          bool   // patches across the border are filled up; else their events are skipped
	Decay         *hw.Decay
	Rates         [2]hw.Rates // of each bank
	MinRecent     int
	Recent        int16
	Learning      bool
	Selecting     bool
	Detail        bool
	DropIn        bool
	DropOut       bool
}

// Banks is the number of banks of neurons, and of planes of the surface.
func (c *Config) Banks() int {
	if c.Mode == ModeSplit {
		return 2
	}
	return 1
}

// Side is the side of the patch.
func (c *Config) Side() int { return 2*c.Radius + 1 }

// words are the configuration registers and what they are set to, in the order in which
// they are written and checked.
func (c *Config) words() []setting {
	var flags uint32
	for i, on := range []bool{c.Zero, c.Learning, c.Selecting, c.Detail, c.DropIn, c.DropOut} {
		if on {
			flags |= 1 << i
		}
	}
	d := c.Decay
	shifts := uint32(d.Left) | uint32(d.Right)<<8 | uint32(d.PeakBits)<<16
	if d.Linear {
		shifts |= 1 << 24
	}
	return []setting{
		{RegWidth, uint32(c.Width)},
		{RegHeight, uint32(c.Height)},
		{RegRadius, uint32(c.Radius)},
		{RegBank, uint32(c.Neurons)},
		{RegMode, c.Mode},
		{RegFlags, flags},
		{RegShifts, shifts},
		{RegRound, d.Round},
		{RegRate, d.Rate},
		{RegHorizon, d.Horizon},
		{RegLeast, uint32(c.MinRecent)},
		{RegRecent, uint32(c.Recent)},
		{RegEta, uint32(c.Rates[0].Eta)},
		{RegDeltaI, uint32(c.Rates[0].DeltaI)},
		{RegDeltaE, uint32(c.Rates[0].DeltaE)},
		{RegEta + RegBanks, uint32(c.Rates[1].Eta)},
		{RegDeltaI + RegBanks, uint32(c.Rates[1].DeltaI)},
		{RegDeltaE + RegBanks, uint32(c.Rates[1].DeltaE)},
	}
}

type setting struct{ address, value uint32 }

// Bus is how a host reads and writes the registers of a device, in whatever way it is
// connected.
type Bus interface {
	Read(address uint32) (uint32, error)
	Write(address, value uint32) error
}

// Configure writes a configuration and applies it. The device is idle before; behind it,
// all of its memories are zero. A device that refuses is an error that names the register.
func Configure(b Bus, c Config) error {
	switch id, err := b.Read(RegID); {
	case err != nil:
		return err
	case id != ID:
		return fmt.Errorf("fpga: identification: expected %#x, found %#x", uint32(ID), id)
	}
	switch v, err := b.Read(RegVersion); {
	case err != nil:
		return err
	case v>>16 != Version>>16:
		return fmt.Errorf("fpga: version: expected %d, found %d", Version>>16, v>>16)
	}
	if c.Decay == nil {
		return fmt.Errorf("fpga: configuration: expected a decay, found none")
	}
	if err := b.Write(RegError, 0); err != nil {
		return err
	}
	for _, s := range append(c.words(), setting{RegControl, ControlApply | ControlCount}) {
		if err := b.Write(s.address, s.value); err != nil {
			return err
		}
	}
	return Complaint(b)
}

// Complaint is what the device's error register says, nil where it says nothing.
func Complaint(b Bus) error {
	e, err := b.Read(RegError)
	if err != nil || e == 0 {
		return err
	}
	return deviceError(e)
}

// deviceError is what an error register holds.
func deviceError(e uint32) *DeviceError {
	return &DeviceError{Code: int(e >> 24), Operand: e & (1<<24 - 1)}
}

// DeviceError is what a device says in its error register.
type DeviceError struct {
	Code    int    // one of the Error constants
	Operand uint32 // what it is about: an address, mostly
}

func (e *DeviceError) Error() string {
	names := [...]string{
		ErrorAddress: "no register at", ErrorAccess: "not that way round: register", ErrorValue: "value refused by register",
		ErrorBusy: "busy: register", ErrorApply: "configuration refused for register", ErrorWindow: "window points at nothing: register",
		ErrorCommand: "unknown command", ErrorStamp: "stamp beyond the last one:",
		ErrorLayer: "no such layer:", ErrorChange: "change of an input that the layer does not have:",
	}
	what := "unknown error"
	if e.Code > 0 && e.Code < len(names) {
		what = names[e.Code]
	}
	return fmt.Sprintf("fpga device: %s %#x", what, e.Operand)
}
