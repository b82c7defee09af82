package remote

import (
	"context"
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
)

// ErrHeld is the error of a device that this process uses for something that it cannot be shared with: the layers of a
// delta network stay in it until their engine is closed, and layers of FEAST share it among themselves alone.
var ErrHeld = errors.New("fpga: the device is in use here")

var _ hw.DeltaOpener = (*target)(nil)

// OpenDelta connects to the device and gives it the layers of a delta network, which need it to themselves.
func (t *target) OpenDelta(layers []hw.DeltaLayer) (hw.DeltaEngine, error) {
	return t.device.openDelta(layers)
}

// network is the engine of a delta network on a device.
type network struct {
	hw.DeltaEngine
	device *device
	closed bool
}

// openDelta gives the device to a delta network.
func (d *device) openDelta(layers []hw.DeltaLayer) (hw.DeltaEngine, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.network:
		return nil, d.held("another delta network")
	case d.users == 1:
		return nil, d.held("a layer of FEAST")
	case d.users > 1:
		return nil, d.held(fmt.Sprintf("%d layers of FEAST", d.users))
	}
	l, err := Dial(context.Background(), d.address, d.options)
	if err != nil {
		return nil, err
	}
	e, err := fpga.OpenDelta(l, layers, fpga.Options{})
	if err != nil {
		return nil, err
	}
	d.network = true
	return &network{DeltaEngine: e, device: d}, nil
}

func (d *device) held(by string) error {
	return fmt.Errorf("fpga@%s: %w, by %s: a delta network needs it to itself", d.address, ErrHeld, by)
}

// Close ends the connexion; the device can be given to others.
func (n *network) Close() error {
	d := n.device
	d.mu.Lock()
	defer d.mu.Unlock()
	if n.closed {
		return nil
	}
	n.closed, d.network = true, false
	return n.DeltaEngine.Close()
}
