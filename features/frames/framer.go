package frames

import (
	"math"

	"github.com/saccade-dev/saccade/events"
)

// Frame is what an interval gave. It is its framer's own, and valid until the function
// that it is handed to returns.
type Frame struct {
	// Values from 0 to Levels, [plane][row][column].
	Values []int32
	// From and To are the times in microseconds at which the interval began and ended;
	// of intervals of events, those of its first and last event, drawn or not.
	From, To int64
	// Events is how many events there were in the interval, Drawn how many of them were
	// drawn.
	Events, Drawn uint64
	// Index is the number of frames of the recording before this one.
	Index uint64
	// Skipped is how many empty intervals before this one were left out.
	Skipped uint64
}

// Framer makes frames of the events of a recording, or of a stream. It is used by one
// goroutine at a time.
type Framer struct {
	config Config
	size   events.Geometry // of the sensor
	every  uint64          // microseconds; 0 where intervals are of events
	grid   grid
	canvas canvas
	place  place
	frame  Frame
}

// New makes a framer.
func New(c Config) (*Framer, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.Canonical()
	paint, err := newCanvas(c)
	if err != nil {
		return nil, err
	}
	return &Framer{
		config: c, size: c.Geometry(), every: uint64(c.Every.Microseconds()),
		grid: newGrid(c), canvas: paint, frame: Frame{Values: make([]int32, c.Len())},
	}, nil
}

// Config is what the framer was made with, with its defaults filled in.
func (f *Framer) Config() Config { return f.config }

// Reset begins another recording.
func (f *Framer) Reset() {
	f.place = place{}
	f.canvas.restart()
}

// The panics of Add.
const (
	PanicLengths = "frames: Add of features needs one winner for each event"
	PanicWinner  = "frames: Add of features found a winner that the layer does not have"
)

// Add draws a packet of events, in order. Of features, winners has one number for each
// event, below 0 where no feature won; of raw events it is not looked at. Each frame
// that is due is handed to give as soon as its interval is known to be over. An error
// of give ends the call: that frame has been given, and the events behind its interval
// have not been drawn.
func (f *Framer) Add(in []events.Event, winners []int16, give func(*Frame) error) error {
	if f.config.Source == Features && len(winners) != len(in) {
		panic(PanicLengths)
	}
	p, features := &f.place, f.config.Source == Features
	for i := range in {
		e := &in[i]
		if f.every > 0 {
			if err := f.reach(e.T, give); err != nil {
				return err
			}
		}
		p.started = true
		if f.config.Events > 0 {
			if p.events == 0 {
				p.from = e.T
			}
			p.to = e.T
		}
		p.events++
		p.empty = 0
		plane := f.plane(e.P)
		if features {
			if plane = int(winners[i]); plane >= f.config.Features {
				panic(PanicWinner)
			}
		}
		if plane < 0 || !f.size.Contains(e.X, e.Y) {
			continue
		}
		f.draw(e, plane)
		if f.config.Events > 0 && p.drawn == uint64(f.config.Events) {
			if err := f.give(give); err != nil {
				return err
			}
		}
	}
	return nil
}

// plane is that of a raw event, below 0 where it has none.
func (f *Framer) plane(polarity events.Polarity) int {
	switch f.config.Mode {
	case Split:
		return int(min(polarity, events.On))
	case On:
		return int(min(polarity, events.On)) - 1
	default:
		return 0
	}
}

// draw takes an event into all cells that its pixel lies in.
func (f *Framer) draw(e *events.Event, plane int) {
	f.place.drawn++
	f.canvas.begin(e.T)
	g := &f.grid
	rows, columns := g.rows[e.Y], g.columns[e.X]
	for r := int(rows.first); r < int(rows.end); r++ {
		at := (plane*g.height + r) * g.width
		for c := int(columns.first); c < int(columns.end); c++ {
			f.canvas.draw(at + c)
		}
	}
}

// give develops the frame of the interval under way, and begins the next one.
func (f *Framer) give(give func(*Frame) error) error {
	p := &f.place
	to := p.to
	if f.config.Every > 0 {
		to = f.over()
	}
	f.canvas.develop(f.frame.Values, to)
	f.frame = Frame{
		Values: f.frame.Values, From: p.from, To: to,
		Events: p.events, Drawn: p.drawn, Index: p.index, Skipped: p.skipped,
	}
	p.index++
	p.events, p.drawn, p.skipped = 0, 0, 0
	p.from, p.to = to, to
	return give(&f.frame)
}

// over is the time at which the interval of time that is under way is over: the last
// there is, where it would be behind all times.
func (f *Framer) over() int64 {
	every := f.config.Every.Microseconds()
	if f.place.from > math.MaxInt64-every {
		return math.MaxInt64
	}
	return f.place.from + every
}

// End tells that the recording is over, and gives the frame of what is left, if there
// is to be one. What comes next is another recording.
func (f *Framer) End(give func(*Frame) error) error {
	var err error
	if p := &f.place; p.drawn > 0 || p.events > 0 && p.index == 0 {
		err = f.give(give)
	}
	f.Reset()
	return err
}

// Pending is how many events there were in the interval under way.
func (f *Framer) Pending() uint64 { return f.place.events }
