package decide

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

// Decider follows a recording. It is used by one goroutine at a time.
type Decider struct {
	net    *Network
	target hw.Target
	framer *frames.Framer
	engine *delta.Engine
	scale  []float64 // what a unit of each output is worth

	recent, all tally
	before      Counters // of the recordings before this one
	now         Counters // of this one, without what the engine counts
	scores      []float64
	step        Step
}

// Step is what a frame gave. It is its decider's own, and valid until the function that
// it is handed to returns.
type Step struct {
	Frame  *frames.Frame
	Output []int32 // of the network
}

// Decision is what frames are taken for.
type Decision struct {
	Class      int // index into the network's labels
	Confidence float64
	// Frames is how many frames it rests on, Events how many events they have; First and
	// Last are when the first of the frames began and the last ended, microseconds.
	Frames, Events uint64
	First, Last    int64
}

// New makes a decider.
func New(n *Network, target hw.Target) (*Decider, error) {
	if err := n.Validate(); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	framer, err := frames.New(n.Frames)
	if err != nil {
		return nil, err
	}
	engine, err := delta.NewEngine(n.Net, target)
	if err != nil {
		return nil, err
	}
	d := &Decider{
		net: n, target: target, framer: framer, engine: engine,
		recent: newTally(len(n.Labels)), all: newTally(len(n.Labels)),
		scores: make([]float64, 0, len(n.Labels)),
	}
	ones := make([]int32, len(n.Labels))
	for i := range ones {
		ones[i] = 1
	}
	d.scale = n.Net.Real(nil, ones)
	d.before.Layers = layersOf(engine)
	return d, nil
}

// Network is what the decider decides by.
func (d *Decider) Network() *Network { return d.net }

// Reset begins another recording.
func (d *Decider) Reset() {
	if d.all.frames > 0 {
		c := d.present()
		d.before.Add(&c)
		d.now = Counters{}
		d.engine.Reset()
	}
	d.framer.Reset()
	d.recent.clear()
	d.all.clear()
}

// Add takes a packet of events, in order, with the winners of the layer that frames are
// of; of raw events they are not looked at. then is called after every frame. Its error
// ends the call, see [frames.Framer.Add].
func (d *Decider) Add(in []events.Event, winners []int16, then func(*Step) error) error {
	return d.framer.Add(in, winners, func(f *frames.Frame) error { return d.run(f, then) })
}

// End tells that the recording is over: what is left may have a frame of its own. What
// was decided stays until the next recording begins, with [Decider.Reset].
func (d *Decider) End(then func(*Step) error) error {
	return d.framer.End(func(f *frames.Frame) error { return d.run(f, then) })
}

// Pending is how many events came since the last frame.
func (d *Decider) Pending() uint64 { return d.framer.Pending() }

func (d *Decider) run(f *frames.Frame, then func(*Step) error) error {
	output, err := d.engine.Step(f.Values)
	if err != nil {
		return err
	}
	if d.all.frames == maxFrames {
		d.all.clear()
		d.recent.clear()
	}
	d.recent.add(f, output)
	d.all.add(f, output)
	c := &d.now
	c.Skipped += f.Skipped
	if f.Events == 0 {
		c.Empty++
	}
	if c.Frames++; c.Frames == 1 {
		counters := d.engine.Counters()
		c.First = 1
		c.FirstMACs, _ = counters.MACs()
	}
	d.step = Step{Frame: f, Output: output}
	return then(&d.step)
}

// Recent decides on the frames since the recording began, or since Forget.
func (d *Decider) Recent() Decision { return d.decide(&d.recent, d.net.Interval) }

// Forget has what Recent decides on begin anew.
func (d *Decider) Forget() { d.recent.clear() }

// All decides on all frames of the recording so far.
func (d *Decider) All() Decision { return d.decide(&d.all, d.net.Whole) }

func (d *Decider) decide(t *tally, schedule *readout.Schedule) Decision {
	d.scores = t.mean(d.scores[:0], d.scale)
	out := Decision{Frames: t.frames, Events: t.events, First: t.first, Last: t.last}
	out.Class, out.Confidence = schedule.Decide(d.scores, t.frames)
	return out
}

// Scores appends the mean scores of all frames of the recording so far to dst.
func (d *Decider) Scores(dst []float64) []float64 { return d.all.mean(dst, d.scale) }

// Counters is what the decider has done since it was made.
func (d *Decider) Counters() Counters {
	out := d.before
	out.Layers = append([]LayerCounters(nil), d.before.Layers...)
	now := d.present()
	out.Add(&now)
	return out
}

// present are the counters of the recording at hand.
func (d *Decider) present() Counters {
	c := d.now
	c.Layers = layersOf(d.engine)
	return c
}
