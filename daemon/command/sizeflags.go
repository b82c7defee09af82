package command

import (
	"cmp"
	"fmt"

	"github.com/saccade-dev/saccade/daemon/sizing"
)

// sizeFlags choose the number of neurons by what known noise does to the features.
// Without --size none of them may be given.
type sizeFlags struct {
	Size       string  `help:"auto: choose --neurons by what becomes of noise. Layers of several sizes learn from recordings with known noise mixed in; the smallest is taken from which on they hardly tell it better from the rest." placeholder:"auto"`
	Sizes      []int   `help:"Numbers of neurons to try, ascending. Default: 2,3,4,6,8,12,16,24,32,48,64." placeholder:"N"`
	SizeNoise  float64 `help:"Noise to mix in, in Hz a pixel: less than the recordings have of their own, or as much as is expected. More noise asks for fewer neurons. Default: 0.5." placeholder:"HZ"`
	SizeRuns   int     `help:"Runs of each size. Default: 3." placeholder:"N"`
	SizeLimit  int     `help:"The most recordings to try sizes on. Default: 200." placeholder:"N"`
	SizeReport string  `help:"Page with the curve to write." placeholder:"FILE"`
}

// options checks the flags. It gives nil where no size is to be chosen.
func (f *sizeFlags) options(sweeping bool, g given) (*sizing.Options, error) {
	switch {
	case !g["size"]:
		return nil, g.unused("--size auto with it", "sizes", "size-noise", "size-runs", "size-limit", "size-report")
	case f.Size != "auto":
		return nil, usageError{fmt.Errorf("--size: expected auto, found %q; --neurons takes a number", f.Size)}
	case sweeping:
		return nil, usageError{fmt.Errorf("--size auto and --sweep: expected one of them, as both choose the number of neurons")}
	}
	if err := g.unused("without --size auto, which chooses it", "neurons"); err != nil {
		return nil, err
	}
	for _, n := range []struct {
		flag  string
		v, hi int
	}{
		{"size-runs", f.SizeRuns, sizing.MaxRuns},
		{"size-limit", f.SizeLimit, 1 << 30},
	} {
		if g[n.flag] && (n.v < 1 || n.v > n.hi) {
			return nil, usageError{fmt.Errorf("--%s: expected 1 to %d, found %d", n.flag, n.hi, n.v)}
		}
	}
	o := &sizing.Options{
		Rate: sizing.DefaultRate, Sizes: sizing.DefaultSizes(),
		Runs: cmp.Or(f.SizeRuns, sizing.DefaultRuns), Most: cmp.Or(f.SizeLimit, sizing.DefaultMost),
	}
	if g["size-noise"] {
		o.Rate = f.SizeNoise // 0 is refused, as any other that is no rate
	}
	if g["sizes"] {
		o.Sizes = f.Sizes
	}
	if f.SizeReport == "" {
		return o, nil
	}
	return o, writable(f.SizeReport)
}
