package command

import "github.com/saccade-dev/saccade/hw/fpga"

type fpgaCounter struct {
	Name  string `json:"name"`
	Value uint64 `json:"value"`
}

// fpgaCounters are the counters' names, in the order of their registers.
var fpgaCounters = [fpga.Counters]string{
	fpga.CountCycles: "cycles", fpga.CountEvents: "events", fpga.CountResults: "results", fpga.CountDroppedIn: "dropped in",
	fpga.CountDroppedOut: "dropped out", fpga.CountWon: "won", fpga.CountMissed: "missed", fpga.CountNoise: "noise", fpga.CountBorder: "border",
	fpga.CountOutside: "outside", fpga.CountIgnored: "ignored", fpga.CountRefused: "refused", fpga.CountCorrections: "corrections",
}

// fpgaDeltaCounters are those of a delta engine.
var fpgaDeltaCounters = [fpga.DeltaCounts]string{
	fpga.DeltaActive: "cycles", fpga.DeltaBusy: "adding", fpga.DeltaTaken: "changes", fpga.DeltaRefused: "refused",
	fpga.DeltaMACs: "multiply-adds", fpga.DeltaSent: "sums sent",
}

// readFPGACounters reads both halves of each counter from an address on at once, as the upper one is held for the next who
// reads it.
func readFPGACounters(b fpga.Bus, from uint32, names []string) ([]fpgaCounter, error) {
	out := make([]fpgaCounter, len(names))
	for i, name := range names {
		address := from + 8*uint32(i)
		var halves [2]uint32
		if err := fpga.ReadList(b, []uint32{address, address + 4}, halves[:]); err != nil {
			return nil, err
		}
		out[i] = fpgaCounter{name, uint64(halves[1])<<32 | uint64(halves[0])}
	}
	return out, nil
}
