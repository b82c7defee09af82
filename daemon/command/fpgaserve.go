package command

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/saccade-dev/saccade/daemon/fpgaserve"
	"github.com/saccade-dev/saccade/sim/fpga"
)

type fpgaServeCmd struct {
	Registers string         `help:"Where hosts reach the registers: Etherbone over TCP. Port 0 is any that is free." placeholder:"HOST:PORT" default:"127.0.0.1:7121"`
	Stream    string         `help:"Where they reach the streams of events and results, words over TCP. Default: the port behind that of the registers, where hosts look for it." placeholder:"HOST:PORT"`
	UDP       string         `name:"udp" help:"Where they reach the registers by Etherbone over UDP, as a board's. Default: nowhere." placeholder:"HOST:PORT"`
	Insecure  bool           `name:"insecure-listen" help:"Listen on addresses that other machines reach. There are no credentials in these protocols: whoever reaches the ports can do with the device what he likes, and read what it has learned."`
	RTL       bool           `name:"rtl" help:"Serve the design in SystemVerilog in the stead of its model: it is made by Verilator first, which must be installed, and runs hundreds of times slower."`
	Build     fpgaBuildFlags `embed:""`
	Clock     float64        `help:"The clock that the report is made for, in MHz." placeholder:"MHZ" default:"200"`
	Verbose   bool           `help:"Log every connexion."`
	JSON      bool           `name:"json" help:"Print one JSON object when it listens, and another when it has ended."`
}

// fpgaBuildFlags are what the device is synthesised as. Zeros stand for the default build's.
type fpgaBuildFlags struct {
	Rows    int `help:"Surface banks: the largest side of a patch." placeholder:"N" default:"11"`
	Lanes   int `help:"Multipliers that match, a multiple of the rows: each multiple is a neuron matched at once. Default: 16 of them." placeholder:"N"`
	Neurons int `help:"Neurons that each of two banks can have." placeholder:"N" default:"64"`
	Cells   int `help:"Stamps in each surface bank: two planes of a sensor need 2 * width * height / rows." placeholder:"N" default:"4096"`
	In      int `name:"in-fifo" help:"Words of the input FIFO." placeholder:"N" default:"512"`
	Out     int `name:"out-fifo" help:"Words of the result FIFO." placeholder:"N" default:"512"`

	Weights int `name:"delta-weights" help:"Words of the delta engine's weights, each one for every lane; 0 for a device without a delta engine. 8192 hold either network that 'saccade train delta' makes of N-MNIST where nothing is said." placeholder:"N" default:"4096"`
	Sums    int `name:"delta-sums" help:"Words of its sums, each one for every lane; 0 likewise." placeholder:"N" default:"256"`
}

// build is what the flags say. Where one of the delta engine's memories is given as none, there is no other either unless it is
// given as well, which is an error then.
func (f *fpgaBuildFlags) build(g given) (fpga.Build, error) {
	b := fpga.DefaultBuild()
	b.Checks = true // words cross sockets, and it costs two registers
	groups := b.Groups()
	b.Rows, b.Lanes, b.Neurons, b.Cells, b.In, b.Out = f.Rows, f.Lanes, f.Neurons, f.Cells, f.In, f.Out
	if b.Lanes == 0 {
		b.Lanes = groups * b.Rows
	}
	b.Weights, b.Sums = f.Weights, f.Sums
	switch {
	case f.Weights == 0 && !g["delta-sums"]:
		b.Sums = 0
	case f.Sums == 0 && !g["delta-weights"]:
		b.Weights = 0
	}
	return b, b.Validate()
}

func (c *fpgaServeCmd) Run(e *env) error {
	b, err := c.Build.build(e.given)
	if err != nil {
		return usageError{err}
	}
	if !(c.Clock > 0) {
		return usageError{fmt.Errorf("--clock: expected a number of MHz above 0, found %v", c.Clock)}
	}
	if c.RTL {
		return c.runRTL(e, b)
	}
	d, err := fpga.NewDevice(b)
	if err != nil {
		return err
	}
	s, err := c.serve(e, d, b)
	if err != nil {
		return err
	}
	return c.report(e, s, d)
}

// runRTL serves the design.
func (c *fpgaServeCmd) runRTL(e *env, b fpga.Build) error {
	e.log.Info("Verilator makes the design, which takes a minute or so")
	d, err := newDesign(e.ctx, b)
	if err != nil {
		return err
	}
	s, err := c.serve(e, d, b)
	closed := d.close()
	if e.ctx.Err() == nil { // or it was ended together with us
		err = errors.Join(err, closed)
	}
	if err != nil {
		return err
	}
	return c.reportLink(e, s)
}

// serve serves a device until the context ends.
func (c *fpgaServeCmd) serve(e *env, d fpgaserve.Machine, b fpga.Build) (*fpgaserve.Server, error) {
	level := levelQuiet
	if c.Verbose {
		level = slog.LevelDebug
	}
	if c.Insecure {
		e.log.Warn("whoever reaches the ports can do with the device what he likes: there are no credentials", "registers", c.Registers)
	}
	s, err := fpgaserve.Listen(e.ctx, d, fpgaserve.Options{
		Registers: c.Registers, Stream: c.Stream, UDP: c.UDP, Insecure: c.Insecure, Log: newLogger(e.stderr, level, "text"),
	})
	if err != nil {
		return nil, err
	}
	if err := c.tell(e, s, b); err != nil {
		_ = s.Close() // nobody knows of it
		return nil, err
	}
	return s, s.Run(e.ctx)
}

// fpgaListening is what is printed when hosts can come.
type fpgaListening struct {
	Device    string    `json:"device"` // what --device takes
	Registers string    `json:"registers"`
	Stream    string    `json:"stream"`
	UDP       string    `json:"udp,omitempty"`
	Build     fpgaBuild `json:"build"`
}

func (c *fpgaServeCmd) tell(e *env, s *fpgaserve.Server, b fpga.Build) error {
	l := fpgaListening{Device: "fpga@" + s.Registers(), Registers: s.Registers(), Stream: s.Stream(), UDP: s.UDP(), Build: fpgaBuildOf(b)}
	if c.Stream != "" {
		l.Device += ",stream=" + l.Stream
	}
	if c.JSON {
		return printJSON(e.stdout, struct {
			Listening fpgaListening `json:"listening"`
		}{l})
	}
	var text strings.Builder
	fmt.Fprintf(&text, "device     %s\nregisters  %s (Etherbone over TCP)\nstream     %s\n", l.Device, l.Registers, l.Stream)
	if l.UDP != "" {
		fmt.Fprintf(&text, "registers  %s (Etherbone over UDP)\n", l.UDP)
	}
	fmt.Fprintf(&text, "build      %s\ndelta      %s\n", l.Build, l.Build.delta())
	return printf(e.stdout, "%s", text.String())
}
