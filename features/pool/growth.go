package pool

import "math/bits"

// A decaying sum may be kept without ever decaying it: sum exp(-(now-t)/tau) is
// exp(-now/tau) * sum exp(t/tau), so it is enough that each event weighs more than
// those before, and the factor in front is common to all entries (G. Cormode,
// V. Shkapenyuk, D. Srivastava and B. Xu, "Forward Decay: A Practical Time Decay
// Model for Streaming Systems", ICDE 2009). Here in integers: time is counted in
// ticks of a 64th of a half-life, and an event of tick k weighs 2^(k/64).

const (
	ticksPerHalf = 64
	// unitBits is the scale of a weight: 2^12 at the tick that weights are relative to.
	unitBits = 12
	// maxOctaves is how many half-lives may pass before sums are halved as often.
	// A weight is then below 2^25 and, shared among four cells of any size, an
	// event below 2^52.
	maxOctaves = 12
)

// mantissa is round(2^unitBits * 2^(i/64)).
var mantissa = func() (m [ticksPerHalf]uint64) {
	const root = 9_323_807_973_325_342_579 // 2^(1/64) in Q63, rounded
	v := uint64(1) << 63                   // 1 in Q63
	for i := range m {
		m[i] = (v + 1<<(62-unitBits)) >> (63 - unitBits)
		hi, lo := bits.Mul64(v, root)
		v = hi<<1 | lo>>63
	}
	return m
}()

// ticks is how many ticks of tau*ln(2)/64 fit into a time, both in microseconds;
// none into a negative one.
func ticks(elapsed, tau int64) int64 {
	if elapsed <= 0 {
		return 0
	}
	const (
		log2eQ32 = 6_196_328_019 // log2(e) = 1.44269504 in Q32
		longest  = 1 << 56       // 2,000 years, for which the quotient fits
	)
	hi, lo := bits.Mul64(uint64(min(elapsed, longest)), ticksPerHalf*log2eQ32)
	q, _ := bits.Div64(hi, lo, uint64(tau)<<32)
	return int64(q)
}
