package targettest

import (
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/target"
)

// Target is a target whose layers' devices go wrong. It is not registered.
type Target struct {
	hw.Target // for all but its devices
	Fault     Fault
	Behind    int // calls of a link
	Options   fpga.Options
	Links     []*Link // of the layers that were opened
	Told      []error // what layers have told of their devices
}

var (
	_ hw.Fitter          = (*Target)(nil)
	_ hw.FailureListener = (*Target)(nil)
)

// Name implements [hw.Target].
func (*Target) Name() string { return "faulty" }

// Processor is the target that does what the devices do not.
func (t *Target) Processor() hw.Target { return t.Target }

// DeviceFailed implements [hw.FailureListener], for one layer at a time.
func (t *Target) DeviceFailed(failure error) { t.Told = append(t.Told, failure) }

// Fits implements [hw.Fitter].
func (*Target) Fits(c hw.EngineConfig) error {
	_, err := target.Open(c)
	return err
}

// Open implements [hw.Opener].
func (t *Target) Open(c hw.EngineConfig) (hw.Engine, error) {
	l, err := target.Open(c)
	if err != nil {
		return nil, err
	}
	link := NewLink(l, t.Fault, t.Behind)
	t.Links = append(t.Links, link)
	return fpga.Open(link, c, t.Options)
}
