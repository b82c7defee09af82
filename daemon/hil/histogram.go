package hil

import (
	"math/bits"
)

// Histogram counts whole numbers, such as latencies, in classes as fine as 1/64 of what they hold: numbers below 128
// are exact. It has the same classes for all numbers, as high dynamic range histograms do, so that two can be
// compared. The zero value is empty.
type Histogram struct {
	counts   []uint64
	total    uint64
	sum      float64
	min, max uint64
}

const fineBits = 6

// classOf is the class of a number.
func classOf(v uint64) int {
	shift := max(bits.Len64(v)-fineBits-1, 0)
	return shift<<fineBits + int(v>>shift)
}

// lowest is the least number of a class.
func lowest(class int) uint64 {
	shift := max(class>>fineBits-1, 0)
	return uint64(class-shift<<fineBits) << shift
}

// Add counts a number.
func (h *Histogram) Add(v uint64) {
	c := classOf(v)
	if c >= len(h.counts) {
		h.counts = append(h.counts, make([]uint64, c+1-len(h.counts))...)
	}
	if h.total == 0 || v < h.min {
		h.min = v
	}
	h.counts[c]++
	h.total++
	h.sum += float64(v)
	h.max = max(h.max, v)
}

// Total is how many numbers were counted.
func (h *Histogram) Total() uint64 { return h.total }

// Quantile is a number that the share q of all does not exceed: the highest of its class, by nearest rank. It is 0
// where there are none.
func (h *Histogram) Quantile(q float64) uint64 {
	rank := uint64(q * float64(h.total))
	if float64(rank) < q*float64(h.total) || rank == 0 {
		rank++
	}
	var seen uint64
	for c, n := range h.counts {
		if seen += n; seen >= rank {
			return min(max(lowest(c+1)-1, h.min), h.max)
		}
	}
	return h.max
}

// Class is how many of the numbers counted lie from Low to High.
type Class struct {
	Low   uint64 `json:"low"`
	High  uint64 `json:"high"`
	Count uint64 `json:"count"`
}

// Distribution is a histogram in numbers for a report.
type Distribution struct {
	Unit  string  `json:"unit"`
	Count uint64  `json:"count"`
	Mean  float64 `json:"mean"`
	Min   uint64  `json:"min"`
	P50   uint64  `json:"p50"`
	P90   uint64  `json:"p90"`
	P99   uint64  `json:"p99"`
	P999  uint64  `json:"p999"`
	Max   uint64  `json:"max"`
	// Classes are those that hold something, in their order.
	Classes []Class `json:"classes"`
}

// Distribution is what was counted; nil where that is nothing.
func (h *Histogram) Distribution(unit string) *Distribution {
	if h.total == 0 {
		return nil
	}
	d := &Distribution{
		Unit: unit, Count: h.total, Mean: h.sum / float64(h.total), Min: h.min, Max: h.max,
		P50: h.Quantile(0.5), P90: h.Quantile(0.9), P99: h.Quantile(0.99), P999: h.Quantile(0.999),
	}
	for c, n := range h.counts {
		if n > 0 {
			d.Classes = append(d.Classes, Class{Low: lowest(c), High: lowest(c+1) - 1, Count: n})
		}
	}
	return d
}
