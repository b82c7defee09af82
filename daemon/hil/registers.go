package hil

import (
	"fmt"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// Register is a register of a device as it was read.
type Register struct {
	Name    string `json:"name"`
	Address uint32 `json:"address"`
	Value   uint32 `json:"value"`
}

// plainRegisters are those of 32 bits that reading does not change.
var plainRegisters = []Register{
	{Name: "id", Address: hwfpga.RegID},
	{Name: "version", Address: hwfpga.RegVersion},
	{Name: "rows", Address: hwfpga.RegRows},
	{Name: "lanes", Address: hwfpga.RegLanes},
	{Name: "neurons", Address: hwfpga.RegNeurons},
	{Name: "cells", Address: hwfpga.RegCells},
	{Name: "in", Address: hwfpga.RegIn},
	{Name: "out", Address: hwfpga.RegOut},
	{Name: "status", Address: hwfpga.RegStatus},
	{Name: "error", Address: hwfpga.RegError},
	{Name: "width", Address: hwfpga.RegWidth},
	{Name: "height", Address: hwfpga.RegHeight},
	{Name: "radius", Address: hwfpga.RegRadius},
	{Name: "bank", Address: hwfpga.RegBank},
	{Name: "mode", Address: hwfpga.RegMode},
	{Name: "flags", Address: hwfpga.RegFlags},
	{Name: "shifts", Address: hwfpga.RegShifts},
	{Name: "round", Address: hwfpga.RegRound},
	{Name: "rate", Address: hwfpga.RegRate},
	{Name: "horizon", Address: hwfpga.RegHorizon},
	{Name: "least", Address: hwfpga.RegLeast},
	{Name: "recent", Address: hwfpga.RegRecent},
	{Name: "eta 0", Address: hwfpga.RegEta},
	{Name: "delta_i 0", Address: hwfpga.RegDeltaI},
	{Name: "delta_e 0", Address: hwfpga.RegDeltaE},
	{Name: "eta 1", Address: hwfpga.RegEta + hwfpga.RegBanks},
	{Name: "delta_i 1", Address: hwfpga.RegDeltaI + hwfpga.RegBanks},
	{Name: "delta_e 1", Address: hwfpga.RegDeltaE + hwfpga.RegBanks},
	{Name: "window", Address: hwfpga.RegWindow},
	{Name: "place", Address: hwfpga.RegPlace},
}

// counterNames are the device's counters, in the order of their registers.
var counterNames = [hwfpga.Counters]string{
	hwfpga.CountCycles:      "cycles",
	hwfpga.CountEvents:      "events",
	hwfpga.CountResults:     "results",
	hwfpga.CountDroppedIn:   "dropped in",
	hwfpga.CountDroppedOut:  "dropped out",
	hwfpga.CountWon:         "won",
	hwfpga.CountMissed:      "missed",
	hwfpga.CountNoise:       "noise",
	hwfpga.CountBorder:      "border",
	hwfpga.CountOutside:     "outside",
	hwfpga.CountIgnored:     "ignored",
	hwfpga.CountRefused:     "refused",
	hwfpga.CountCorrections: "corrections",
}

// dump reads all registers of a device that can be read without changing anything, and its counters.
func dump(b hwfpga.Bus) ([]Register, error) {
	var out []Register
	for _, r := range plainRegisters {
		v, err := b.Read(r.Address)
		if err != nil {
			return out, fmt.Errorf("register %s: %w", r.Name, err)
		}
		r.Value = v
		out = append(out, r)
	}
	for i, name := range counterNames {
		v, err := counter(b, i)
		if err != nil {
			return out, fmt.Errorf("counter of %s: %w", name, err)
		}
		at := uint32(hwfpga.RegCounters + 8*i)
		out = append(out, Register{Name: name, Address: at, Value: uint32(v)}, Register{Name: name + ", upper half", Address: at + 4, Value: uint32(v >> 32)})
	}
	return out, nil
}
