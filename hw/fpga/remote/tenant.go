package remote

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
)

// tenant is the engine of a layer that shares a device with others.
type tenant struct {
	device *device
	config hw.EngineConfig
	failed error
	closed bool

	// What is put in again: the state is that of when the layer was taken out, if ever.
	state               hw.EngineState
	learning, selecting bool
	rates               [2]hw.Rates
}

var _ hw.Engine = (*tenant)(nil)

// save takes the layer's state out of the device.
func (t *tenant) save(e hw.Engine) error {
	if t.state.Cells == nil {
		c := &t.config
		side := 2*c.Radius + 1
		t.state = hw.EngineState{
			Cells:      make([]uint32, c.Banks()*c.Geometry.Width*c.Geometry.Height),
			Master:     make([]int32, c.Banks()*c.Neurons*side*side),
			Thresholds: make([]int32, c.Banks()*c.Neurons),
		}
	}
	return e.Store(t.state)
}

// restore puts what was taken out into an engine that has just been opened.
func (t *tenant) restore(e hw.Engine) error {
	if t.state.Cells == nil {
		return nil // it never was in the device
	}
	if err := e.Load(t.state); err != nil {
		return err
	}
	for bank := range t.config.Banks() {
		if err := e.SetRates(bank, t.rates[bank]); err != nil {
			return err
		}
	}
	return e.SetMode(t.learning, t.selecting)
}

// begin is what every call begins with: the layer is put into the device, where it is not in it.
func (t *tenant) begin() error {
	switch {
	case t.closed:
		return fpga.ErrClosed
	case t.failed != nil:
		return fmt.Errorf("%w: %w", fpga.ErrFailed, t.failed)
	}
	return t.end(t.device.enter(t))
}

// end keeps the error that a call has ended with. The connexion is given up: other layers try another.
func (t *tenant) end(err error) error {
	if err != nil {
		t.failed = err
		if t.device.inside == t {
			_ = t.device.hangUp() // what went wrong says more
		}
	}
	return err
}

// Process implements [hw.Engine].
func (t *tenant) Process(in []hw.EngineEvent, winners []int16) error {
	t.device.mu.Lock()
	defer t.device.mu.Unlock()
	if err := t.begin(); err != nil {
		return err
	}
	return t.end(t.device.engine.Process(in, winners))
}

// Clear implements [hw.Engine].
func (t *tenant) Clear() error {
	t.device.mu.Lock()
	defer t.device.mu.Unlock()
	if err := t.begin(); err != nil {
		return err
	}
	return t.end(t.device.engine.Clear())
}

// Rebase implements [hw.Engine].
func (t *tenant) Rebase(move uint32) error {
	t.device.mu.Lock()
	defer t.device.mu.Unlock()
	if err := t.begin(); err != nil {
		return err
	}
	return t.end(t.device.engine.Rebase(move))
}

// SetMode implements [hw.Engine].
func (t *tenant) SetMode(learning, selecting bool) error {
	t.device.mu.Lock()
	defer t.device.mu.Unlock()
	if err := t.begin(); err != nil {
		return err
	}
	err := t.device.engine.SetMode(learning, selecting)
	t.learning, t.selecting = learning, selecting
	return t.end(err)
}

// SetRates implements [hw.Engine].
func (t *tenant) SetRates(bank int, r hw.Rates) error {
	t.device.mu.Lock()
	defer t.device.mu.Unlock()
	if err := t.begin(); err != nil {
		return err
	}
	err := t.device.engine.SetRates(bank, r)
	t.rates[bank] = r
	return t.end(err)
}

// Load implements [hw.Engine].
func (t *tenant) Load(s hw.EngineState) error {
	t.device.mu.Lock()
	defer t.device.mu.Unlock()
	if err := t.begin(); err != nil {
		return err
	}
	return t.end(t.device.engine.Load(s))
}

// Store implements [hw.Engine].
func (t *tenant) Store(s hw.EngineState) error {
	t.device.mu.Lock()
	defer t.device.mu.Unlock()
	if err := t.begin(); err != nil {
		return err
	}
	return t.end(t.device.engine.Store(s))
}

// Close implements [hw.Engine]. The connexion ends with the last of the layers.
func (t *tenant) Close() (err error) {
	d := t.device
	d.mu.Lock()
	defer d.mu.Unlock()
	if t.closed {
		return nil
	}
	t.closed = true
	if d.inside == t {
		d.inside = nil
		err = d.closeEngine()
	}
	if d.users--; d.users == 0 {
		if herr := d.hangUp(); err == nil {
			err = herr
		}
	}
	return err
}
