package command

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/saccade-dev/saccade/daemon/fpgaserve"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// design is the accelerator in SystemVerilog, made by Verilator and running.
type design struct {
	*rtltest.Machine

	running *rtltest.Simulation
	cancel  context.CancelFunc
	folder  string
}

// newDesign makes the design of a build, which takes a minute or so, and starts it.
func newDesign(ctx context.Context, b fpga.Build) (d *design, err error) {
	d = &design{}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.folder, err = os.MkdirTemp("", "saccade-rtl-"); err != nil {
		return d, err
	}
	compile := rtltest.Compile
	if b.Sums > 0 {
		compile = rtltest.CompileDelta
	}
	program, err := compile(ctx, d.folder, b)
	if errors.Is(err, rtltest.ErrNoVerilator) {
		return d, fmt.Errorf("--rtl: %w: it is made by Verilator 5, make and g++ (Debian: apt-get install verilator make g++)", err)
	}
	if err != nil {
		return d, err
	}
	// It ends when it is closed, behind the last host's words.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	d.cancel = cancel
	if d.running, err = rtltest.Start(running, program, 1); err != nil {
		return d, err
	}
	d.Machine, err = rtltest.NewMachine(d.running)
	return d, err
}

func (d *design) close() error {
	var err error
	if d.Machine != nil {
		err = d.Err()
	}
	if d.running != nil {
		err = errors.Join(err, d.running.Close())
	}
	if d.cancel != nil {
		d.cancel()
	}
	if d.folder != "" {
		err = errors.Join(err, os.RemoveAll(d.folder))
	}
	return err
}

// reportLink is the end of serving a design, of which nothing is known but what went over the link.
func (c *fpgaServeCmd) reportLink(e *env, s *fpgaserve.Server) error {
	stats := s.Stats()
	if c.JSON {
		return printJSON(e.stdout, struct {
			Hosts fpgaserve.Stats `json:"link"`
		}{stats})
	}
	return printf(e.stdout, "%s, %s refused, %s words in and %s out, %s thrown away for hosts that went\n",
		plural(stats.Hosts, "host"), grouped(stats.Refused), grouped(stats.WordsIn), grouped(stats.WordsOut), grouped(stats.Discarded))
}
