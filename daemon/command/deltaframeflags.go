package command

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/features/feast"
	framing "github.com/saccade-dev/saccade/features/frames"
)

// frameFlags say what frames a network is given.
type frameFlags struct {
	Frames   string        `help:"What is drawn. features: the winners of the model's layer; events: as they are; auto: features where there is a model." enum:"auto,features,events" placeholder:"WHAT" default:"auto"`
	Layer    int           `help:"Whose features are drawn of layers behind each other, from 1 (features). If nothing is said, the last." placeholder:"N"`
	Mode     string        `help:"Planes (events). split: one for each polarity; merged: one for both; on: one of ON events." enum:"split,merged,on" placeholder:"MODE" default:"split"`
	Geometry geometry      `help:"The sensor's size, where no model says it." placeholder:"WxH" default:"34x34"`
	Interval intervalFlag  `help:"When a frame is due: a time, such as 20ms, or a number of events drawn, such as 1000ev." placeholder:"TIME|EVENTS" default:"20ms"`
	Pool     int           `help:"Distance of two cells in pixels. If nothing is said, 5 of features, and of events 1 for every 64 pixels of the longer side." placeholder:"PIXELS"`
	Kernel   int           `help:"Side of a cell in pixels, --pool or more: cells overlap where it is more. If nothing is said, half as much again as --pool, and 1 where that is 1." placeholder:"PIXELS"`
	Levels   int           `help:"Largest value of a frame. If nothing is said, 1 of a surface, which then says what is recent, and 7 of counts, of which more are 7." placeholder:"N"`
	Kind     string        `help:"What a value is. surface: how recent the latest event is, which changes less from frame to frame; counts: events since the frame before." enum:"surface,counts" placeholder:"NAME" default:"surface"`
	Unit     int           `help:"Events that make a level (counts)." default:"1"`
	Fade     string        `help:"How a surface fades: exponential; linear, ending at --tau; index, by the number of events drawn (--last) (surface)." enum:"exponential,linear,index" placeholder:"HOW" default:"exponential"`
	Tau      time.Duration `help:"Time constant (surface)." default:"100ms"`
	Last     int           `help:"Events after which nothing is left (surface, index)." placeholder:"N"`
	MaxEmpty int           `help:"Frames without an event that are given after each other at most, of intervals of time; what is longer is left out." default:"16"`
}

// The levels where nothing is said, which recordings held out of N-MNIST's training half spoke for.
const (
	defaultSurface = 1
	defaultCounts  = 7

	// Features say what is around a pixel, so that cells of some pixels keep what matters of them; of events, whose
	// place is all that they say, such cells left half of N-MNIST's recordings wrong.
	defaultPool = 5
	eventsSide  = 64 // cells of events on a side, about
)

// intervalFlag is a time or a number of events.
type intervalFlag struct {
	every  time.Duration
	events int
}

// UnmarshalText reads 20ms or 1000ev.
func (f *intervalFlag) UnmarshalText(text []byte) (err error) {
	*f = intervalFlag{}
	if digits, found := strings.CutSuffix(string(text), "ev"); found {
		f.events, err = strconv.Atoi(digits)
		if err != nil || f.events < 1 || f.events > framing.MaxEvents {
			return fmt.Errorf("expected 1ev to %dev, found %q", framing.MaxEvents, text)
		}
		return nil
	}
	f.every, err = time.ParseDuration(string(text))
	if err != nil || f.every < time.Microsecond || f.every%time.Microsecond != 0 || f.every > framing.MaxEvery {
		return fmt.Errorf("expected a time in whole microseconds such as 20ms, up to %v, or a number of events such as 1000ev, found %q", framing.MaxEvery, text)
	}
	return nil
}

// names are those of all flags that say what frames are.
func (f *frameFlags) names() []string {
	return []string{"frames", "layer", "mode", "geometry", "interval", "pool", "kernel", "levels", "kind", "unit", "fade", "tau", "last", "max-empty"}
}

// config is that of the frames; of features, and where there is a model, it is to be completed by its layers.
func (f *frameFlags) config(g given, withModel bool) (framing.Config, error) {
	c := framing.Config{Source: framing.Source(f.Frames), Every: f.Interval.every, Events: f.Interval.events}
	if f.Frames == "auto" {
		c.Source = framing.Events
		if withModel {
			c.Source = framing.Features
		}
	}
	c.Pool, c.Kernel, c.Levels, c.Kind = f.Pool, f.Kernel, f.Levels, framing.Kind(f.Kind)
	if !g["pool"] {
		if c.Pool = defaultPool; c.Source == framing.Events {
			c.Pool = (max(f.Geometry.Width, f.Geometry.Height, 1) + eventsSide - 1) / eventsSide
		}
	}
	if err := f.partners(g, c, withModel); err != nil {
		return c, err
	}
	if !g["levels"] {
		c.Levels = defaultCounts
		if c.Kind == framing.Surface {
			c.Levels = defaultSurface
		}
	}
	if !g["kernel"] {
		if c.Kernel = min((3*c.Pool+1)/2, framing.MaxKernel); c.Pool == 1 {
			c.Kernel = 1
		}
	}
	if c.Source == framing.Features {
		c.Layer = f.Layer
	} else {
		c.Mode = framing.Mode(f.Mode)
	}
	if !withModel {
		c.Width, c.Height = f.Geometry.Width, f.Geometry.Height
	}
	if c.Every > 0 {
		if c.MaxEmpty = f.MaxEmpty; c.MaxEmpty == 0 {
			c.MaxEmpty = -1 // 0 stands for the default there
		}
	}
	if c.Kind == framing.Counts {
		c.Step = f.Unit
	} else {
		c.Decay, c.Last = feast.Decay(f.Fade), f.Last
		if c.Decay != feast.DecayIndex {
			c.Tau = f.Tau
		}
	}
	for _, n := range []struct {
		flag    string
		v, from int
	}{{"pool", f.Pool, 0}, {"levels", f.Levels, 0}, {"unit", f.Unit, 1}, {"layer", f.Layer, 0}, {"kernel", f.Kernel, 0}, {"max-empty", f.MaxEmpty, 0}} {
		if n.v < n.from || g[n.flag] && n.v == 0 && n.flag != "max-empty" {
			return c, usageError{fmt.Errorf("--%s: expected %d or more, found %d", n.flag, max(n.from, 1), n.v)}
		}
	}
	if err := c.Check(); err != nil {
		return c, usageError{err}
	}
	return c, nil
}

// partners refuses what would change nothing without another flag, or with one.
func (f *frameFlags) partners(g given, c framing.Config, withModel bool) error {
	var of []error
	if c.Source == framing.Features {
		if !withModel {
			return usageError{errors.New("--frames features: expected a model with it, whose features are drawn")}
		}
		of = append(of, g.unused("--frames events with it: of features, each has a plane", "mode"))
	} else {
		of = append(of, g.unused("--frames features with it", "layer"))
	}
	if withModel {
		of = append(of, g.unused("no model with it, which says it", "geometry"))
	}
	if c.Every == 0 {
		of = append(of, g.unused("an --interval of time with it: of events, none is empty", "max-empty"))
	}
	switch {
	case c.Kind == framing.Counts:
		of = append(of, g.unused("--kind surface with it", "fade", "tau", "last"))
	case feast.Decay(f.Fade) == feast.DecayIndex:
		of = append(of, g.unused("--kind counts with it", "unit"), g.unused("without --fade index, whose surface counts events and knows no time", "tau"))
		if f.Last == 0 {
			of = append(of, usageError{errors.New("--fade index: expected --last with it")})
		}
	default:
		of = append(of, g.unused("--kind counts with it", "unit"), g.unused("--fade index with it", "last"))
	}
	return firstOf(of...)
}

// framesInWords tells people what frames are.
func framesInWords(c framing.Config) string {
	every := fmt.Sprintf("%s drawn", plural(c.Events, "event"))
	if c.Every > 0 {
		every = c.Every.String()
	}
	of := "events"
	if c.Source == framing.Features {
		of = "features"
	}
	cells := fmt.Sprintf("cells of %dx%d pixels, %d apart", c.Kernel, c.Kernel, c.Pool)
	if c.Kernel == 1 {
		cells = "pixels"
	}
	return fmt.Sprintf("%s of %s every %s, %s of %dx%d %s, up to %d", c.Kind, of, every, plural(c.Planes(), "plane"), c.Columns(), c.Rows(), cells, c.Levels)
}
