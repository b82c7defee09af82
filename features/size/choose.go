package size

import (
	"fmt"
	"math"
	"slices"
)

// The criterion's constants. The package's comment says what each is for.
const (
	// Rise is how much of the separation a doubling of the size may add, and Gain how
	// much of the structure's 1 - cosine it may take away, for a size to be enough.
	Rise = 0.2
	Gain = 0.25
	// MinSeparation in bits, and MinEvents of either kind in a bank, below which
	// nothing is said.
	MinSeparation = 0.05
	MinEvents     = 100
)

// What makes a choice doubtful.
const (
	looseRise, strictRise = 0.3, 0.1 // Rise might as well be these
	farApart              = 2        // sizes that differ by more than this factor
	noBend                = 4        // likewise, of the sizes by loose and by strict Rise
)

// enoughCosine is a structure's cosine that need not be bettered: its contexts are eight
// degrees from their features.
const enoughCosine = 0.99

// Choice is the size that a curve speaks for.
type Choice struct {
	// Neurons of each bank; 0 where the curve speaks for none.
	Neurons int `json:"neurons"`
	// Clear is true where there is nothing in Doubts.
	Clear bool `json:"clear"`
	// Doubts say in sentences why there is no choice, or what is doubtful about it.
	Doubts []string `json:"doubts"`
	// Banks has the size that each bank asks for, Runs what each run on its own would
	// have chosen, 0 where none.
	Banks []int `json:"banks"`
	Runs  []int `json:"runs"`
	// Loose and Strict are the choices where a doubling may add 30 % or 10 % to the
	// separation in the stead of 20 %.
	Loose  int `json:"loose"`
	Strict int `json:"strict"`
}

// Choose applies the criterion of the package's comment. Names are those of the banks,
// for sentences about them; without, they are numbered.
func (c Curve) Choose(names ...string) Choice {
	out := Choice{Doubts: []string{}}
	if len(c) < 3 {
		out.Doubts = append(out.Doubts, fmt.Sprintf("a curve needs three sizes or more, and has %d", len(c)))
		return out
	}
	banks, reasons := c.banks(Rise, names)
	out.Banks = banks
	for i := range c.Runs() {
		alone, _ := c.run(i).banks(Rise, nil)
		out.Runs = append(out.Runs, largest(alone))
	}
	if out.Neurons = largest(banks); out.Neurons == 0 {
		out.Doubts = append(out.Doubts, reasons...)
		return out
	}
	loose, _ := c.banks(looseRise, nil)
	strict, _ := c.banks(strictRise, nil)
	out.Loose, out.Strict = largest(loose), largest(strict)
	out.Doubts = append(out.Doubts, c.doubts(out, names)...)
	out.Clear = len(out.Doubts) == 0
	return out
}

// largest is the size that is enough for all banks, 0 where one has none.
func largest(banks []int) int {
	if len(banks) == 0 || slices.Min(banks) == 0 {
		return 0
	}
	return slices.Max(banks)
}

// banks gives the size that each bank asks for, 0 where none and then why.
func (c Curve) banks(rise float64, names []string) (sizes []int, reasons []string) {
	for b := range c[0].Banks {
		at, reason := c.smallest(b, rise)
		if at < 0 {
			sizes = append(sizes, 0)
			reasons = append(reasons, c.nameOf(b, names)+reason)
			continue
		}
		sizes = append(sizes, c[at].Neurons)
	}
	return sizes, reasons
}

// nameOf is what a sentence about a bank begins with.
func (c Curve) nameOf(bank int, names []string) string {
	switch {
	case len(c[0].Banks) == 1:
		return ""
	case bank < len(names):
		return names[bank] + ": "
	}
	return fmt.Sprintf("bank %d: ", bank)
}

// smallest finds the first point that meets the criterion in a bank, or tells why
// there is none.
func (c Curve) smallest(bank int, rise float64) (at int, reason string) {
	best := 0.0
	for _, p := range c {
		m := p.Banks[bank].Mean
		if m.Noise < MinEvents || m.Structure < MinEvents {
			return -1, fmt.Sprintf("with %d neurons, features took %.0f noise events and %.0f others: expected %d of each or more: take more recordings, or more noise",
				p.Neurons, m.Noise, m.Structure, MinEvents)
		}
		best = max(best, m.Separation)
	}
	if best < MinSeparation {
		return -1, fmt.Sprintf("noise is told from structure at no size: the separation is %.3f bits at the most, expected %.2f or more", best, MinSeparation)
	}
	if !slices.ContainsFunc(c, func(p Point) bool { return p.owned(bank) }) {
		return -1, "noise has a feature of its own at no size"
	}
	for i, p := range c {
		if p.owned(bank) && p.Banks[bank].Mean.Separation >= MinSeparation && c.enough(bank, i, rise) {
			return i, ""
		}
	}
	return -1, "where noise has a feature of its own, it is told from structure less well than elsewhere"
}

// owned tells whether noise has a feature of its own in half of the runs or more.
func (p Point) owned(bank int) bool {
	n := 0
	for _, r := range p.Runs {
		if r[bank].Taken > 0 {
			n++
		}
	}
	return 2*n >= len(p.Runs)
}

// enough tells whether no larger size betters point i by more, a doubling, than the
// criterion allows. What lies within one doubling counts as a whole one.
func (c Curve) enough(bank, i int, rise float64) bool {
	here := c[i].Banks[bank].Mean
	for _, p := range c[i+1:] {
		there := p.Banks[bank].Mean
		doublings := max(1, math.Log2(float64(p.Neurons)/float64(c[i].Neurons)))
		if there.Separation > here.Separation*math.Pow(1+rise, doublings) {
			return false
		}
		if here.StructureCosine < enoughCosine && 1-there.StructureCosine < (1-here.StructureCosine)*math.Pow(1-Gain, doublings) {
			return false
		}
	}
	return true
}

// doubts tells what is doubtful about a choice.
func (c Curve) doubts(ch Choice, names []string) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	first, last := c[0].Neurons, c[len(c)-1].Neurons
	switch ch.Neurons {
	case last:
		say("%d neurons are the most that were tried: more may be asked for", last)
	case first:
		say("%d neurons are the fewest that were tried: fewer may be enough", first)
	}
	if low := slices.Min(ch.Banks); ch.Neurons > farApart*low {
		say("the banks differ: one asks for %d neurons, another for %d", low, ch.Neurons)
	}
	if low, high := slices.Min(ch.Runs), slices.Max(ch.Runs); low == 0 {
		say("a run on its own would have chosen none")
	} else if high > farApart*low {
		say("the runs differ: one would have chosen %d neurons, another %d", low, high)
	}
	if ch.Strict > noBend*ch.Loose {
		say("the curve has no sharp bend: where a doubling may better it by %.0f %%, %d neurons would do, and %d where by %.0f %%",
			100*looseRise, ch.Loose, ch.Strict, 100*strictRise)
	}
	for b := range c[0].Banks {
		if m := c[0].Banks[b].Mean; m.Noise > m.Structure {
			say("%smore events are known noise than are not: the size is that for this noise, and not for the recordings", c.nameOf(b, names))
		}
	}
	return out
}
