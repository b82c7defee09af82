package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/saccade-dev/saccade/daemon/hil"
)

type hilFaultsCmd struct {
	Recordings []string `arg:"" optional:"" help:"Recordings to stream, as in a run file; simulated ones where there are none."`
	Seeds      int      `help:"Runs of each fault, at places and events drawn from as many seeds." default:"4"`
	Events     int64    `help:"Events of each run." default:"4096"`
	Only       string   `help:"Only faults with this in their names."`
	JSON       bool     `name:"json" help:"Print the table as JSON."`
}

func (c *hilFaultsCmd) Run(e *env) error {
	bars := e.bars()
	stage := bars.Stage("faults")
	rows, err := hil.FaultTable(e.ctx, hil.FaultTableConfig{
		Seeds: c.Seeds, Events: c.Events, Recordings: c.Recordings,
		Only: func(name string) bool { return strings.Contains(name, c.Only) },
		Done: func(rows, of int) { stage.Set(rows, of) },
	})
	stage.End()
	bars.Close()
	if err != nil {
		return err
	}
	var missed []error
	for i := range rows {
		for _, m := range rows[i].Missed() {
			missed = append(missed, errors.New(m))
		}
	}
	if c.JSON {
		text, err := json.Marshal(rows)
		if err != nil {
			return err
		}
		return errors.Join(append(missed, printf(e.stdout, "%s\n", text))...)
	}
	if len(rows) == 0 {
		return fmt.Errorf("no fault has %q in its name", c.Only)
	}
	return errors.Join(append(missed, printf(e.stdout, "%s", hil.FaultTableText(rows)))...)
}
