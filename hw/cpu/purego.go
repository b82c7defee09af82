package cpu

import "github.com/saccade-dev/saccade/hw"

func init() {
	hw.Register(purego{}, 0)
}

// purego is the target in portable Go.
type purego struct{}

func (purego) Name() string           { return "purego" }
func (purego) Describe() string       { return "portable Go, on any machine" }
func (purego) Features() []hw.Feature { return nil }
func (purego) Usable() error          { return nil }

func (purego) Kernels() *hw.Kernels {
	return &hw.Kernels{Run: run, Context: context, Match: match, Learn: learn, Delta: deltaPortable()}
}
