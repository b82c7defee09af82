package hwtest

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
)

// definedEngine is an engine that is the definition: one event at a time through [hw.Bank]'s rule.
type definedEngine struct {
	config hw.EngineConfig
	cells  []uint32 // [plane][y][x], with a border of the patch's radius that never fires
	stride int
	plane  int
	banks  []*hw.Bank
	closed bool
}

// NewEngine makes an engine that computes what the rule defines, in plain Go and without a thought for speed: what
// [Engine] compares others with. The configuration must be one that a device could take.
func NewEngine(c hw.EngineConfig) hw.Engine {
	r := c.Radius
	e := &definedEngine{config: c, stride: c.Geometry.Width + 2*r}
	e.plane = e.stride * (c.Geometry.Height + 2*r)
	e.cells = make([]uint32, c.Banks()*e.plane)
	for range c.Banks() {
		b := hw.NewBank(hw.Patch{Side: 2*r + 1, Stride: e.stride, Planes: 1, Plane: e.plane, Decay: c.Decay}, e.cells, c.Neurons)
		b.MinRecent, b.Recent = c.MinRecent, c.Recent
		e.banks = append(e.banks, b)
	}
	return e
}

// PanicEngine is the panic of the defined engine for misuse.
const PanicEngine = "hwtest: misuse of an engine"

var errClosed = fmt.Errorf("hwtest: the engine is closed")

func (e *definedEngine) open() error {
	if e.closed {
		return errClosed
	}
	return nil
}

func (e *definedEngine) Process(in []hw.EngineEvent, winners []int16) error {
	if len(in) != len(winners) {
		panic(PanicEngine)
	}
	for i := range in {
		winners[i] = e.answer(&in[i])
	}
	return e.open()
}

func (e *definedEngine) answer(ev *hw.EngineEvent) int16 {
	c := &e.config
	x, y, r := int(ev.X), int(ev.Y), c.Radius
	switch {
	case !c.Geometry.Contains(ev.X, ev.Y):
		return hw.Outside
	case c.Mode == hw.EngineOn && ev.P&1 == 0:
		return hw.Ignored
	}
	bank := 0
	if c.Mode == hw.EngineSplit {
		bank = int(ev.P & 1)
	}
	first := bank*e.plane + y*e.stride + x
	steps := []hw.Step{{Cell: uint32(first + r*(e.stride+1)), First: uint32(first), Now: ev.Stamp, Winner: hw.Pending}}
	if !c.Zero && (x < r || y < r || x+r >= c.Geometry.Width || y+r >= c.Geometry.Height) {
		steps[0].Winner = int32(hw.Border)
	}
	defineRun(e.banks[bank], steps)
	winner := int16(steps[0].Winner)
	if winner >= 0 {
		winner += int16(bank * c.Neurons)
	}
	return winner
}

func (e *definedEngine) Clear() error {
	clear(e.cells)
	return e.open()
}

func (e *definedEngine) Rebase(move uint32) error {
	if move >= 1<<31 {
		panic(PanicEngine)
	}
	for i, c := range e.cells {
		e.cells[i] = c - min(c, move)
	}
	return e.open()
}

func (e *definedEngine) SetMode(learning, selecting bool) error {
	for _, b := range e.banks {
		b.Learning, b.Selecting = learning, learning || selecting
	}
	return e.open()
}

func (e *definedEngine) SetRates(bank int, r hw.Rates) error {
	if bank < 0 || bank >= len(e.banks) || r.Eta < 0 || r.DeltaI < 0 || r.DeltaE < 0 {
		panic(PanicEngine)
	}
	b := e.banks[bank]
	b.Eta, b.DeltaI, b.DeltaE = r.Eta, r.DeltaI, r.DeltaE
	return e.open()
}

// each calls f with every row of the surface, and with where it is in a state.
func (e *definedEngine) each(f func(row []uint32, at int)) {
	g, r := e.config.Geometry, e.config.Radius
	for plane := range e.banks {
		for y := range g.Height {
			f(e.cells[plane*e.plane+(y+r)*e.stride+r:][:g.Width], (plane*g.Height+y)*g.Width)
		}
	}
}

func (e *definedEngine) check(s hw.EngineState) {
	c := &e.config
	n := c.Banks() * c.Neurons
	elements := (2*c.Radius + 1) * (2*c.Radius + 1)
	if s.Cells != nil && len(s.Cells) != c.Banks()*c.Geometry.Width*c.Geometry.Height ||
		s.Master != nil && len(s.Master) != n*elements || s.Thresholds != nil && len(s.Thresholds) != n {
		panic(PanicEngine)
	}
}

func (e *definedEngine) Load(s hw.EngineState) error {
	e.check(s)
	if s.Cells != nil {
		e.each(func(row []uint32, at int) { copy(row, s.Cells[at:]) })
	}
	per := e.config.Neurons
	for i, b := range e.banks {
		for k := range per {
			if s.Master != nil {
				b.SetMaster(k, s.Master[(i*per+k)*b.Elements():])
			}
		}
		if s.Thresholds != nil {
			copy(b.Thresholds, s.Thresholds[i*per:])
		}
	}
	return e.open()
}

func (e *definedEngine) Store(s hw.EngineState) error {
	e.check(s)
	if s.Cells != nil {
		e.each(func(row []uint32, at int) { copy(s.Cells[at:], row) })
	}
	per := e.config.Neurons
	for i, b := range e.banks {
		for k := range per {
			if s.Master != nil {
				copy(s.Master[(i*per+k)*b.Elements():], b.MasterOf(k))
			}
		}
		if s.Thresholds != nil {
			copy(s.Thresholds[i*per:], b.Thresholds)
		}
	}
	return e.open()
}

func (e *definedEngine) Close() error {
	e.closed = true
	return nil
}
