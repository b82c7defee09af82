package remote

import (
	"context"
	"fmt"
	"sync"

	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
)

// pool has the devices that this process uses, by what their targets are called: a device holds one layer and
// talks to one host, but a program has more layers than that, one a sensor or one a core.
type pool struct {
	mu      sync.Mutex
	devices map[string]*device
}

// at gives the device of that name.
func (p *pool) at(name, address string, o Options) *device {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.devices[name]
	if d == nil {
		d = &device{address: address, options: o}
		p.devices[name] = d
	}
	return d
}

// device is one that layers take in turns. The layer whose turn it is stays in the device until another's call
// comes; then its state is taken out, and that of the other put in, by which no bit changes.
type device struct {
	address string
	options Options

	mu     sync.Mutex
	link   *Link     // nil where there is no connexion
	inside *tenant   // whose layer is in the device; nil where it is nobody's
	engine hw.Engine // that of the layer inside
	users  int       // tenants that were not closed
	// network says that a delta network has the device, over a connexion of its own; there are no tenants then.
	network bool
}

// kept is the device's link for one engine after the other.
type kept struct{ *Link }

// Close leaves the link to the next engine.
func (kept) Close() error { return nil }

// connect makes sure that there is a link.
func (d *device) connect() (err error) {
	if d.link == nil {
		d.link, err = Dial(context.Background(), d.address, d.options)
	}
	return err
}

// hangUp ends the connexion, where it has failed or nobody needs it any more.
func (d *device) hangUp() error {
	l := d.link
	d.link, d.inside, d.engine = nil, nil, nil
	if l == nil {
		return nil
	}
	return l.Close()
}

// fits tells whether the device could hold a layer.
func (d *device) fits(c hw.EngineConfig) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.link != nil {
		can := d.link.Capabilities()
		return can.Fits(&c)
	}
	r, err := DialRegisters(context.Background(), d.address, d.options)
	if err != nil {
		return err
	}
	can, err := fpga.ReadCapabilities(r)
	if err == nil {
		err = can.Fits(&c)
	}
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	return err
}

// open gives the device to a new layer.
func (d *device) open(c hw.EngineConfig) (hw.Engine, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.network {
		return nil, d.held("a delta network")
	}
	t := &tenant{device: d, config: c}
	if err := d.connect(); err != nil {
		return nil, err
	}
	can := d.link.Capabilities()
	err := can.Fits(&c)
	if err == nil {
		err = d.enter(t)
	}
	if err != nil {
		if d.users == 0 {
			_ = d.hangUp() // what went wrong says more
		}
		return nil, err
	}
	d.users++
	return t, nil
}

// enter takes the layer inside out of the device, and puts another in.
func (d *device) enter(t *tenant) error {
	if d.inside == t {
		return nil
	}
	if out := d.inside; out != nil {
		d.inside = nil
		if err := out.save(d.engine); err != nil {
			out.failed = fmt.Errorf("fpga: taking the layer out of the device for another: %w", err)
			_ = d.hangUp() // it is tried afresh
		}
		_ = d.closeEngine()
	}
	if err := d.connect(); err != nil {
		return err
	}
	e, err := fpga.Open(kept{d.link}, t.config, fpga.Options{})
	if err == nil {
		err = t.restore(e)
	}
	if err != nil {
		_ = d.hangUp() // what went wrong says more
		return err
	}
	d.inside, d.engine = t, e
	return nil
}

// closeEngine ends the engine of the layer inside, but not the link.
func (d *device) closeEngine() (err error) {
	if d.engine != nil {
		err = d.engine.Close()
	}
	d.engine = nil
	return err
}
