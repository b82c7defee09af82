package command

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/saccade-dev/saccade/daemon/hil"
	"github.com/saccade-dev/saccade/features/wholefile"
)

type hilCmd struct {
	Run    hilRunCmd    `cmd:"" help:"Run a device against the reference, event by event, as a file describes. The exit code is 0 where it passes."`
	Record hilRecordCmd `cmd:"" help:"Write what a device is sent in a run, and what it must answer, for test benches that run no Go."`
	Play   hilPlayCmd   `cmd:"" help:"Send a device what was recorded, as a test bench does, and compare every word that it answers and what it holds in the end."`
	Faults hilFaultsCmd `cmd:"" help:"Try every fault that there is, on the product's driver and on this harness, and print which of them is found, by what and how soon."`
	Init   hilInitCmd   `cmd:"" help:"Print a run file with every field and what it means."`
}

type hilRunCmd struct {
	File  string `arg:"" help:"Run file, YAML; 'saccade hil init' prints one."`
	JSON  string `name:"json" help:"Write the report as one JSON object. - is standard output, here and below, in the stead of the text." placeholder:"FILE"`
	JUnit string `name:"junit" help:"Write the report as JUnit XML, a test case for each criterion." placeholder:"FILE"`
	HTML  string `name:"html" help:"Write the report as a page with the latencies and the map of mismatches." placeholder:"FILE"`
}

func (c *hilRunCmd) Run(e *env) error {
	config, err := hil.Load(c.File)
	if err != nil {
		return err
	}
	for _, path := range []string{c.JSON, c.JUnit, c.HTML} {
		if path == "" || path == toStdout {
			continue
		}
		if err := writable(path); err != nil {
			return err
		}
	}
	bars := e.bars()
	stage := bars.Stage("events")
	r, err := hil.Run(e.ctx, config, hil.WithProgress(func(done int64) {
		stage.Set(int(done), int(config.Stream.Events))
	}))
	stage.End()
	bars.Close()
	if err != nil {
		return err
	}
	if err := c.write(e, r); err != nil {
		return err
	}
	if !r.Passed {
		return reported{errors.New("the run has failed")}
	}
	return nil
}

// toStdout stands for standard output in the stead of a file.
const toStdout = "-"

// write puts the report where it was asked for.
func (c *hilRunCmd) write(e *env, r *hil.Report) error {
	for _, of := range []struct {
		path string
		make func() ([]byte, error)
	}{
		{c.JSON, func() ([]byte, error) { return json.Marshal(r) }},
		{c.JUnit, r.JUnit},
		{c.HTML, r.HTML},
	} {
		if of.path == "" {
			continue
		}
		text, err := of.make()
		if err != nil {
			return err
		}
		if of.path == toStdout {
			if err := printf(e.stdout, "%s\n", text); err != nil {
				return err
			}
			continue
		}
		if err := wholefile.Write(of.path, text); err != nil {
			return err
		}
	}
	if slices.Contains([]string{c.JSON, c.JUnit, c.HTML}, toStdout) {
		return nil
	}
	return printf(e.stdout, "%s", r.Text())
}

type hilRecordCmd struct {
	File string `arg:"" help:"Run file, whose model and stream are recorded."`
	Dir  string `arg:"" help:"Folder for the files."`
}

func (c *hilRecordCmd) Run(e *env) error {
	config, err := hil.Load(c.File)
	if err != nil {
		return err
	}
	v, err := hil.Record(e.ctx, config)
	if err != nil {
		return err
	}
	if err := v.Write(c.Dir); err != nil {
		return err
	}
	return printf(e.stdout, "%s: %s of %s, %s in, %s out\n", c.Dir, plural(v.Manifest.Events, "event"),
		plural(len(v.Manifest.Recordings), "recording"), plural(len(v.Stimulus), "word"), plural(len(v.Expected), "word"))
}

type hilPlayCmd struct {
	Dir    string `arg:"" help:"Folder that 'saccade hil record' has written."`
	Device string `help:"The device: fpga-sim, or fpga@HOST:PORT." default:"fpga-sim"`
}

func (c *hilPlayCmd) Run(e *env) error {
	v, err := hil.ReadVectors(c.Dir)
	if err != nil {
		return err
	}
	d := hil.Default().Device
	d.Address = c.Device
	if err := v.PlayOn(e.ctx, d); err != nil {
		return err
	}
	return printf(e.stdout, "%s: %s answered as recorded, %s, on %s\n", c.Dir, plural(v.Manifest.Events, "event"), plural(len(v.Expected), "word"), c.Device)
}

type hilInitCmd struct{}

func (*hilInitCmd) Run(e *env) error { return printf(e.stdout, "%s", hil.Example) }
