package fpga

import (
	"math"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
)

// check gives the first register of the staged configuration that makes no sense, and the
// configuration where there is none.
func (b *Build) check(reg func(address uint32) uint32) (c fpga.Config, bad uint32) {
	shifts, flags := reg(fpga.RegShifts), reg(fpga.RegFlags)
	d := &hw.Decay{
		Left: uint(shifts & 31), Right: uint(shifts >> 8 & 31), PeakBits: int(shifts >> 16 & 15), Linear: shifts>>24&1 == 1,
		Round: reg(fpga.RegRound), Rate: reg(fpga.RegRate), Horizon: reg(fpga.RegHorizon),
	}
	geometry := events.Geometry{Width: int(min(reg(fpga.RegWidth), 1<<16)), Height: int(min(reg(fpga.RegHeight), 1<<16))}
	radius, neurons := reg(fpga.RegRadius), reg(fpga.RegBank)
	switch {
	case geometry.Width < 1 || geometry.Width > events.MaxSide:
		return c, fpga.RegWidth
	case geometry.Height < 1 || geometry.Height > events.MaxSide:
		return c, fpga.RegHeight
	case radius > uint32(b.Rows/2):
		return c, fpga.RegRadius
	case neurons < 1 || neurons > uint32(b.Neurons):
		return c, fpga.RegBank
	case reg(fpga.RegMode) > fpga.ModeOn:
		return c, fpga.RegMode
	case flags > fpga.AllFlags || flags&fpga.FlagLearning != 0 && flags&fpga.FlagSelecting == 0:
		return c, fpga.RegFlags
	}
	c = fpga.Config{
		Width: geometry.Width, Height: geometry.Height, Radius: int(radius), Neurons: int(neurons), Mode: reg(fpga.RegMode),
		Zero: flags&fpga.FlagZero != 0, Learning: flags&fpga.FlagLearning != 0, Selecting: flags&fpga.FlagSelecting != 0,
		Detail: flags&fpga.FlagDetail != 0, DropIn: flags&fpga.FlagDropIn != 0, DropOut: flags&fpga.FlagDropOut != 0,
		Decay:     d,
		MinRecent: int(min(reg(fpga.RegLeast), 1<<16)), Recent: int16(reg(fpga.RegRecent)),
	}
	for i := range c.Rates {
		bank := uint32(i * fpga.RegBanks)
		c.Rates[i] = hw.Rates{Eta: int32(reg(fpga.RegEta + bank)), DeltaI: int32(reg(fpga.RegDeltaI + bank)), DeltaE: int32(reg(fpga.RegDeltaE + bank))}
	}
	elements := c.Side() * c.Side()
	const most = 15 // of a shift: ages have 31 bits, units 16
	switch {
	case !b.fits(geometry, c.Banks()):
		return c, fpga.RegCells
	case shifts&^(1<<24|15<<16|31<<8|31) != 0 || d.Left > most || d.Right > most || d.Left > 0 && d.Right > 0 ||
		d.PeakBits < 1 || d.PeakBits > hw.PeakBits(elements):
		return c, fpga.RegShifts
	case d.Right == 0 && d.Round != 0 || d.Right > 0 && d.Round != 1<<(d.Right-1):
		return c, fpga.RegRound
	case d.Rate >= 1<<16:
		return c, fpga.RegRate
	case d.Horizon > math.MaxInt32 || uint64(d.Horizon)<<d.Left+uint64(d.Round) > math.MaxUint32 || d.Units(d.Horizon) >= 1<<16:
		return c, fpga.RegHorizon
	case c.MinRecent > elements:
		return c, fpga.RegLeast
	case reg(fpga.RegRecent) > math.MaxInt16 || c.MinRecent > 0 && c.Recent < 1:
		return c, fpga.RegRecent
	}
	return c, 0
}
