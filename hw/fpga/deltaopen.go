package fpga

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
)

// OpenDelta gives the layers of a delta network to the device at the other end of a link: it asks what the device has,
// configures it for a layer of FEAST as small as there is, without which it takes no words, and loads the weights. What
// is beyond the device is a [*LimitError]. The link is the engine's from then on, which closes it; where OpenDelta
// fails, it is closed already. Of the options, Unverified counts.
func OpenDelta(link Link, layers []hw.DeltaLayer, o Options) (hw.DeltaEngine, error) {
	for i := range layers {
		if err := layers[i].Validate(); err != nil {
			_ = link.Close() // what was wrong with the layer says more
			return nil, fmt.Errorf("fpga: layer %d: %w", i, err)
		}
		if len(layers[i].Weights) != layers[i].WeightsLen() {
			panic(PanicWeights)
		}
	}
	e, err := openDelta(link, layers, o)
	if err != nil {
		_ = link.Close() // what was wrong with the device says more
		return nil, err
	}
	return e, nil
}

func openDelta(link Link, layers []hw.DeltaLayer, o Options) (*deltaEngine, error) {
	e := &deltaEngine{link: link, bulk: Bulk(link), verify: !o.Unverified, window: min(link.Window(), maxWindow)}
	if e.window < minWindow {
		return nil, fmt.Errorf("fpga: link: expected room for %d words on their way, found %d", minWindow, e.window)
	}
	can, err := ReadDeltaCapabilities(link)
	if err != nil {
		return nil, err
	}
	e.lanes = can.Lanes
	shapes := make([]hw.DeltaShape, len(layers))
	for i := range layers {
		shapes[i] = layers[i].DeltaShape
	}
	if e.layers, err = can.Place(shapes); err != nil {
		return nil, err
	}
	e.got = make([]uint32, e.window)
	// Whoever had the device before may have left it at work.
	if err := e.idle(); err != nil {
		return nil, err
	}
	decay, err := hw.NewDecay(1000, hw.PeakBits(1))
	if err != nil {
		return nil, err
	}
	if err := Configure(link, Config{Width: 1, Height: 1, Neurons: 1, Decay: decay}); err != nil {
		return nil, fmt.Errorf("fpga: configuring the device: %w", err)
	}
	if err := e.idle(); err != nil {
		return nil, err
	}
	for i := range e.layers {
		l := &e.layers[i]
		if err := Describe(link, i, l); err != nil {
			return nil, fmt.Errorf("fpga: describing layer %d: %w", i, err)
		}
		if err := e.load(WindowWeights, l.WeightsAt, l.packWeights(layers[i].Weights, e.lanes)); err != nil {
			return nil, err
		}
	}
	return e, e.check()
}

// load writes words to a window, from the beginning of a memory's word on, and reads them back where that is wanted.
func (e *deltaEngine) load(window uint32, at int, values []uint32) error {
	place := []setting{{RegWindow, window}, {RegPlace, uint32(at) << PlaceLanes}}
	for _, s := range place {
		if err := e.link.Write(s.address, s.value); err != nil {
			return err
		}
	}
	if err := e.bulk.WriteAt(RegData, values); err != nil {
		return err
	}
	if !e.verify {
		return nil
	}
	got := make([]uint32, len(values))
	if err := e.read(window, at, got); err != nil {
		return err
	}
	for i, v := range values {
		if got[i] != v {
			return &LoadError{Window: window, Place: i, Expected: v, Found: got[i]}
		}
	}
	return nil
}

// read reads words of a window.
func (e *deltaEngine) read(window uint32, at int, values []uint32) error {
	for _, s := range []setting{{RegWindow, window}, {RegPlace, uint32(at) << PlaceLanes}} {
		if err := e.link.Write(s.address, s.value); err != nil {
			return err
		}
	}
	return e.bulk.ReadAt(RegData, values)
}

// idle waits until nothing is under way in the device.
func (e *deltaEngine) idle() error {
	var status uint32
	for range idlePolls {
		var err error
		status, err = e.link.Read(RegStatus)
		if err != nil || status&StatusIdle != 0 {
			return err
		}
	}
	return &BusyError{Polls: idlePolls, Status: status}
}
