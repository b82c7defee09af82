package readout

import (
	"fmt"
	"math"
	"strings"
)

// reliabilityBins is how many bins confidences are sorted into.
const reliabilityBins = 10

// Reliability compares confidences with how often they were right: of all decisions
// made with a confidence of 0.7, seven in ten should be. The zero value is empty.
type Reliability struct {
	count, right [reliabilityBins]int
	sum          [reliabilityBins]float64
}

// ReliabilityBin are the decisions with a confidence from Low to High.
type ReliabilityBin struct {
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Decisions  int     `json:"decisions"`
	Confidence float64 `json:"confidence"` // their mean
	Accuracy   float64 `json:"accuracy"`   // the share of them that was right
}

// Add takes a decision. A confidence outside 0 to 1, or none, counts as the nearest.
func (r *Reliability) Add(confidence float64, right bool) {
	if !(confidence > 0) {
		confidence = 0
	}
	confidence = min(confidence, 1)
	b := min(int(confidence*reliabilityBins), reliabilityBins-1)
	r.count[b]++
	r.sum[b] += confidence
	if right {
		r.right[b]++
	}
}

// Total is how many decisions there were, and how many of them were right.
func (r *Reliability) Total() (decisions, right int) {
	for b, n := range r.count {
		decisions += n
		right += r.right[b]
	}
	return decisions, right
}

// Confidence is the mean confidence, NaN without decisions.
func (r *Reliability) Confidence() float64 {
	sum, n := 0.0, 0
	for b := range r.count {
		sum += r.sum[b]
		n += r.count[b]
	}
	return sum / float64(n)
}

// Accuracy is the share that was right, NaN without decisions.
func (r *Reliability) Accuracy() float64 {
	n, right := r.Total()
	return float64(right) / float64(n)
}

// ECE is the expected calibration error: the distance between mean confidence and
// accuracy in a bin, averaged over ten bins of equal width by their decisions; 0 is
// best. NaN without decisions.
func (r *Reliability) ECE() float64 {
	sum, n := 0.0, 0
	for b := range r.count {
		sum += math.Abs(r.sum[b] - float64(r.right[b]))
		n += r.count[b]
	}
	return sum / float64(n)
}

// Bins are the bins that have decisions, by rising confidence.
func (r *Reliability) Bins() []ReliabilityBin {
	var out []ReliabilityBin
	for b, n := range r.count {
		if n > 0 {
			out = append(out, ReliabilityBin{
				Low: float64(b) / reliabilityBins, High: float64(b+1) / reliabilityBins, Decisions: n,
				Confidence: r.sum[b] / float64(n), Accuracy: float64(r.right[b]) / float64(n),
			})
		}
	}
	return out
}

// String is the bins as a table.
func (r *Reliability) String() string {
	var out strings.Builder
	out.WriteString("  confidence   mean   right  decisions\n")
	for _, b := range r.Bins() {
		fmt.Fprintf(&out, "  %.1f to %.1f  %.3f  %.3f  %9d\n", b.Low, b.High, b.Confidence, b.Accuracy, b.Decisions)
	}
	return out.String()
}
