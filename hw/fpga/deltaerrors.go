package fpga

import "fmt"

// SumsError says that what a device sends cannot be the sums of its layer.
type SumsError struct {
	What            string
	Expected, Found int
}

func (e *SumsError) Error() string {
	return fmt.Sprintf("fpga: sums: %s: expected %d, found %d", e.What, e.Expected, e.Found)
}

// The panics of misuse of a delta engine.
const (
	PanicLayer      = "fpga: a delta engine has no layer of that number"
	PanicChange     = "fpga: a change's index is none of the layer's inputs"
	PanicSumsLength = "fpga: a layer needs as many sums as it has outputs"
	PanicWeights    = "fpga: a layer needs as many weights as its shape has"
)
