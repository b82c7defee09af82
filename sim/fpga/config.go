package fpga

import (
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/events"
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
	Rates         [2]Rates // of each bank
	MinRecent     int
	Recent        int16
	Learning      bool
	Selecting     bool
	Detail        bool
	DropIn        bool
	DropOut       bool
}

// Rates are what a bank learns by.
type Rates struct {
	Eta    int32 // Q32, below one half
	DeltaI int32 // Q24
	DeltaE int32 // Q24
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
	}
	what := "unknown error"
	if e.Code > 0 && e.Code < len(names) {
		what = names[e.Code]
	}
	return fmt.Sprintf("fpga device: %s %#x", what, e.Operand)
}

// check gives the first register of the staged configuration that makes no sense, and the
// configuration where there is none.
func (b *Build) check(reg func(address uint32) uint32) (c Config, bad uint32) {
	shifts, flags := reg(RegShifts), reg(RegFlags)
	d := &hw.Decay{
		Left: uint(shifts & 31), Right: uint(shifts >> 8 & 31), PeakBits: int(shifts >> 16 & 15), Linear: shifts>>24&1 == 1,
		Round: reg(RegRound), Rate: reg(RegRate), Horizon: reg(RegHorizon),
	}
	geometry := events.Geometry{Width: int(min(reg(RegWidth), 1<<16)), Height: int(min(reg(RegHeight), 1<<16))}
	radius, neurons := reg(RegRadius), reg(RegBank)
	switch {
	case geometry.Width < 1 || geometry.Width > events.MaxSide:
		return c, RegWidth
	case geometry.Height < 1 || geometry.Height > events.MaxSide:
		return c, RegHeight
	case radius > uint32(b.Rows/2):
		return c, RegRadius
	case neurons < 1 || neurons > uint32(b.Neurons):
		return c, RegBank
	case reg(RegMode) > ModeOn:
		return c, RegMode
	case flags > allFlags || flags&FlagLearning != 0 && flags&FlagSelecting == 0:
		return c, RegFlags
	}
	c = Config{
		Width: geometry.Width, Height: geometry.Height, Radius: int(radius), Neurons: int(neurons), Mode: reg(RegMode),
		Zero: flags&FlagZero != 0, Learning: flags&FlagLearning != 0, Selecting: flags&FlagSelecting != 0,
		Detail: flags&FlagDetail != 0, DropIn: flags&FlagDropIn != 0, DropOut: flags&FlagDropOut != 0,
		Decay:     d,
		MinRecent: int(min(reg(RegLeast), 1<<16)), Recent: int16(reg(RegRecent)),
	}
	for i := range c.Rates {
		bank := uint32(i * RegBanks)
		c.Rates[i] = Rates{int32(reg(RegEta + bank)), int32(reg(RegDeltaI + bank)), int32(reg(RegDeltaE + bank))}
	}
	elements := c.Side() * c.Side()
	const most = 15 // of a shift: ages have 31 bits, units 16
	switch {
	case !b.fits(geometry, c.Banks()):
		return c, RegCells
	case shifts&^(1<<24|15<<16|31<<8|31) != 0 || d.Left > most || d.Right > most || d.Left > 0 && d.Right > 0 ||
		d.PeakBits < 1 || d.PeakBits > hw.PeakBits(elements):
		return c, RegShifts
	case d.Right == 0 && d.Round != 0 || d.Right > 0 && d.Round != 1<<(d.Right-1):
		return c, RegRound
	case d.Rate >= 1<<16:
		return c, RegRate
	case d.Horizon > math.MaxInt32 || uint64(d.Horizon)<<d.Left+uint64(d.Round) > math.MaxUint32 || d.Units(d.Horizon) >= 1<<16:
		return c, RegHorizon
	case c.MinRecent > elements:
		return c, RegLeast
	case reg(RegRecent) > math.MaxInt16 || c.MinRecent > 0 && c.Recent < 1:
		return c, RegRecent
	}
	return c, 0
}
