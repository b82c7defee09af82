package fpga

import (
	"github.com/saccade-dev/saccade/hw"
)

// shadow is what the device's memories must hold, as far as the host can know it without computing what the device
// does: the surface's stamps, which are those of the events; the thresholds, which follow from the winners; and the
// weights while nothing is learned.
type shadow struct {
	cells      []uint32 // [plane][y][x]
	thresholds []int32  // [bank][neuron], without
	offsets    [2]int32 // what missed events have taken off those of a bank
	master     []int32  // [bank][neuron][row][column]
	known      bool     // that the device has them
	probe      probe
	audited    uint64 // events at the last audit
}

// probe is the last event, where it has competed and nothing has fired since: the device shows its dot products.
type probe struct {
	valid bool
	bank  int
	event hw.EngineEvent
}

func (s *shadow) make(c *hw.EngineConfig) {
	side := 2*c.Radius + 1
	s.cells = make([]uint32, c.Banks()*c.Geometry.Width*c.Geometry.Height)
	s.thresholds = make([]int32, c.Banks()*c.Neurons)
	s.master = make([]int32, c.Banks()*c.Neurons*side*side)
	s.known = true // all are 0
}

// words is how many an audit reads.
func (s *shadow) words() int { return len(s.cells) + 3*len(s.thresholds) + len(s.master) }

// put takes note of memories that the device was given, or that were read.
func (s *shadow) put(st hw.EngineState) {
	copy(s.cells, st.Cells)
	if st.Thresholds != nil {
		copy(s.thresholds, st.Thresholds)
		s.offsets = [2]int32{}
	}
	if st.Master != nil {
		copy(s.master, st.Master)
		s.known = true
	}
	s.probe.valid = false
}

func (s *shadow) clear() {
	clear(s.cells)
	s.probe.valid = false
}

func (s *shadow) rebase(move uint32) {
	for i, v := range s.cells {
		s.cells[i] = v - min(v, move)
	}
	s.probe.valid = false
}

// took takes note of an event and its result.
func (e *engine) took(ev *hw.EngineEvent, winner int16) {
	if winner == hw.Outside || winner == hw.Ignored {
		return
	}
	s, c := &e.shadow, &e.layer
	bank := 0
	if c.Mode == hw.EngineSplit {
		bank = int(ev.P & 1)
	}
	s.cells[(bank*c.Geometry.Height+int(ev.Y))*c.Geometry.Width+int(ev.X)] = ev.Stamp
	s.probe = probe{valid: winner != hw.Border && winner != hw.Noise, bank: bank, event: *ev}
	switch {
	case !e.learning:
	case winner >= 0:
		s.thresholds[winner] += e.config.Rates[bank].DeltaI
		s.known = false
	case winner == hw.Missed:
		s.offsets[bank] -= e.config.Rates[bank].DeltaE
	}
}
