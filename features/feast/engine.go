package feast

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
)

// device is a layer's engine, where its target has one, and what the layer needs to do without it.
//
// While the engine is in use, the layer's own memory (cells, weights, thresholds) is as it was when the engine's was
// last known; the journal has what came since. Stamps are the layer's all the time: only the surface's cells
// are not kept up.
type device struct {
	name      string
	processor string
	target    hw.Opener
	config    hw.EngineConfig
	engine    hw.Engine // nil until there are events for it
	policy    OnFailure
	failure   *DeviceError
	closed    bool

	// loaded says that the engine has what the layer's memory had when the journal began, and the journal; the
	// surface's cells, which are then no part of it, are in cells. Otherwise the layer's memory is all there is.
	loaded  bool
	journal journal
	cells   []uint32

	// What the engine was told last, or is to be told: clear says that its surface is to be cleared.
	clear               bool
	learning, selecting bool
	rates               [2]hw.Rates
	told                bool // any of it

	before bookkeeping // ahead of the packet that is being processed

	chunk []hw.EngineEvent
	stamp uint32         // of the last event in it
	spare hw.EngineState // what is loaded, or stored
}

// engineChunk is how many events are handed to an engine at once, at the most.
const engineChunk = 4096

// open prepares for a target that takes whole layers. The device itself is opened when the first events come: there may
// be but one, and layers are made to be looked at, or to have another's state put in.
func (l *Layer) open(target hw.Opener, decay *hw.Decay) error {
	c := &l.config
	if c.Mode == Planes {
		return fmt.Errorf("mode %q: device %s takes the events of sensors, in modes %q, %q and %q; layers behind the first run on a processor, such as %s",
			Planes, target.Name(), Split, Merged, On, hw.Processor(target).Name())
	}
	b := l.banks[0]
	config := hw.EngineConfig{
		Geometry: c.Geometry(), Radius: c.Radius, Neurons: c.Neurons,
		Mode: map[Mode]hw.EngineMode{Merged: hw.EngineMerged, Split: hw.EngineSplit, On: hw.EngineOn}[c.Mode],
		Zero: c.Border == BorderZero, Decay: decay, MinRecent: b.MinRecent, Recent: b.Recent,
	}
	if err := hw.Fits(target, config); err != nil {
		return fmt.Errorf("device %s: %w", target.Name(), err)
	}
	l.device = &device{
		name: target.Name(), processor: hw.Processor(target).Name(), target: target, config: config, policy: FallBack,
		chunk: make([]hw.EngineEvent, engineChunk),
		spare: hw.EngineState{
			Cells:  make([]uint32, c.Banks()*c.Width*c.Height),
			Master: make([]int32, c.Features()*c.Elements()), Thresholds: make([]int32, c.Features()),
		},
	}
	return nil
}

// inUse tells whether events go to an engine.
func (d *device) inUse() bool { return d != nil && d.failure == nil && !d.closed }

// processOnDevice is Process for a layer whose engine is in use.
func (l *Layer) processOnDevice(in []events.Event, winners []int16) error {
	d := l.device
	for i := range winners {
		winners[i] = unanswered
	}
	d.before.take(l)
	if err := d.process(l, in, winners); err != nil {
		return l.fail(err, in, winners)
	}
	d.journal.answered(winners)
	return nil
}

// process takes a packet through the engine.
func (d *device) process(l *Layer, in []events.Event, winners []int16) error {
	if d.journal.full(len(in)) {
		if err := d.store(l); err != nil {
			return err
		}
	}
	if err := d.settle(l); err != nil {
		return err
	}
	d.journal.begin(in)
	for len(in) > 0 {
		n, err := d.take(l, in)
		if err != nil {
			return err
		}
		if err := d.engine.Process(d.chunk[:n], winners[:n]); err != nil {
			return err
		}
		if err := l.count(in[:n], winners[:n]); err != nil {
			return err
		}
		if err := d.settle(l); err != nil { // rates that have changed
			return err
		}
		in, winners = in[n:], winners[n:]
	}
	return nil
}

// take makes a chunk of the first events: up to where the surface is cleared or rebased, or rates change.
func (d *device) take(l *Layer, in []events.Event) (n int, err error) {
	g := l.grid
	newest, limit, base := l.surface.Ahead()
	left := l.untilAnneal()
	for n < len(in) && n < len(d.chunk) {
		e := &in[n]
		x, y, plane := uint32(e.X), uint32(e.Y), uint32(uint8(e.P)&g.mask-g.first)
		to := &d.chunk[n]
		if x >= g.width || y >= g.height || plane > g.planes {
			*to = hw.EngineEvent{X: e.X, Y: e.Y, P: e.P, Stamp: d.stamp} // its time does not count
			n++
			continue
		}
		t := e.T
		if g.index {
			t = newest + 1
		}
		now := uint32(t - base)
		if newest <= t && t <= limit {
			newest = t
		} else {
			l.surface.SetNewest(newest)
			var ok bool
			if now, ok = l.surface.TryStamp(t); !ok {
				if n > 0 {
					return n, nil
				}
				if now, err = d.restamp(l, t); err != nil {
					return 0, err
				}
			}
			newest, limit, base = l.surface.Ahead()
		}
		*to = hw.EngineEvent{X: e.X, Y: e.Y, P: e.P, Stamp: now}
		d.stamp = now
		n++
		if bank := plane & g.twoBanks; left[bank] > 0 {
			if left[bank]--; left[bank] == 0 {
				break
			}
		}
	}
	l.surface.SetNewest(newest)
	return n, nil
}

// restamp has the surface take a time that changes what its cells stand for, and the engine's with it.
func (d *device) restamp(l *Layer, t int64) (now uint32, err error) {
	_, _, base := l.surface.Ahead()
	back := l.surface.StepsBack
	now = l.surface.Stamp(t)
	_, _, after := l.surface.Ahead()
	if move := uint64(after) - uint64(base); l.surface.StepsBack == back && move <= hw.MaxStamp {
		return now, d.engine.Rebase(uint32(move))
	}
	return now, d.engine.Clear()
}

// settle tells the engine what it has to know ahead of the next event, all that the layer has where it has nothing yet.
func (d *device) settle(l *Layer) error {
	if !d.loaded {
		if err := d.load(l); err != nil {
			return err
		}
	}
	if d.clear {
		if err := d.engine.Clear(); err != nil {
			return err
		}
		d.clear = false
	}
	b := l.banks[0]
	if !d.told || d.learning != b.Learning || d.selecting != b.Selecting {
		if err := d.engine.SetMode(b.Learning, b.Selecting); err != nil {
			return err
		}
		d.learning, d.selecting = b.Learning, b.Selecting
	}
	for i := range l.banks {
		r := hw.Rates{Eta: l.banks[i].Eta, DeltaI: l.banks[i].DeltaI, DeltaE: l.banks[i].DeltaE}
		if d.told && d.rates[i] == r {
			continue
		}
		if err := d.engine.SetRates(i, r); err != nil {
			return err
		}
		d.rates[i] = r
	}
	d.told = true
	return nil
}

// count counts what became of events, as compete does. What is no result is an error.
func (l *Layer) count(in []events.Event, winners []int16) error {
	for i, w := range winners {
		if w < hw.Ignored || int(w) >= len(l.counters.Wins) {
			return fmt.Errorf("event %d of %d: expected a result from %d to %d, found %d", i, len(winners), hw.Ignored, len(l.counters.Wins)-1, w)
		}
	}
	anneals := l.learning && l.config.Anneal.Every > 0
	c := &l.counters
	for i, w := range winners {
		bank := 0
		if l.config.Mode == Split {
			bank = int(in[i].P & 1)
		}
		switch {
		case w >= 0:
			c.Wins[w]++
			c.Hits++
		case w == hw.Outside:
			c.Outside++
			continue
		case w == hw.Ignored:
			c.Ignored++
			continue
		default:
			c.none(w, bank)
		}
		if anneals {
			b := &l.banks[bank]
			if b.learned++; b.learned%l.config.Anneal.Every == 0 {
				b.setRates(&l.config)
			}
		}
	}
	return nil
}

// untilAnneal is how many events each bank may take before its rates change; 0 where they do not.
func (l *Layer) untilAnneal() (left [2]uint64) {
	if every := l.config.Anneal.Every; l.learning && every > 0 {
		for i := range l.banks {
			left[i] = every - l.banks[i].learned%every
		}
	}
	return left
}
