package command

import (
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/stack"
)

// feastFlags are the parameters of a FEAST layer. Their defaults are those of
// feast.Default.
type feastFlags struct {
	Geometry  geometry      `help:"The sensor's size." placeholder:"WxH" default:"34x34"`
	Mode      string        `help:"split: each polarity has neurons of its own; merged: one bank for both; on: ON events alone." enum:"split,merged,on" placeholder:"MODE" default:"split"`
	Border    string        `help:"Events whose patch crosses the border: skip them, or fill up with zero." enum:"skip,zero" placeholder:"HOW" default:"skip"`
	Neurons   int           `help:"Neurons of each bank." default:"16"`
	Radius    int           `help:"Patch radius in pixels: a patch is 2*radius+1 pixels wide and high." default:"5"`
	Decay     string        `help:"Decay of the time surface: exponential; linear, ending at --tau; index, by the number of events (--last)." enum:"exponential,linear,index" placeholder:"HOW" default:"exponential"`
	Tau       time.Duration `help:"Time constant of the time surface." default:"20ms"`
	Last      int           `help:"Events after which nothing is left on an index surface." placeholder:"N"`
	MinRecent int           `help:"Pixels of a patch, the event's own among them, that must have fired recently; events with fewer are noise." placeholder:"N"`
	Recent    time.Duration `help:"How long ago is recent, --tau by default." placeholder:"TIME"`
	Inference string        `help:"What wins without learning: the nearest feature, or only one whose threshold is reached, so that what is new is missed." enum:"nearest,thresholds" placeholder:"HOW" default:"nearest"`
	Anneal    uint64        `help:"Events of a bank after which its learning rates are multiplied by --anneal-factor, each time. 0: never." placeholder:"N"`
	AnnealBy  float64       `name:"anneal-factor" help:"What the rates are multiplied by." default:"0.5"`
	AnnealTo  float64       `name:"anneal-floor" help:"Share of the rates that always stays." default:"0"`
	Eta       float64       `help:"Share of the way that a winner moves towards a context." default:"0.001"`
	DeltaI    float64       `help:"What a selection threshold rises by when its neuron wins." default:"0.001"`
	DeltaE    float64       `help:"What a bank's thresholds fall by at a missed event." default:"0.003"`
	Threshold float64       `help:"Initial selection threshold, a cosine." default:"0.5"`
	Seed      uint64        `help:"Seed of the initial weights and of the order of recordings." default:"1"`
}

func (f *feastFlags) config(g given) (feast.Config, error) {
	if err := f.partners(g); err != nil {
		return feast.Config{}, err
	}
	c := feast.Config{
		Width: f.Geometry.Width, Height: f.Geometry.Height,
		Mode: feast.Mode(f.Mode), Border: feast.Border(f.Border),
		Neurons: f.Neurons, Radius: f.Radius, Tau: f.Tau,
		Eta: f.Eta, DeltaI: f.DeltaI, DeltaE: f.DeltaE,
		InitialThreshold: f.Threshold, Seed: f.Seed,
		Decay: feast.Decay(f.Decay), Last: f.Last, MinRecent: f.MinRecent, Recent: f.Recent,
		Inference: feast.Inference(f.Inference),
	}.Canonical()
	if f.Anneal > 0 {
		c.Anneal = feast.Anneal{Every: f.Anneal, Factor: f.AnnealBy, Floor: f.AnnealTo}
	}
	if err := c.Validate(); err != nil {
		return c, usageError{err}
	}
	return c, nil
}

// fit refuses patches that have no place on the sensor: every event would be left out at
// the border, and nothing would be learned.
func fit(layers []feast.Config) error {
	for _, c := range layers {
		if !stack.Fits(c) {
			return usageError{fmt.Errorf("--radius: expected a patch that fits on the %dx%d pixels of --geometry, or --border zero; found %d, a patch of %dx%d",
				c.Width, c.Height, c.Radius, c.Side(), c.Side())}
		}
	}
	return nil
}

// partners refuses what would change nothing without another flag, or with one.
func (f *feastFlags) partners(g given) error {
	var recent, anneal, tau, last error
	if f.MinRecent == 0 {
		recent = g.unused("--min-recent with it", "recent")
	}
	if f.Anneal == 0 {
		anneal = g.unused("--anneal with it", "anneal-factor", "anneal-floor")
	}
	if feast.Decay(f.Decay) == feast.DecayIndex {
		tau = g.unused("without --decay index, whose surface counts events and knows no time", "tau", "recent")
	} else {
		last = g.unused("--decay index with it", "last")
	}
	return firstOf(recent, anneal, tau, last)
}

// poolFlags are the parameters of the pooling.
type poolFlags struct {
	Cell      int    `help:"Side of a pooling cell in pixels." default:"5"`
	Spread    string `help:"How an event counts: for its cell alone (hard), or shared among the four nearest (bilinear)." enum:"hard,bilinear" placeholder:"HOW" default:"bilinear"`
	Transform string `help:"Transform of the counts." enum:"sqrt,none" placeholder:"NAME" default:"sqrt"`
	Norm      string `help:"Norm of the vector." enum:"l2,none" placeholder:"NAME" default:"l2"`
}

func (f *poolFlags) config() (pool.Config, error) {
	if f.Cell < 1 || f.Cell > events.MaxSide {
		return pool.Config{}, usageError{fmt.Errorf("--cell: expected 1 to %d, found %d", events.MaxSide, f.Cell)}
	}
	return pool.Config{
		CellWidth: f.Cell, CellHeight: f.Cell, Spread: pool.Spread(f.Spread),
		Transform: pool.Transform(f.Transform), Norm: pool.Norm(f.Norm),
	}, nil
}
