package chart

import (
	"math"
	"strconv"
)

// Tick is a marked value of an axis.
type Tick struct {
	Value float64
	Label string
}

// Axis maps values to pixels. Its range ends on ticks.
type Axis struct {
	Min, Max float64 // the values at both ends
	From, To float64 // where they stand, in pixels
	Ticks    []Tick
	log      bool
}

// Largest is the greatest magnitude that an axis draws. What lies beyond is no
// measurement, and arithmetic on ranges stays far from overflow.
const Largest = 1e12

// Drawable tells whether a value is a number of a magnitude that an axis draws.
func Drawable(v float64) bool { return math.Abs(v) <= Largest }

// Linear makes an axis for values from low to high with about n intervals of 1,
// 2 or 5 times a power of ten, and rounds its range outwards to whole ones. A
// range that is empty, reversed or not drawable becomes one that can be drawn.
func Linear(low, high float64, n int, from, to float64) Axis {
	if !Drawable(low) {
		low = 0
	}
	if !Drawable(high) || high < low {
		high = low
	}
	// A range that is lost in the rounding of its ends is widened to one that is not.
	if least := max(math.Abs(low), math.Abs(high)) * 1e-9; high-low <= least {
		middle := low
		half := max(math.Abs(middle)*0.05, 0.05)
		low, high = middle-half, middle+half
		if middle == 0 {
			low, high = 0, 1
		}
	}
	step := niceStep((high - low) / float64(max(n, 1)))
	first, last := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
	a := Axis{Min: first * step, Max: last * step, From: from, To: to}
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	for i := 0.0; i <= last-first; i++ {
		v := (first + i) * step
		a.Ticks = append(a.Ticks, Tick{v, tickLabel(v, step, decimals)})
	}
	return a
}

// Logarithmic makes an axis for positive values from low to high whose ticks are
// 1, 2 and 5 times powers of ten, or powers of ten alone where those are many,
// and rounds its range outwards to 1, 2 or 5 times a power of ten. label writes a tick.
func Logarithmic(low, high, from, to float64, label func(float64) string) Axis {
	if !Drawable(low) || low <= 0 {
		low = 1
	}
	low = max(low, 1/Largest)
	if !Drawable(high) || high < low {
		high = low
	}
	a := Axis{From: from, To: to, log: true}
	mantissas := []float64{1, 2, 5}
	exponent := int(math.Floor(math.Log10(low) + 1e-9))
	a.Min, a.Max = math.NaN(), math.NaN()
	var all []Tick
	for e := exponent; math.IsNaN(a.Max); e++ {
		for _, m := range mantissas {
			v := power(m, e)
			if v <= low*(1+1e-9) {
				a.Min, all = v, all[:0]
			}
			all = append(all, Tick{v, label(v)})
			if v >= high*(1-1e-9) && v > a.Min {
				a.Max = v
				break
			}
		}
	}
	wide := len(all) > 8
	decades := math.Log10(a.Max / a.Min)
	for i, t := range all {
		e := math.Round(math.Log10(t.Value))
		whole := math.Abs(t.Value/power(1, int(e))-1) < 1e-9
		if wide && !whole {
			continue
		}
		if every := int(math.Ceil(decades / 8)); whole && wide && every > 1 && int(e)%every != 0 {
			continue
		}
		a.Ticks = append(a.Ticks, all[i])
	}
	return a
}

// power gives m*10^e without the drift of repeated multiplication.
func power(m float64, e int) float64 { return m * math.Pow10(e) }

// At gives the pixel of a value; it is NaN for what the axis cannot place.
func (a Axis) At(v float64) float64 {
	if !Drawable(v) || (a.log && v <= 0) {
		return math.NaN()
	}
	return a.From + (a.To-a.From)*a.Share(v)
}

// Share gives how far along the axis a value lies: 0 at its start, 1 at its end.
func (a Axis) Share(v float64) float64 {
	if a.log {
		return math.Log(v/a.Min) / math.Log(a.Max/a.Min)
	}
	return (v - a.Min) / (a.Max - a.Min)
}

// niceStep rounds a step up to 1, 2 or 5 times a power of ten.
func niceStep(step float64) float64 {
	e := int(math.Floor(math.Log10(step)))
	for _, m := range []float64{1, 2, 5} {
		if s := power(m, e); s >= step*(1-1e-9) {
			return s
		}
	}
	return power(10, e)
}

func tickLabel(v, step float64, decimals int) string {
	if math.Abs(v) < step*1e-6 {
		return "0"
	}
	if decimals > 5 || math.Abs(v) >= 1e7 {
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// Frame draws the two axes of a chart: grid lines across from the ticks of y, the
// base line, labels and the axes' titles, which should name their units.
func (c *Canvas) Frame(x, y Axis, xTitle, yTitle string) {
	for _, t := range y.Ticks {
		at := y.At(t.Value)
		c.Line("grid", x.From, at, x.To, at)
		c.Text("", End, x.From-8, at+4, t.Label)
	}
	c.Line("axis", x.From, y.From, x.To, y.From)
	for _, t := range x.Ticks {
		at := x.At(t.Value)
		c.Line("axis", at, y.From, at, y.From+5)
		c.Text("", Middle, at, y.From+19, t.Label)
	}
	c.Text("", Middle, (x.From+x.To)/2, y.From+38, xTitle)
	c.Rotated("", Middle, 15, (y.From+y.To)/2, -90, yTitle)
}

// ValueAt gives the value that lies a share of the way along the axis.
func (a Axis) ValueAt(share float64) float64 {
	if a.log {
		return a.Min * math.Pow(a.Max/a.Min, share)
	}
	return a.Min + (a.Max-a.Min)*share
}
