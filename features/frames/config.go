package frames

import (
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// Source says what is drawn.
type Source string

// The sources.
const (
	Events   Source = "events"   // raw events; the default
	Features Source = "features" // the winners of a FEAST layer
)

// Mode says which planes raw events have.
type Mode string

// The modes.
const (
	Split  Mode = "split"  // plane 0 is OFF, plane 1 ON; the default
	Merged Mode = "merged" // both share one plane
	On     Mode = "on"     // one plane of ON events; OFF events are not drawn
)

// Kind says what a frame's values are.
type Kind string

// The kinds.
const (
	Counts  Kind = "counts"  // how many events since the frame before; the default
	Surface Kind = "surface" // how long ago the latest event was
)

// Config says what frames are made of. Empty strings and zeros stand for the defaults,
// unless something else is said.
type Config struct {
	// Width and Height of the sensor in pixels.
	Width  int `json:"width" yaml:"width"`
	Height int `json:"height" yaml:"height"`

	Source Source `json:"source" yaml:"source"`
	// Mode of raw events; none of features.
	Mode Mode `json:"mode,omitempty" yaml:"mode,omitempty"`
	// Layer is whose features are drawn where there are layers behind each other, from
	// 1 for the first; 0 stands for the last. Features is how many it has. Raw events
	// have 0 of both.
	Layer    int `json:"layer,omitempty" yaml:"layer,omitempty"`
	Features int `json:"features,omitempty" yaml:"features,omitempty"`

	// Every is an interval in whole microseconds; or Events is one, in events drawn.
	// One of them is 0.
	Every  time.Duration `json:"every,omitempty" yaml:"every,omitempty"`
	Events int           `json:"every_events,omitempty" yaml:"every_events,omitempty"`
	// MaxEmpty is how many frames at most are given without an event in between:
	// DefaultMaxEmpty if 0, and none if -1.
	MaxEmpty int `json:"max_empty,omitempty" yaml:"max_empty,omitempty"`

	// Pool is the distance of two cells in pixels, 1 by default; Kernel is the side of
	// a cell, as Pool by default.
	Pool   int `json:"pool" yaml:"pool"`
	Kernel int `json:"kernel" yaml:"kernel"`

	Kind Kind `json:"kind" yaml:"kind"`
	// Levels is the largest value of a frame, DefaultLevels if 0; the least is 0.
	Levels int `json:"levels" yaml:"levels"`
	// Step is how many events make a level of counts, 1 by default.
	Step int `json:"step,omitempty" yaml:"step,omitempty"`
	// Decay, Tau and Last are a surface's, as those of a layer ([feast.Config]): Tau is
	// in whole microseconds, Last is how many drawn events take a value to zero in
	// [feast.DecayIndex].
	Decay feast.Decay   `json:"decay,omitempty" yaml:"decay,omitempty"`
	Tau   time.Duration `json:"tau,omitempty" yaml:"tau,omitempty"`
	Last  int           `json:"last_events,omitempty" yaml:"last_events,omitempty"`
}

// The defaults.
const (
	DefaultLevels   = 15
	DefaultMaxEmpty = 16
)

// The bounds of a configuration.
const (
	MaxEvery    = hw.MaxTau * time.Microsecond
	MaxEvents   = 1 << 31
	MaxMaxEmpty = 1 << 8
	MaxPool     = 64
	MaxKernel   = 64
	MaxLevels   = 1<<15 - 1
	MaxStep     = 1 << 16
	MaxFeatures = 1 << 15
	// MaxLen is the most values of a frame.
	MaxLen = 1 << 24
)

// Default is a frame of counts every 10 ms, a plane for each polarity; the geometry is
// left to fill in.
func Default() Config {
	return Config{Every: 10 * time.Millisecond}.Canonical()
}

// Geometry is the sensor's size.
func (c Config) Geometry() events.Geometry { return events.Geometry{Width: c.Width, Height: c.Height} }

// Canonical fills in the defaults, so that configurations of the same frames are the
// same.
func (c Config) Canonical() Config {
	fill(&c.Source, Events)
	if c.Source == Events {
		fill(&c.Mode, Split)
	}
	if c.Every > 0 {
		fill(&c.MaxEmpty, DefaultMaxEmpty)
	}
	fill(&c.Pool, 1)
	fill(&c.Kernel, c.Pool)
	fill(&c.Kind, Counts)
	fill(&c.Levels, DefaultLevels)
	switch c.Kind {
	case Counts:
		fill(&c.Step, 1)
	case Surface:
		fill(&c.Decay, feast.DecayExponential)
	}
	return c
}

func fill[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Planes is the number of planes of a frame.
func (c Config) Planes() int {
	c = c.Canonical()
	switch {
	case c.Source == Features:
		return c.Features
	case c.Mode == Split:
		return 2
	default:
		return 1
	}
}

// Rows is the number of rows of a frame's plane.
func (c Config) Rows() int { return cells(c.Height, c.Pool) }

// Columns is the number of columns of a frame's plane.
func (c Config) Columns() int { return cells(c.Width, c.Pool) }

// Len is the number of values of a frame.
func (c Config) Len() int { return c.Planes() * c.Rows() * c.Columns() }

func cells(side, pool int) int { return (side + max(1, pool) - 1) / max(1, pool) }
