package saccades

import "time"

// progress is the share of its way that a saccade has gone at time t, in us, from
// the beginning of the recording.
func (s Movement) progress(t float64) float64 {
	u := (t - us(s.Start)) / us(s.Duration)
	if u <= 0 {
		return 0
	}
	if u >= 1 {
		return 1
	}
	// The velocity is a trapezium of area 1.
	v := 1 / (1 - s.Rise/2 - s.Fall/2)
	switch {
	case u < s.Rise:
		return float64(v*float64(u*u)) / (2 * s.Rise)
	case u <= 1-s.Fall:
		return float64(v * (u - s.Rise/2))
	default:
		left := 1 - u
		return 1 - float64(v*float64(left*left))/(2*s.Fall)
	}
}

// offset is how far the image is from where it was at first, in pixels, at time t
// in us.
func offset(motion []Movement, t float64) (x, y float64) {
	for _, s := range motion {
		p := s.progress(t)
		x += float64(p * s.X)
		y += float64(p * s.Y)
	}
	return x, y
}

func us(d time.Duration) float64 { return float64(d) / 1e3 }
