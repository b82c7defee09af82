package command

import (
	"fmt"
	"strings"

	"github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/fpga/remote"
)

type fpgaInfoCmd struct {
	Address string `arg:"" help:"The device: HOST:PORT of its registers, or its name as --device takes it."`
	JSON    bool   `name:"json" help:"Print one JSON object."`
}

// Run asks for registers alone, so a device that another host uses can be looked at.
func (c *fpgaInfoCmd) Run(e *env) error {
	address, o, err := remote.Parse(strings.TrimPrefix(c.Address, "fpga@"))
	if err != nil {
		return usageError{err}
	}
	r, err := remote.DialRegisters(e.ctx, address, o)
	if err != nil {
		return err
	}
	info, err := readFPGA(r)
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("fpga@%s: %w", address, err)
	}
	info.Device = "fpga@" + strings.TrimPrefix(c.Address, "fpga@")
	if c.JSON {
		return printJSON(e.stdout, info)
	}
	return printf(e.stdout, "%s", info.text())
}

// fpgaInfo is what a device says of itself.
type fpgaInfo struct {
	Device         string             `json:"device"`
	Identification string             `json:"identification"`
	Version        string             `json:"version"`
	Build          fpgaBuild          `json:"build"`
	Status         []string           `json:"status"`
	Error          string             `json:"error"` // empty where there is none
	Configuration  *fpgaConfiguration `json:"configuration"`
	Counters       []fpgaCounter      `json:"counters"`
	DeltaCounters  []fpgaCounter      `json:"delta_counters,omitempty"` // of its delta engine, where there is one
}

// fpgaConfiguration are the configuration registers, as they are written: what a device was told last.
type fpgaConfiguration struct {
	Width     uint32     `json:"width"`
	Height    uint32     `json:"height"`
	Radius    uint32     `json:"radius"`
	Neurons   uint32     `json:"neurons"` // of each bank
	Mode      string     `json:"mode"`
	Flags     []string   `json:"flags"`
	Shifts    uint32     `json:"decay_shifts"`
	Rate      uint32     `json:"decay_rate"`
	Horizon   uint32     `json:"decay_horizon"`
	MinRecent uint32     `json:"min_recent"`
	Recent    uint32     `json:"recent"`
	Rates     []fpgaRate `json:"rates"` // of each bank
}

type fpgaRate struct {
	Eta    uint32 `json:"eta"`
	DeltaI uint32 `json:"delta_i"`
	DeltaE uint32 `json:"delta_e"`
}

// fpgaBits are the names of a register's bits that are set, from the lowest on.
func fpgaBits(v uint32, names ...string) []string {
	out := []string{}
	for i, name := range names {
		if v>>i&1 == 1 {
			out = append(out, name)
		}
	}
	return out
}

// readFPGA reads all registers that tell something and do nothing.
func readFPGA(b fpga.Bus) (*fpgaInfo, error) {
	can, err := fpga.ReadCapabilities(b)
	if err != nil {
		return nil, err
	}
	info := &fpgaInfo{
		Identification: fmt.Sprintf("%#x", uint32(fpga.ID)), Version: fmt.Sprintf("%d.%d", can.Version>>16, can.Version&0xffff),
		Build: fpgaBuild{Rows: can.Rows, Lanes: can.Lanes, Neurons: can.Neurons, Cells: can.Cells, In: can.In, Out: can.Out},
	}
	status, err := b.Read(fpga.RegStatus)
	if err != nil {
		return nil, err
	}
	info.Status = fpgaBits(status, "configured", "idle", "error", "overflow in", "overflow out")
	if status&fpga.StatusError != 0 {
		code, err := b.Read(fpga.RegError)
		if err != nil {
			return nil, err
		}
		info.Error = (&fpga.DeviceError{Code: int(code >> 24), Operand: code & (1<<24 - 1)}).Error()
	}
	if info.Configuration, err = readFPGAConfiguration(b); err != nil {
		return nil, err
	}
	if info.Counters, err = readFPGACounters(b, fpga.RegCounters, fpgaCounters[:]); err != nil || can.Version < fpga.VersionDelta {
		return info, err
	}
	delta, err := fpga.ReadDeltaCapabilities(b)
	if err != nil {
		return nil, err
	}
	info.Build.with(delta)
	info.DeltaCounters, err = readFPGACounters(b, fpga.RegDeltaCounters, fpgaDeltaCounters[:])
	return info, err
}

func readFPGAConfiguration(b fpga.Bus) (*fpgaConfiguration, error) {
	var c fpgaConfiguration
	var mode, flags uint32
	to := map[uint32]*uint32{
		fpga.RegWidth: &c.Width, fpga.RegHeight: &c.Height, fpga.RegRadius: &c.Radius, fpga.RegBank: &c.Neurons,
		fpga.RegMode: &mode, fpga.RegFlags: &flags, fpga.RegShifts: &c.Shifts, fpga.RegRate: &c.Rate, fpga.RegHorizon: &c.Horizon,
		fpga.RegLeast: &c.MinRecent, fpga.RegRecent: &c.Recent,
	}
	c.Rates = make([]fpgaRate, 2)
	for bank := range c.Rates {
		r, on := &c.Rates[bank], uint32(bank)*fpga.RegBanks
		to[fpga.RegEta+on], to[fpga.RegDeltaI+on], to[fpga.RegDeltaE+on] = &r.Eta, &r.DeltaI, &r.DeltaE
	}
	addresses, values := make([]uint32, 0, len(to)), make([]uint32, len(to))
	for a := range to {
		addresses = append(addresses, a)
	}
	if err := fpga.ReadList(b, addresses, values); err != nil {
		return nil, err
	}
	for i, a := range addresses {
		*to[a] = values[i]
	}
	if names := [...]string{fpga.ModeMerged: "merged", fpga.ModeSplit: "split", fpga.ModeOn: "on"}; mode < uint32(len(names)) {
		c.Mode = names[mode]
	} else {
		c.Mode = fmt.Sprintf("%d, which there is none of", mode)
	}
	c.Flags = fpgaBits(flags, "zero", "learning", "selecting", "detail", "drop in", "drop out")
	return &c, nil
}
