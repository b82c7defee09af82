package feast

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/surface"
	"github.com/saccade-dev/saccade/hw"
)

// Layer is a FEAST layer in integers, over the kernels of a CPU target or, where the
// target is an [hw.Opener], on an engine of its device. Its results are the same bits on
// every target. It is used by one goroutine at a time.
type Layer struct {
	config   Config
	target   string // its name
	kernels  *hw.Kernels
	surface  *surface.Surface
	banks    []bank
	learning bool

	grid   grid
	unseen int16 // the answer to a polarity that has no cells

	counters Counters

	split  *split  // nil where no packet is shared, see SetWorkers
	device *device // nil where the target has no engines
}

var _ hw.Layer = (*Layer)(nil)

// grid is where events have their cells and patches.
type grid struct {
	width, height uint32
	// An event's polarity & mask - first is the plane of its cell, at most planes, and
	// that & twoBanks its bank.
	mask, first      uint8
	planes, twoBanks uint32

	stride, plane uint32 // cells from one row, or plane, to the next
	border        uint32 // from a patch that begins at pixel 0, 0 back to the first cell
	corner        uint32 // from the first cell of a patch to its middle in the first plane
	// The pixels from lowX and lowY on, and spanX and spanY more, have a patch.
	lowX, spanX, lowY, spanY uint32

	index bool // cells hold numbers of events in the stead of times
}

// bank is the neurons that compete for the events of one surface, and the events
// that wait for them. Banks share nothing but the time, so that each may take its
// events of a packet in one go.
type bank struct {
	*hw.Bank
	waiting uint32 // events
	steps   *[chunk]hw.Step
	events  *[chunk]int32 // where each step's event is in the packet
	// elsewhere says that another worker takes the bank's events through the rule:
	// here they fire their cells only.
	elsewhere bool
	learned   uint64 // events that came while learning was on, counted where rates are annealed
}

// chunk is how many events are handed to the kernels at once, at the most: enough
// for a call to cost nothing, and few enough to stay in the first cache.
const chunk = 256

// Counters count what became of the events since the layer was made.
type Counters struct {
	Hits    uint64 // a feature won
	Missed  uint64 // no threshold was reached
	Border  uint64 // skipped at the border
	Outside uint64 // not on the sensor
	Noise   uint64 // too few pixels around it fired recently
	Ignored uint64 // of a polarity that the layer does not look at
	// Wins of each feature, over all banks.
	Wins []uint64
	// BankMissed is Missed by bank.
	BankMissed []uint64
}

// Events is how many events were counted.
func (c Counters) Events() uint64 {
	return c.Hits + c.Missed + c.Border + c.Outside + c.Noise + c.Ignored
}

// Since is what was counted after an earlier look at the same layer.
func (c Counters) Since(before Counters) Counters {
	c.Hits -= before.Hits
	c.Missed -= before.Missed
	c.Border -= before.Border
	c.Outside -= before.Outside
	c.Noise -= before.Noise
	c.Ignored -= before.Ignored
	c.Wins, c.BankMissed = slices.Clone(c.Wins), slices.Clone(c.BankMissed)
	for i, n := range before.Wins {
		c.Wins[i] -= n
	}
	for i, n := range before.BankMissed {
		c.BankMissed[i] -= n
	}
	return c
}

// Add adds what was counted elsewhere with the same configuration. Both have their
// slices.
func (c *Counters) Add(by Counters) {
	c.Hits += by.Hits
	c.Missed += by.Missed
	c.Border += by.Border
	c.Outside += by.Outside
	c.Noise += by.Noise
	c.Ignored += by.Ignored
	for i, n := range by.Wins {
		c.Wins[i] += n
	}
	for i, n := range by.BankMissed {
		c.BankMissed[i] += n
	}
}

// MissedRate is the share of missed events among those that features competed
// for, 0 where there were none.
func (c Counters) MissedRate() float64 {
	if c.Hits+c.Missed == 0 {
		return 0
	}
	return float64(c.Missed) / float64(c.Hits+c.Missed)
}

// New makes a layer with random weights, learning on. A target that is an [hw.Opener] gives it a device when the first
// events come, and [Layer.Close] gives it back. What is beyond that device is an error that names the limit, and so
// is the mode [Planes]: layers behind the first are for [hw.Processor].
func New(c Config, target hw.Target) (*Layer, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("feast: %w", err)
	}
	return newLayer(c, target, RandomWeights(c))
}

// NewWithWeights makes a layer that has learned before, learning on.
func NewWithWeights(c Config, target hw.Target, w Weights) (*Layer, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("feast: %w", err)
	}
	if err := w.Validate(c); err != nil {
		return nil, fmt.Errorf("feast: %w", err)
	}
	return newLayer(c, target, w)
}

func newLayer(c Config, target hw.Target, w Weights) (*Layer, error) {
	c = c.Canonical()
	decay, err := c.decay()
	if err != nil {
		return nil, fmt.Errorf("feast: %w", err)
	}
	l := &newPrivate(c).layer
	l.config, l.target, l.kernels = c, target.Name(), target.Kernels()
	g := &l.grid
	g.width, g.height, g.index = uint32(c.Width), uint32(c.Height), c.Decay == DecayIndex
	planes := 1
	switch l.unseen = hw.Ignored; c.Mode {
	case Split:
		planes, g.mask, g.twoBanks = 2, 1, 1
	case On:
		g.mask, g.first = 1, uint8(events.On)
	case Planes:
		planes, g.mask, l.unseen = c.Planes, math.MaxUint8, hw.Outside
	}
	g.planes = uint32(planes - 1)
	border := 0
	switch {
	case c.Border == BorderZero:
		// The surface begins Radius cells before the first pixel, as its patch does.
		border = c.Radius
		g.spanX, g.spanY = g.width-1, g.height-1
	case c.Width >= c.Side() && c.Height >= c.Side():
		g.lowX, g.spanX = uint32(c.Radius), uint32(c.Width-c.Side())
		g.lowY, g.spanY = uint32(c.Radius), uint32(c.Height-c.Side())
	default:
		g.lowX, g.lowY = math.MaxUint32, math.MaxUint32 // no patch fits: every event is one of the border
	}
	*l.surface = *surface.New(c.Geometry(), planes, border, decay.Horizon)
	g.stride, g.plane = uint32(l.surface.Stride), uint32(l.surface.Plane)
	g.corner = uint32(c.Radius) * (g.stride + 1)
	g.border = g.corner - uint32(border)*(g.stride+1)
	for i := range l.banks {
		patch := hw.Patch{Side: c.Side(), Stride: l.surface.Stride, Planes: max(c.Planes, 1), Plane: l.surface.Plane, Decay: decay}
		b := &l.banks[i]
		b.Bank = hw.NewBank(patch, l.surface.Cells, c.Neurons)
		b.MinRecent, b.Recent = c.MinRecent, c.recent(decay)
		b.setRates(&l.config)
	}
	l.SetLearning(true)
	l.setWeights(w)
	if with, opens := target.(hw.Opener); opens {
		if err := l.open(with, decay); err != nil {
			return nil, fmt.Errorf("feast: %w", err)
		}
	}
	return l, nil
}

// setWeights takes checked weights over.
func (l *Layer) setWeights(w Weights) {
	n := l.config.Elements()
	per := l.config.Neurons
	for i := range l.banks {
		b := &l.banks[i]
		for neuron := range per {
			b.SetMaster(neuron, w.Master[(i*per+neuron)*n:][:n])
		}
		copy(b.Thresholds, w.Thresholds[i*per:])
	}
}

// Config is the layer's configuration.
func (l *Layer) Config() Config { return l.config }

// Weights is a copy of what the layer has learned.
func (l *Layer) Weights() Weights {
	l.fetch()
	return l.ownWeights()
}

// ownWeights are those in the layer's memory.
func (l *Layer) ownWeights() Weights {
	w := Weights{Thresholds: l.ownThresholds()}
	w.Master = make([]int32, 0, l.config.Features()*l.config.Elements())
	for _, b := range l.banks {
		for neuron := range l.config.Neurons {
			w.Master = append(w.Master, b.MasterOf(neuron)...)
		}
	}
	return w
}

// Thresholds is a copy of the selection thresholds in Q24, [bank][neuron].
func (l *Layer) Thresholds() []int32 {
	if theirs, ok := l.fetchThresholds(); ok {
		return theirs
	}
	return l.ownThresholds()
}

func (l *Layer) ownThresholds() []int32 {
	out := make([]int32, 0, l.config.Features())
	for _, b := range l.banks {
		out = append(out, b.Thresholds...)
	}
	return out
}

// Counters is a copy of the layer's counters.
func (l *Layer) Counters() Counters {
	c := l.counters
	c.Wins = slices.Clone(c.Wins)
	c.BankMissed = slices.Clone(c.BankMissed)
	return c
}

// StepsBack counts how often time ran back so far that the surfaces were cleared.
func (l *Layer) StepsBack() uint64 { return l.surface.StepsBack }

// SetLearning turns learning on or off from the next event on.
func (l *Layer) SetLearning(on bool) {
	l.setLearning(on)
	if l.device.inUse() && l.device.loaded {
		c := l.device.journal.note()
		c.switched, c.learning = true, on
	}
}

func (l *Layer) setLearning(on bool) {
	l.learning = on
	for _, b := range l.banks {
		b.Learning, b.Selecting = on, on || l.config.Inference == Thresholds
	}
	l.split.setLearning(on)
}

// Learning tells whether learning is on.
func (l *Layer) Learning() bool { return l.learning }

// Reset clears the surfaces, as before a new recording.
func (l *Layer) Reset() {
	l.surface.Reset()
	l.split.surfaceChanged()
	if d := l.device; d.inUse() && d.loaded {
		d.clear = true
		d.journal.note().reset = true
	}
}

// PanicLengths is the panic of Process for results of another length than the events.
const PanicLengths = "feast: Process needs one result for each event"

// Process runs the layer over a packet of events, in order; winners has the
// length of in. It never fails but for a layer on a device that has failed, and that was told to [Stop].
func (l *Layer) Process(in []events.Event, winners []int16) error {
	if len(in) != len(winners) {
		panic(PanicLengths)
	}
	switch d := l.device; {
	case d == nil:
	case d.inUse():
		return l.processOnDevice(in, winners)
	case d.failure != nil && d.failure.Processor == "":
		return d.failure
	}
	l.processOnProcessor(in, winners)
	return nil
}

func (l *Layer) processOnProcessor(in []events.Event, winners []int16) {
	if l.split == nil {
		l.processAll(in, winners)
	} else {
		l.processSplit(in, winners)
	}
}

func (l *Layer) processAll(in []events.Event, winners []int16) {
	for len(in) > 0 {
		n := min(len(in), chunk)
		l.process(in[:n], winners[:n])
		in, winners = in[n:], winners[n:]
	}
}

// process finds the surface's cells of a chunk of events, and lets each bank take
// those that are its own through the rule, which [hw.Bank] states.
func (l *Layer) process(in []events.Event, winners []int16) {
	g := l.grid
	newest, limit, base := l.surface.Ahead()
	for i := range in {
		e := &in[i]
		x, y, plane := uint32(e.X), uint32(e.Y), uint32(uint8(e.P)&g.mask-g.first)
		if x >= g.width || y >= g.height || plane > g.planes {
			if !l.banks[0].elsewhere { // such an event is of no bank, and one worker's all the same
				winners[i] = l.refuse(e)
			}
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
			now = l.stamp(t, winners)
			newest, limit, base = l.surface.Ahead()
		}
		// Where there is no border, the patch of what lies near it begins anywhere.
		first := y*g.stride + x - g.border + (plane&g.twoBanks)*g.plane
		cell := first + g.corner + (plane&^g.twoBanks)*g.plane
		b := &l.banks[plane&g.twoBanks]
		if b.elsewhere {
			l.surface.Cells[cell] = now
			continue
		}
		winner := hw.Pending
		if x-g.lowX > g.spanX || y-g.lowY > g.spanY {
			winner = int32(hw.Border)
		}
		k := b.waiting % chunk // of which there are never more
		b.steps[k] = hw.Step{Cell: cell, First: first, Now: now, Winner: winner}
		b.events[k] = int32(i)
		b.waiting++
	}
	l.surface.SetNewest(newest)
	l.compete(winners)
}

// stamp maps a time that does not follow the latest, or is far ahead.
func (l *Layer) stamp(t int64, winners []int16) uint32 {
	now, ok := l.surface.TryStamp(t)
	if !ok {
		l.compete(winners) // the cells are about to change
		now = l.surface.Stamp(t)
	}
	return now
}

// refuse counts and answers an event that no cell is for.
func (l *Layer) refuse(e *events.Event) int16 {
	if l.unseen == hw.Outside || int(e.X) >= l.config.Width || int(e.Y) >= l.config.Height {
		l.counters.Outside++
		return hw.Outside
	}
	l.counters.Ignored++
	return hw.Ignored
}

// compete takes the events that wait through their banks, and counts what became
// of them.
func (l *Layer) compete(winners []int16) {
	for q := range l.banks {
		b := &l.banks[q]
		if b.waiting == 0 {
			continue
		}
		steps := b.steps[:b.waiting]
		b.waiting = 0
		if l.learning && l.config.Anneal.Every > 0 {
			l.runAnnealed(b, steps)
		} else {
			l.kernels.Run(b.Bank, steps)
		}
		offset, none := int16(q*l.config.Neurons), 0
		wins := l.counters.Wins[offset:]
		for k := range steps {
			winner := int16(steps[k].Winner)
			if winner >= 0 {
				wins[winner]++
				winner += offset
			} else {
				none++
				l.counters.none(winner, q)
			}
			winners[b.events[k]] = winner
		}
		l.counters.Hits += uint64(len(steps) - none)
	}
}

// none counts an event of a bank that no feature won.
func (c *Counters) none(why int16, bank int) {
	switch why {
	case hw.Border:
		c.Border++
	case hw.Noise:
		c.Noise++
	default:
		c.Missed++
		c.BankMissed[bank]++
	}
}
