package hw

import (
	"errors"
	"fmt"
	"math/big"
)

// MaxTau is the longest time constant in microseconds: a minute. It keeps twice
// the horizon of a decay within 31 bits.
const MaxTau = 60_000_000

// MaxPeakBits is the largest scale of a surface: 2^13 in its int16.
const MaxPeakBits = 13

// PeakBits is the scale of a context of n elements: a pixel that fires now has
// the value 2^PeakBits. It is the largest for which the sum of squares stays
// below 2^32 and the dot product with a weight vector of length one below 2^31,
// with 1/64 to spare for what rounding adds to the weights.
func PeakBits(n int) int {
	for p := MaxPeakBits; p > 0; p-- {
		if sq := uint64(n) << (2 * p); sq+sq>>6 < 1<<32 {
			return p
		}
	}
	return 0
}

// Decay is what becomes of a surface's value with age, in integers: exponential,
// exp(-age/tau), or linear, 1-age/tau and zero from tau on. Its parameters fit in a
// handful of registers; see [Decay.Value] for what they mean. It is not changed once
// made, and layers of the same time constant share one.
//
// Ages are microseconds to whoever stamps cells with times, and numbers of events to
// whoever stamps them with those.
type Decay struct {
	Tau      int64 // microseconds, or events
	PeakBits int   // a pixel that fires now has the value 2^PeakBits
	Linear   bool
	Horizon  uint32 // from this age on, the value is 0

	// An age is turned into units of which the horizon has less than 2^16:
	// units = (age << Left + Round) >> Right, one of the shifts being zero.
	Left, Right uint
	Round       uint32
	// Rate times units is the age in octaves (factors of one half), Q5.27; of a linear
	// decay what the value has lost, Q16.
	Rate uint32

	// Table is ValueOfUnits for every number of units, 0 from the horizon's on, for
	// targets that would rather look it up than compute it.
	Table *[1 << 16]int16
}

// NewDecay makes the exponential decay with time constant tau in microseconds, from 1 to
// MaxTau, for contexts of the scale 2^peakBits.
func NewDecay(tau int64, peakBits int) (*Decay, error) {
	d, err := newDecay(tau, peakBits)
	if err != nil {
		return nil, err
	}
	// 2^p decays below one half, and so rounds to zero, after p+1 octaves of
	// tau*ln(2) each. One octave's 64th is added for the polynomial's error, and
	// two units for those of the age.
	const ln2Q20 = 726_818 // ln(2) = 0.6931472, rounded up
	octaves := int64(peakBits+1)*64 + 1
	d.reach(octaves*tau*ln2Q20>>26 + 1)

	// Rate = log2(e)/tau * 2^(27+Right-Left), rounded; log2(e) in Q60.
	num := new(big.Int).Lsh(big.NewInt(log2eQ60), 27+d.Right)
	den := new(big.Int).Lsh(big.NewInt(tau), 60+d.Left)
	num.Add(num, new(big.Int).Rsh(den, 1))
	d.Rate = uint32(num.Div(num, den).Uint64())
	if d.Rate >= 1<<16 || d.Units(d.Horizon) >= 1<<16 || d.Value(d.Horizon) != 0 {
		return nil, errors.New("decay: the rate does not fit its format") // cannot be, by the bounds above
	}
	d.tabulate()
	return d, nil
}

// NewLinearDecay makes the linear decay that ends at tau, from 1 to MaxTau, for
// contexts of the scale 2^peakBits.
func NewLinearDecay(tau int64, peakBits int) (*Decay, error) {
	d, err := newDecay(tau, peakBits)
	if err != nil {
		return nil, err
	}
	d.Linear = true
	d.reach(tau)
	// Rounded up, so that nothing is left at tau: 2^(peakBits+16) over tau's units.
	units := uint64(tau) << d.Left >> d.Right
	d.Rate = uint32((uint64(1)<<(peakBits+16) + units - 1) / units)
	if d.Rate >= 1<<16 || d.Value(d.Horizon) != 0 {
		return nil, errors.New("decay: the rate does not fit its format") // cannot be: units are 2^14 and more
	}
	d.tabulate()
	return d, nil
}

func newDecay(tau int64, peakBits int) (*Decay, error) {
	if tau < 1 || tau > MaxTau {
		return nil, fmt.Errorf("time constant %d us: expected 1 to %d us", tau, MaxTau)
	}
	if peakBits < 1 || peakBits > MaxPeakBits {
		return nil, fmt.Errorf("surface scale 2^%d: expected 2^1 to 2^%d", peakBits, MaxPeakBits)
	}
	return &Decay{Tau: tau, PeakBits: peakBits}, nil
}

// reach sets the horizon to an age, and a little more, and the units of ages.
func (d *Decay) reach(horizon int64) {
	// The units of the horizon itself, with what is added to it, must stay below
	// 2^16, or a pixel that never fired would look up the value of a new one.
	for (horizon+2)<<(d.Left+1) < 1<<16 {
		d.Left++
	}
	for horizon>>d.Right >= 1<<16-4 {
		d.Right++
	}
	if d.Right > 0 {
		d.Round = 1 << (d.Right - 1)
	}
	d.Horizon = uint32(horizon + 2<<d.Right)
}

func (d *Decay) tabulate() {
	d.Table = new([1 << 16]int16)
	for units := range d.Units(d.Horizon) {
		d.Table[units] = d.ValueOfUnits(units)
	}
}

// log2eQ60 is log2(e) = 1.4426950408889634 with 60 fraction bits.
const log2eQ60 = 1_663_309_250_320_088_275

// Units is the age in the decay's units, below 2^16. Ages from the horizon on
// count as the horizon.
func (d *Decay) Units(age uint32) uint32 {
	age = min(age, d.Horizon)
	return (age<<d.Left + d.Round) >> d.Right
}

// Value is the surface's value round(2^PeakBits * exp(-age/tau)) for an age,
// within one unit for scales up to 2^12 and two for 2^13; of a linear decay
// 2^PeakBits * (1-age/tau), within one unit. It is
// 2^PeakBits at age 0 and, for the scales from 2^6 on that contexts have, never
// rises with age. This function is the definition: what a target computes must
// equal it.
//
// With u the age in octaves, the value is 2^(PeakBits-floor(u)) * 2^-frac(u);
// the second factor is a polynomial of third degree in 15-bit fixed point whose
// products round as VPMULHRSW and SQRDMULH do.
func (d *Decay) Value(age uint32) int16 { return d.ValueOfUnits(d.Units(age)) }

// ValueOfUnits is Value by the age in the decay's units.
func (d *Decay) ValueOfUnits(units uint32) int16 {
	u := units * d.Rate
	if d.Linear {
		return int16(max(1<<d.PeakBits-int32(u>>16), 0))
	}
	octave := int(u >> 27)
	f := int32(u >> 12 & 0x7fff)
	m := polyC2 - mulhrs(f, polyC3)
	m = polyC1 - mulhrs(f, m)
	m = polyC0 - mulhrs(f, m) // 2^-f in Q14
	if octave > d.PeakBits+1 {
		return 0
	}
	return int16(mulhrs(m, 1<<(d.PeakBits+1-octave)))
}

// The coefficients of 2^-f in Q14, chosen for the least greatest error with the
// rounding of the products included: 2.1 units of Q14.
const (
	polyC0 = 16384
	polyC1 = 11338
	polyC2 = 3806
	polyC3 = 661
)

// mulhrs is the rounding product of two numbers in Q15.
func mulhrs(a, b int32) int32 { return (a*b + 1<<14) >> 15 }
