package fpga_test

import "math/bits"

// literalDigits finds digits of a root or of a quotient.
type literalDigits struct {
	left      int
	radicand  uint64
	remainder uint64
	result    uint64
	divisor   uint64
}

func (l *literal) digits() {
	r, q := l.root, l.scale
	rooted, scaled := l.rooted, l.scaled
	s := &l.slots[rooted%8]
	switch {
	case r.left > 0:
		for range 2 { // restoring square root, a bit at a time
			r.remainder = r.remainder<<2 | r.radicand>>38&3
			r.radicand <<= 2
			if try := r.result<<2 | 1; r.remainder >= try {
				r.remainder -= try
				r.result = r.result<<1 | 1
			} else {
				r.result <<= 1
			}
		}
		if r.left--; r.left == 0 {
			l.set(func() { s.norm = uint32(r.result); l.rooted++ })
		}
	case rooted == l.summed:
	case !l.noise(s) && (s.selecting || l.c.Detail):
		r = literalDigits{left: 10, radicand: uint64(s.sum) << 8}
	default:
		l.set(func() { l.rooted++ })
	}
	s2 := &l.slots[scaled%8]
	switch {
	case q.left > 0:
		for range 2 {
			q.remainder <<= 1
			q.result <<= 1
			if q.remainder >= q.divisor {
				q.remainder -= q.divisor
				q.result |= 1
			}
		}
		if q.left--; q.left == 0 {
			l.set(func() { s2.factor = uint32(min(q.result, 65535)); l.scaled++ })
		}
	case scaled == rooted:
	case !l.noise(s2) && s2.learning:
		shift := uint(20 - bits.Len32(s2.norm))
		q = literalDigits{left: 9, remainder: 1 << 17, divisor: uint64(s2.norm) << shift}
		l.set(func() { s2.shift = shift })
	default:
		l.set(func() { l.scaled++ })
	}
	l.set(func() { l.root, l.scale = r, q })
}
