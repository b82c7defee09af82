package fpga

import (
	"slices"

	"github.com/saccade-dev/saccade/hw"
)

// PanicState is the panic of Load and Store for a slice that is not as long as what it is for.
const PanicState = "fpga: a state's slices need the lengths of the layer's cells, weights and thresholds, or to be nil"

// part is a memory of the device, and the host's words for it.
type part struct {
	window uint32
	words  []uint32
	signed []int32 // or these
}

// parts are the memories that a state has something for.
func (e *engine) parts(s hw.EngineState) []part {
	c := &e.layer
	side := 2*c.Radius + 1
	for _, l := range [...]struct {
		none         bool
		length, want int
	}{
		{s.Cells == nil, len(s.Cells), c.Banks() * c.Geometry.Width * c.Geometry.Height},
		{s.Master == nil, len(s.Master), c.Banks() * c.Neurons * side * side},
		{s.Thresholds == nil, len(s.Thresholds), c.Banks() * c.Neurons},
	} {
		if !l.none && l.length != l.want {
			panic(PanicState)
		}
	}
	all := []part{{WindowSurface, s.Cells, nil}, {WindowMaster, nil, s.Master}, {WindowThresholds, nil, s.Thresholds}}
	return slices.DeleteFunc(all, func(p part) bool { return len(p.words) == 0 && len(p.signed) == 0 })
}

// Load implements [hw.Engine].
func (e *engine) Load(s hw.EngineState) error {
	parts := e.parts(s)
	if err := e.begin(); err != nil {
		return err
	}
	if err := e.load(parts); err != nil {
		return e.end(err)
	}
	e.shadow.put(s)
	return nil
}

func (e *engine) load(parts []part) error {
	// A mark, which the device counts: were it to begin anew from here on, it would have counted one less, and
	// that what was loaded is lost is known even ahead of the first event.
	if err := e.stream(nil, nil); err != nil {
		return err
	}
	if err := e.idle(); err != nil {
		return err
	}
	for _, p := range parts {
		err := e.through(p, func(words []uint32, at int) error {
			for i := range words {
				words[i] = p.at(at + i)
			}
			return e.bulk.WriteAt(RegData, words)
		})
		if err != nil {
			return err
		}
	}
	if e.options.Unverified {
		if err := e.park(); err != nil {
			return err
		}
		return e.check()
	}
	for _, p := range parts {
		err := e.through(p, func(words []uint32, at int) error {
			if err := e.bulk.ReadAt(RegData, words); err != nil {
				return err
			}
			for i, w := range words {
				if want := p.at(at + i); w != want {
					return &LoadError{Window: p.window, Place: at + i, Expected: want, Found: w}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := e.park(); err != nil {
		return err
	}
	return e.check()
}

// Store implements [hw.Engine]. It also checks the device, whatever the options say: a state that a device had
// before it was reset is nowhere else.
func (e *engine) Store(s hw.EngineState) error {
	parts := e.parts(s)
	if err := e.begin(); err != nil {
		return err
	}
	if err := e.store(parts); err != nil {
		return e.end(err)
	}
	e.shadow.put(s)
	return nil
}

func (e *engine) store(parts []part) error {
	if err := e.flush(); err != nil {
		return err
	}
	if err := e.check(); err != nil {
		return err
	}
	for _, p := range parts {
		err := e.through(p, func(words []uint32, at int) error {
			if err := e.bulk.ReadAt(RegData, words); err != nil {
				return err
			}
			for i, w := range words {
				p.set(at+i, w)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if !e.options.Unverified {
		if err := e.readTwice(parts); err != nil {
			return err
		}
	}
	if err := e.park(); err != nil {
		return err
	}
	return e.check() // it still was the same device at the last word
}

// through goes through a memory from its beginning, some words at a time.
func (e *engine) through(p part, next func(words []uint32, at int) error) error {
	if err := e.link.Write(RegWindow, p.window); err != nil {
		return err
	}
	// Were that write lost, what follows would go through another memory.
	where := [...]uint32{p.window, 0}
	for i, register := range [...]uint32{RegWindow, RegPlace} {
		if v, err := e.link.Read(register); err != nil {
			return err
		} else if v != where[i] {
			return &ResetError{Register: register, Expected: where[i], Found: v}
		}
	}
	n := len(p.words) + len(p.signed)
	for at := 0; at < n; {
		words := e.got[:min(len(e.got), n-at)]
		if err := next(words, at); err != nil {
			return err
		}
		at += len(words)
	}
	return nil
}

func (p *part) at(i int) uint32 {
	if p.words != nil {
		return p.words[i]
	}
	return uint32(p.signed[i])
}

func (p *part) set(i int, w uint32) {
	if p.words != nil {
		p.words[i] = w
		return
	}
	p.signed[i] = int32(w)
}
