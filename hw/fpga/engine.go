package fpga

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
)

// Options say how an engine treats its device. The zero value is for a device that may be anywhere.
type Options struct {
	// CheckEvery is how many events there may be between two comparisons of the device's counters and
	// configuration with the host's, which are made behind a call of Process and cost some twenty readings of
	// registers; 0 stands for [DefaultCheckEvery], 1 for every call. Results are checked one by one in any case.
	CheckEvery int
	// AuditEvery is how many events there may be between two readings of the device's memories, which are compared
	// with what the host knows of them behind a call of Process; 0 stands for [DefaultAuditEvery], or more where the
	// memories are large, -1 for never, 1 for every call.
	AuditEvery int
	// Unverified leaves out that what Load has written is read back, what Store reads is read twice, and that rates
	// are checked behind SetRates.
	Unverified bool
}

// DefaultCheckEvery is what an [Options] without a number stands for.
const DefaultCheckEvery = 1 << 14

// minWindow is the least that a link must let be under way: the commands ahead of an event, the event, and a mark.
const minWindow = 2*pendingCommands + 4

// Open gives a layer to the device at the other end of a link: it asks what it is and what it has, and configures
// it. A number of the layer that is beyond the device is a [*LimitError]. The link is the engine's from then on,
// which closes it; where Open fails, it is closed already.
func Open(link Link, c hw.EngineConfig, o Options) (hw.Engine, error) {
	e, err := open(link, c, o)
	if err != nil {
		_ = link.Close() // what was wrong with the device says more
		return nil, err
	}
	return e, nil
}

func open(link Link, c hw.EngineConfig, o Options) (*engine, error) {
	if o.CheckEvery < 0 {
		return nil, fmt.Errorf("fpga: checks: expected one every 0 or more events, found %d", o.CheckEvery)
	}
	if w := link.Window(); w < minWindow {
		return nil, fmt.Errorf("fpga: link: expected room for %d words on their way, found %d", minWindow, w)
	}
	can, err := ReadCapabilities(link)
	if err != nil {
		return nil, err
	}
	if err := can.Fits(&c); err != nil {
		return nil, err
	}
	e := &engine{link: link, options: o, layer: c, window: link.Window(), config: configOf(&c)}
	if e.options.CheckEvery == 0 {
		e.options.CheckEvery = DefaultCheckEvery
	}
	if e.bulk = Bulk(link); e.window > maxWindow {
		e.window = maxWindow
	}
	if err := e.findChecks(); err != nil {
		return nil, err
	}
	e.shadow.make(&e.layer)
	e.words, e.got = make([]uint32, 0, e.window), make([]uint32, e.window)
	// Whoever had the device before may have left it at work.
	if err := e.idle(); err != nil {
		return nil, err
	}
	e.checks.configured(&e.config)
	if err := Configure(link, e.config); err != nil {
		return nil, fmt.Errorf("fpga: configuring the device: %w", err)
	}
	if err := e.idle(); err != nil {
		return nil, err
	}
	return e, nil
}

// maxWindow bounds what is sent at once, however much a link takes.
const maxWindow = 1 << 14

// configOf is what a device is told of a layer. It neither learns nor selects at first, and drops nothing: what is
// too much for it waits.
func configOf(c *hw.EngineConfig) Config {
	return Config{
		Width: c.Geometry.Width, Height: c.Geometry.Height, Radius: c.Radius, Neurons: c.Neurons,
		Mode: [...]uint32{hw.EngineMerged: ModeMerged, hw.EngineSplit: ModeSplit, hw.EngineOn: ModeOn}[c.Mode],
		Zero: c.Zero, Decay: c.Decay, MinRecent: c.MinRecent, Recent: c.Recent,
	}
}

// engine is a layer on a device behind a link.
type engine struct {
	link    Link
	bulk    BulkBus
	options Options
	layer   hw.EngineConfig
	config  Config
	checks  checks
	guard   wordChecks
	shadow  shadow
	window  int
	failed  error
	closed  bool

	learning, selecting bool

	words    []uint32 // that were not sent yet
	got      []uint32 // room for what is received
	commands int      // among the words
	stamp    uint32   // of the last event that was sent, which the device keeps
	stamped  bool

	sent     uint64 // events, since the device was configured
	answered uint64
	marks    uint64
	underWay int    // words without an answer
	checked  uint64 // events at the last check
}

var _ hw.Engine = (*engine)(nil)

// pendingCommands is how many commands may wait for the next event at the most.
const pendingCommands = 8

// begin is what every call begins with.
func (e *engine) begin() error {
	switch {
	case e.closed:
		return ErrClosed
	case e.failed != nil:
		return fmt.Errorf("%w: %w", ErrFailed, e.failed)
	}
	return nil
}

// end keeps the error that a call has ended with.
func (e *engine) end(err error) error {
	if err != nil {
		e.failed = err
	}
	return err
}

// SetMode implements [hw.Engine].
func (e *engine) SetMode(learning, selecting bool) error {
	err := e.command(SetMode(learning, selecting))
	if err == nil {
		e.learning, e.selecting = learning, selecting || learning
	}
	return err
}

// Clear implements [hw.Engine].
func (e *engine) Clear() error {
	e.shadow.clear()
	return e.command(Clear())
}

// Rebase implements [hw.Engine].
func (e *engine) Rebase(move uint32) error {
	if move >= NoTime {
		panic(PanicMove)
	}
	e.shadow.rebase(move)
	return e.command(Rebase(move))
}

// PanicMove is the panic of Rebase for a distance that is none of stamps.
const PanicMove = "fpga: Rebase needs a distance below 2^31"

// command puts a command ahead of the next event.
func (e *engine) command(word uint32) error {
	if err := e.begin(); err != nil {
		return err
	}
	e.words = append(e.words, CommandWord, word)
	if e.commands++; e.commands < pendingCommands {
		return nil
	}
	return e.end(e.flush())
}

// flush sends what waits, and waits until the device has done it.
func (e *engine) flush() error {
	if e.commands == 0 {
		return nil
	}
	return e.stream(nil, nil)
}

// SetRates implements [hw.Engine].
func (e *engine) SetRates(bank int, r hw.Rates) error {
	if bank < 0 || bank >= e.layer.Banks() || r.Eta < 0 || r.DeltaI < 0 || r.DeltaE < 0 {
		panic(PanicRates)
	}
	if err := e.begin(); err != nil {
		return err
	}
	return e.end(e.setRates(uint32(bank), r))
}

// PanicRates is the panic of SetRates for a bank that there is none of, or a rate below zero.
const PanicRates = "fpga: SetRates needs a bank of the layer, and rates of 0 or more"

func (e *engine) setRates(bank uint32, r hw.Rates) error {
	if err := e.idle(); err != nil {
		return err
	}
	for i, v := range [...]int32{r.Eta, r.DeltaI, r.DeltaE} {
		if err := e.link.Write(RegEta+4*uint32(i)+bank*RegBanks, uint32(v)); err != nil {
			return err
		}
	}
	e.config.Rates[bank] = r
	e.checks.configured(&e.config)
	if e.options.Unverified {
		return Complaint(e.link)
	}
	return e.check()
}

// Close implements [hw.Engine].
func (e *engine) Close() error {
	if e.closed {
		return nil
	}
	e.closed = true
	return e.link.Close()
}
