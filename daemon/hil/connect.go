package hil

import (
	"context"
	"fmt"
	"strings"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/fpga/remote"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/target"
)

// connect reaches the device, or makes a model that has room for a layer.
func (d *Device) connect(ctx context.Context, s size) (hwfpga.Link, error) {
	if at, ok := strings.CutPrefix(d.Address, Remote); ok {
		address, o, err := remote.Parse(at)
		if err != nil {
			return nil, fmt.Errorf("device.address: %w", err)
		}
		if o.Timeout == 0 {
			o.Timeout = d.Timeout
		}
		return remote.Dial(ctx, address, o)
	}
	model, err := simfpga.NewDevice(d.Build.fitting(s))
	if err != nil {
		return nil, fmt.Errorf("device.build: %w", err)
	}
	return target.NewClocked(model), nil
}
