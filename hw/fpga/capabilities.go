package fpga

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
)

// Capabilities are what a device was built with, as its registers tell: what its layers must fit.
type Capabilities struct {
	Version uint32 // the major number in the upper half
	Rows    int    // surface banks, and so the largest side of a patch
	Lanes   int    // multipliers that match
	Neurons int    // of each of two banks, at the most
	Cells   int    // stamps in each surface bank
	In, Out int    // words of the FIFOs
}

// ReadCapabilities asks a device who it is. What has another identification, or a version that this host does not
// know, is an error.
func ReadCapabilities(b Bus) (c Capabilities, err error) {
	id, err := b.Read(RegID)
	if err != nil {
		return c, fmt.Errorf("fpga: reading the identification: %w", err)
	}
	if id != ID {
		return c, &IdentityError{What: "identification", Expected: ID, Found: id}
	}
	if c.Version, err = b.Read(RegVersion); err != nil {
		return c, fmt.Errorf("fpga: reading the version: %w", err)
	}
	if c.Version>>16 != Version>>16 {
		return c, &IdentityError{What: "major version", Expected: Version >> 16, Found: c.Version >> 16}
	}
	for i, to := range [...]*int{&c.Rows, &c.Lanes, &c.Neurons, &c.Cells, &c.In, &c.Out} {
		v, err := b.Read(RegRows + 4*uint32(i))
		if err != nil {
			return c, fmt.Errorf("fpga: reading the capabilities: %w", err)
		}
		*to = int(v)
	}
	if c.Rows < 1 || c.Neurons < 1 || c.Cells < 1 {
		return c, fmt.Errorf("fpga: capabilities: expected surface banks, neurons and cells, found %d, %d and %d", c.Rows, c.Neurons, c.Cells)
	}
	return c, nil
}

// Fits is an error that names the first number of a layer that is beyond the device.
func (c *Capabilities) Fits(e *hw.EngineConfig) error {
	if !e.Geometry.Valid() || e.Radius < 0 || e.Neurons < 1 || e.Decay == nil {
		return fmt.Errorf("fpga: configuration: expected a geometry, a radius, neurons and a decay, found %dx%d, %d, %d and %t",
			e.Geometry.Width, e.Geometry.Height, e.Radius, e.Neurons, e.Decay != nil)
	}
	need := e.Banks() * ((e.Geometry.Height + c.Rows - 1) / c.Rows) * e.Geometry.Width
	switch {
	case e.Mode < hw.EngineMerged || e.Mode > hw.EngineOn:
		return fmt.Errorf("fpga: mode %d: the device knows merged, split and on", e.Mode)
	case 2*e.Radius+1 > c.Rows:
		return &LimitError{What: "radius", Limit: (c.Rows - 1) / 2, Found: e.Radius}
	case e.Neurons > c.Neurons:
		return &LimitError{What: "neurons", Limit: c.Neurons, Found: e.Neurons}
	case need > c.Cells:
		return &LimitError{What: fmt.Sprintf("cells in each surface bank, for %dx%d pixels", e.Geometry.Width, e.Geometry.Height), Limit: c.Cells, Found: need}
	}
	return nil
}

// IdentityError is what [ReadCapabilities] says of something that is no such device.
type IdentityError struct {
	What            string
	Expected, Found uint32
}

func (e *IdentityError) Error() string {
	return fmt.Sprintf("fpga: %s: expected %#x, found %#x", e.What, e.Expected, e.Found)
}

// LimitError says which number of a layer is beyond what a device has.
type LimitError struct {
	What         string
	Limit, Found int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("fpga: %s: the device has at most %d, the layer asks for %d", e.What, e.Limit, e.Found)
}
