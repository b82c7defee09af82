package hil

import (
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// Memories are what a device holds of a layer, as its window shows it.
type Memories struct {
	Master     []int32  // Q24 [bank][neuron][row][column]
	Thresholds []int32  // Q24 [bank][neuron]
	Surface    []uint32 // stamps [bank][y][x]
}

// Memories is a copy of what a device must hold now.
func (g *Golden) Memories() Memories {
	var m Memories
	c := &g.config
	for _, b := range g.banks {
		for k := range c.Neurons {
			m.Master = append(m.Master, b.MasterOf(k)...)
		}
		m.Thresholds = append(m.Thresholds, b.Thresholds...)
		for y := range c.Height {
			m.Surface = append(m.Surface, b.Cells[(y+g.border)*g.stride+g.border:][:c.Width]...)
		}
	}
	return m
}

// SetMemories puts memories in; parts that are nil stay as they are.
func (g *Golden) SetMemories(m Memories) {
	c := &g.config
	n := c.Side() * c.Side()
	for i, b := range g.banks {
		for k := range c.Neurons {
			if m.Master != nil {
				b.SetMaster(k, m.Master[(i*c.Neurons+k)*n:][:n])
			}
		}
		if m.Thresholds != nil {
			copy(b.Thresholds, m.Thresholds[i*c.Neurons:][:c.Neurons])
		}
		for y := range c.Height {
			if m.Surface != nil {
				copy(b.Cells[(y+g.border)*g.stride+g.border:][:c.Width], m.Surface[(i*c.Height+y)*c.Width:])
			}
		}
	}
}

// clone is a copy that goes its own way.
func (g *Golden) clone() *Golden {
	out := *g
	out.banks = nil
	out.contexts, out.dots = slices.Clone(g.contexts), slices.Clone(g.dots)
	clear(out.contexts)
	for _, b := range g.banks {
		n := hw.NewBank(b.Patch, slices.Clone(b.Cells), b.Neurons)
		n.MinRecent, n.Recent, n.Learning, n.Selecting = b.MinRecent, b.Recent, b.Learning, b.Selecting
		n.Eta, n.DeltaI, n.DeltaE = b.Eta, b.DeltaI, b.DeltaE
		out.banks = append(out.banks, n)
	}
	out.SetMemories(g.Memories())
	return &out
}

// writeMemories puts memories into an idle device through its window.
func writeMemories(b hwfpga.Bus, m Memories) error {
	for _, part := range []struct {
		window uint32
		words  []uint32
	}{
		{hwfpga.WindowMaster, unsigned(m.Master)},
		{hwfpga.WindowThresholds, unsigned(m.Thresholds)},
		{hwfpga.WindowSurface, m.Surface},
	} {
		if len(part.words) == 0 {
			continue
		}
		if err := b.Write(hwfpga.RegWindow, part.window); err != nil {
			return err
		}
		if err := hwfpga.Bulk(b).WriteAt(hwfpga.RegData, part.words); err != nil {
			return err
		}
	}
	return complaint(b, "while its memories were written")
}

// readMemories reads all memories of an idle device through its window.
func readMemories(b hwfpga.Bus, c *hwfpga.Config) (Memories, error) {
	features := c.Banks() * c.Neurons
	master, err := readWindow(b, hwfpga.WindowMaster, features*c.Side()*c.Side())
	if err != nil {
		return Memories{}, err
	}
	thresholds, err := readWindow(b, hwfpga.WindowThresholds, features)
	if err != nil {
		return Memories{}, err
	}
	surface, err := readWindow(b, hwfpga.WindowSurface, c.Banks()*c.Width*c.Height)
	if err != nil {
		return Memories{}, err
	}
	return Memories{Master: signed(master), Thresholds: signed(thresholds), Surface: surface}, complaint(b, "while its memories were read")
}

// readWindow reads n words of what a window shows, from its first place.
func readWindow(b hwfpga.Bus, window uint32, n int) ([]uint32, error) {
	if err := b.Write(hwfpga.RegWindow, window); err != nil {
		return nil, err
	}
	out := make([]uint32, n)
	return out, hwfpga.Bulk(b).ReadAt(hwfpga.RegData, out)
}

// complaint is what the error register says; it is cleared.
func complaint(b hwfpga.Bus, when string) error {
	said := hwfpga.Complaint(b)
	if said == nil {
		return nil
	}
	if err := b.Write(hwfpga.RegError, 0); err != nil {
		return err
	}
	return fmt.Errorf("%w, %s", said, when)
}

func unsigned(in []int32) []uint32 {
	out := make([]uint32, len(in))
	for i, v := range in {
		out[i] = uint32(v)
	}
	return out
}

func signed(in []uint32) []int32 {
	out := make([]int32, len(in))
	for i, v := range in {
		out[i] = int32(v)
	}
	return out
}
