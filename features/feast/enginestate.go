package feast

import (
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/hw"
)

// load puts the layer's memory into the engine, which is opened where it is not, and is then ahead of it.
func (d *device) load(l *Layer) (err error) {
	if d.engine == nil {
		if d.engine, err = d.target.Open(d.config); err != nil {
			d.engine = nil
			return err
		}
	}
	c := &l.config
	for plane := range l.banks {
		for y := range c.Height {
			at := (plane*c.Height + y) * c.Width
			copy(d.spare.Cells[at:at+c.Width], l.surface.Cells[l.surface.Index(plane, 0, uint16(y)):])
		}
	}
	w := l.ownWeights()
	copy(d.spare.Master, w.Master)
	copy(d.spare.Thresholds, w.Thresholds)
	if err := d.engine.Load(d.spare); err != nil {
		return err
	}
	d.loaded, d.told, d.clear = true, false, false
	d.cells, l.surface.Cells = l.surface.Cells, nil
	d.journal.restart(l)
	return nil
}

// store brings the layer's memory up to the engine's. It is not changed where that fails, or where what the engine
// has cannot be a state.
func (d *device) store(l *Layer) error {
	if err := d.settle(l); err != nil {
		return err
	}
	if err := d.engine.Store(d.spare); err != nil {
		return err
	}
	w := Weights{Master: d.spare.Master, Thresholds: d.spare.Thresholds}
	if err := w.Validate(l.config); err != nil {
		return fmt.Errorf("storing the device's state: %w", err)
	}
	newest, _, base := l.surface.Ahead()
	if latest := uint64(newest) - uint64(base); uint64(slices.Max(d.spare.Cells)) > latest {
		return fmt.Errorf("storing the device's state: expected stamps of at most %d, found %d", latest, slices.Max(d.spare.Cells))
	}
	c := &l.config
	l.surface.Cells = d.cells
	for plane := range l.banks {
		for y := range c.Height {
			at := (plane*c.Height + y) * c.Width
			copy(l.surface.Cells[l.surface.Index(plane, 0, uint16(y)):], d.spare.Cells[at:at+c.Width])
		}
	}
	l.surface.Cells = nil
	l.setWeights(w)
	d.journal.restart(l)
	return nil
}

// release makes the layer's memory all there is.
func (d *device) release(l *Layer) {
	if d.loaded {
		l.surface.Cells, d.cells = d.cells, nil
	}
	d.loaded = false
}

// fetch brings the layer's memory up to its engine's, if there is one in use. Where the engine fails, what it had is
// computed again.
func (l *Layer) fetch() {
	d := l.device
	if !d.inUse() || !d.loaded || d.journal.empty() {
		return
	}
	d.before.take(l)
	if err := d.store(l); err != nil {
		_ = l.fail(err, nil, nil) // kept in the device, and told by Device and by the next Process
	}
}

// fetchThresholds gives those of the engine, false where the layer's own are as good.
func (l *Layer) fetchThresholds() ([]int32, bool) {
	d := l.device
	if !d.inUse() || !d.loaded || d.journal.empty() {
		return nil, false
	}
	d.before.take(l)
	err := d.settle(l)
	if err == nil {
		err = d.engine.Store(hw.EngineState{Thresholds: d.spare.Thresholds})
	}
	if err == nil {
		err = validateThresholds(d.spare.Thresholds)
	}
	if err != nil {
		_ = l.fail(err, nil, nil) // as in fetch
		return nil, false
	}
	return slices.Clone(d.spare.Thresholds), true
}

// withCells calls f with the surface's cells in place.
func (l *Layer) withCells(f func() error) error {
	if l.device == nil || !l.device.loaded {
		return f()
	}
	l.surface.Cells = l.device.cells
	defer func() { l.surface.Cells = nil }()
	return f()
}
