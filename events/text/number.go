package text

import "math"

// maxDigits is how many digits fit into an int64 whatever they are.
const maxDigits = 18

var powers = [maxDigits + 1]int64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
}

// scaled reads a decimal number times ten to the given power as an integer:
// rounded to the nearest, half away from zero. whole tells that nothing was
// rounded, ok that all of b was one number and fits.
func scaled(b []byte, power int) (v int64, whole, ok bool) {
	negative := false
	i := 0
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		negative = b[i] == '-'
		i++
	}
	// Digits from here on, with at most one point among them.
	first, point := i, -1
	for ; i < len(b); i++ {
		if b[i] == '.' && point < 0 {
			point = i
		} else if b[i]-'0' > 9 {
			break
		}
	}
	digits := b[first:i]
	before := len(digits) // digits before the point
	if point >= 0 {
		before = point - first
	}
	if len(digits) == 0 || len(digits) == 1 && point >= 0 {
		return 0, false, false
	}
	if i < len(b) {
		e, ok := exponent(b[i:])
		if !ok {
			return 0, false, false
		}
		power += e
	}
	u, whole, ok := upTo(digits, before+power)
	switch {
	case !ok:
		return 0, false, false
	case negative && u <= 1<<63:
		return -int64(u), whole, true
	case negative || u > math.MaxInt64:
		return 0, false, false
	default:
		return int64(u), whole, true
	}
}

// exponent reads the end of a number from its e on.
func exponent(b []byte) (int, bool) {
	if b[0] != 'e' && b[0] != 'E' {
		return 0, false
	}
	b = b[1:]
	sign := 1
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		if b[0] == '-' {
			sign = -1
		}
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	e := 0
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, false
		} else if e < 100_000 { // beyond it nothing changes, nor does it run over
			e = 10*e + int(c)
		}
	}
	return sign * e, true
}

// upTo reads the first n digits, a point among them not counted, and rounds by
// those behind.
func upTo(digits []byte, n int) (u uint64, whole, ok bool) {
	whole, ok = true, true
	at := 0
	roundUp := false
	for _, c := range digits {
		if c == '.' {
			continue
		}
		d := uint64(c - '0')
		switch {
		case at < n:
			if u > (math.MaxUint64-9)/10 {
				return 0, false, false
			}
			u = 10*u + d
		case d != 0:
			whole = false
			roundUp = roundUp || at == n && d >= 5
		}
		at++
	}
	for ; at < n && u != 0; at++ {
		if u > math.MaxUint64/10 {
			return 0, false, false
		}
		u *= 10
	}
	if roundUp && n >= 0 {
		u++
	}
	return u, whole, ok
}
