package command

import (
	"errors"
	"fmt"
	"strings"

	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/features/feast"
)

type ctlFreezeCmd struct{ ctlSensor }

func (c *ctlFreezeCmd) Run(e *env) error { return c.learn(e, false) }

type ctlThawCmd struct{ ctlSensor }

func (c *ctlThawCmd) Run(e *env) error { return c.learn(e, true) }

func (c *ctlSensor) learn(e *env, on bool) error {
	var l control.Learning
	return c.ask(e, control.EndpointLearning, control.LearningRequest{Sensor: c.Sensor, Learning: &on}, &l, func() string { return switched(l) })
}

type ctlAnnealCmd struct {
	ctlSensor

	Factor *float64 `help:"Multiply eta, delta_i and delta_e by this." placeholder:"FACTOR"`
	Eta    *float64 `help:"Set the mixing rate." placeholder:"RATE"`
	DeltaI *float64 `name:"delta-i" help:"Set by how much the winner's threshold rises." placeholder:"RATE"`
	DeltaE *float64 `name:"delta-e" help:"Set by how much thresholds fall at a missed event." placeholder:"RATE"`
	Layer  int      `help:"Which of several layers, from 1; 0 for all." default:"0" placeholder:"N"`
	Every  *uint64  `help:"Have the rates fall by --by each time that so many events of a bank came while learning; 0: not any more." placeholder:"EVENTS"`
	By     float64  `help:"What --every multiplies them by, 0 to 0.99." default:"0.5" placeholder:"FACTOR"`
	Floor  float64  `help:"Share of the rates that stays, with --every." default:"0" placeholder:"SHARE"`
}

func (c *ctlAnnealCmd) Run(e *env) error {
	r := control.AnnealRequest{Sensor: c.Sensor, Layer: c.Layer, Factor: c.Factor, Eta: c.Eta, DeltaI: c.DeltaI, DeltaE: c.DeltaE}
	own := c.Eta != nil || c.DeltaI != nil || c.DeltaE != nil
	switch {
	case c.Factor == nil && !own && c.Every == nil:
		return usageError{errors.New("expected --factor, --eta, --delta-i, --delta-e or --every")}
	case c.Factor != nil && own:
		return usageError{errors.New("--factor: expected none beside --eta, --delta-i and --delta-e")}
	}
	if c.Every != nil {
		r.Schedule = &feast.Anneal{}
		if *c.Every > 0 {
			r.Schedule = &feast.Anneal{Every: *c.Every, Factor: c.By, Floor: c.Floor}
		}
	}
	var a control.Annealed
	return c.ask(e, control.EndpointAnneal, r, &a, func() string { return annealed(&a) })
}

// annealed says what the rates were and are, a line a layer.
func annealed(a *control.Annealed) string {
	lines := []string{fmt.Sprintf("%s: learning rates changed %s", printable(a.Sensor), place(a.Events, a.Seq))}
	for i, now := range a.Now {
		if i >= len(a.Before) {
			break
		}
		was := a.Before[i]
		line := fmt.Sprintf("  layer %d: eta %s -> %s, delta_i %s -> %s, delta_e %s -> %s", now.Layer,
			ratio(was.Eta), ratio(now.Eta), ratio(was.DeltaI), ratio(now.DeltaI), ratio(was.DeltaE), ratio(now.DeltaE))
		if s := now.Schedule; s != nil {
			line += fmt.Sprintf("; times %s every %s, down to a share of %s", ratio(s.Factor), plural(s.Every, "event"), ratio(s.Floor))
		}
		lines = append(lines, line)
	}
	if !a.Learning {
		lines = append(lines, "  learning is frozen: they count when it goes on")
	}
	return strings.Join(lines, "\n")
}
