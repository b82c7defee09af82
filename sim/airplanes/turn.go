package airplanes

import "math"

// rotation is a direction as a vector of length 1.
type rotation struct{ cos, sin float64 }

// turn gives the rotation by an angle in turns, 1 being the whole circle. The library's
// sine and cosine may differ in their last bits from machine to machine; here a polynomial
// runs in operations that no compiler may fuse, on an eighth of a turn at the most,
// where its series is cut off below 2^-52.
func turn(turns float64) rotation {
	quarters := math.RoundToEven(turns * 4)
	x := float64((turns - quarters/4) * (2 * math.Pi))
	x2 := float64(x * x)
	sin, cos := 0.0, 0.0
	for i := len(sines) - 1; i >= 0; i-- {
		sin = float64(sin*x2) + sines[i]
		cos = float64(cos*x2) + cosines[i]
	}
	sin = float64(sin * x)
	switch int64(quarters) & 3 {
	case 1:
		return rotation{-sin, cos}
	case 2:
		return rotation{-cos, -sin}
	case 3:
		return rotation{sin, -cos}
	}
	return rotation{cos, sin}
}

// The series of sin(x)/x and cos(x) in x^2.
var (
	sines   = [...]float64{1, -1. / 6, 1. / 120, -1. / 5040, 1. / 362880, -1. / 39916800, 1. / 6227020800, -1. / 1307674368000}
	cosines = [...]float64{1, -1. / 2, 1. / 24, -1. / 720, 1. / 40320, -1. / 3628800, 1. / 479001600, -1. / 87178291200}
)

// then turns by one rotation after the other.
func (r rotation) then(o rotation) rotation {
	return rotation{
		float64(r.cos*o.cos) - float64(r.sin*o.sin),
		float64(r.sin*o.cos) + float64(r.cos*o.sin),
	}
}

// of turns a point about the origin.
func (r rotation) of(p point) point {
	return point{
		float64(r.cos*p.x) - float64(r.sin*p.y),
		float64(r.sin*p.x) + float64(r.cos*p.y),
	}
}
