package hil

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// difference is what of an answer is not as it should be.
type difference struct {
	winner, tie, dot, norm, lost bool
	off                          int64 // of the dot product, where the winner is the same
}

// mismatch tells whether it counts as one.
func (d difference) mismatch() bool { return d.winner && !d.tie || d.dot || d.norm || d.lost }

func (d difference) String() string {
	switch {
	case d.lost:
		return "no answer"
	case d.winner:
		return "another winner"
	case d.dot:
		return "another dot product"
	case d.norm:
		return "another norm"
	}
	return "none"
}

// judge compares an answer with what is expected.
func (c *Compare) judge(want *Answer, got hwfpga.Result, there bool) (d difference) {
	if !there {
		return difference{lost: true}
	}
	if d.winner = want.Winner != got.Winner; !c.Details {
		d.tie = d.winner && c.Arithmetic == Tolerance && want.Winner >= hw.Missed && got.Winner >= hw.Missed
		return d
	}
	d.off = int64(got.Dot) - int64(want.Dot)
	if d.off < 0 {
		d.off = -d.off
	}
	norms := int64(got.Norm) - int64(want.Norm)
	if norms < 0 {
		norms = -norms
	}
	if c.Arithmetic == Bits {
		d.dot, d.norm = d.off != 0, norms != 0
		return d
	}
	d.norm = norms > c.Norms
	if !d.winner {
		d.dot = d.off > c.Dots
		return d
	}
	// Another feature, or none, may win where numbers are a little off: that is counted apart, and the share of such
	// events is judged in the end. What has no patch needs no arithmetic.
	competes := func(w int16) bool { return w >= hw.Missed }
	if competes(want.Winner) && competes(got.Winner) {
		d.tie, d.off = true, 0
	}
	return d
}

// MemoryCompare is what a device holds beside what it should.
type MemoryCompare struct {
	Master     Part `json:"weights"`
	Thresholds Part `json:"thresholds"`
	Surface    Part `json:"surface"`
}

// Same tells whether all of it is as it should be.
func (m *MemoryCompare) Same() bool {
	return m.Master.Differ+m.Thresholds.Differ+m.Surface.Differ == 0
}

func (m *MemoryCompare) String() string {
	if m.Same() {
		return fmt.Sprintf("the same: %d weights, %d thresholds, %d stamps", m.Master.Words, m.Thresholds.Words, m.Surface.Words)
	}
	return fmt.Sprintf("weights: %v; thresholds: %v; stamps: %v", &m.Master, &m.Thresholds, &m.Surface)
}

// Part is one of a device's memories beside what it should hold.
type Part struct {
	Words  int   `json:"words"`
	Differ int   `json:"differ"` // by more than the tolerance
	Most   int64 `json:"most"`   // by which a word differs
	// First are the first few that differ.
	First []Word `json:"first,omitempty"`
}

func (p *Part) String() string {
	if p.Differ == 0 {
		return "the same"
	}
	f := p.First[0]
	return fmt.Sprintf("%d of %d differ, the first at %s: expected %d, found %d", p.Differ, p.Words, f.At, f.Want, f.Got)
}

// Word is a word of a memory that is not as it should be.
type Word struct {
	At   string `json:"at"`
	Want int64  `json:"expected"`
	Got  int64  `json:"found"`
}

const fewWords = 8

// compareMemories compares what a device holds with what it should.
func compareMemories(c *Compare, config *hwfpga.Config, want, got Memories) *MemoryCompare {
	n, side := config.Side()*config.Side(), config.Side()
	return &MemoryCompare{
		Master: compareWords(want.Master, got.Master, c.Weights, func(i int) string {
			return fmt.Sprintf("feature %d, row %d, column %d", i/n, i%n/side, i%n%side)
		}),
		Thresholds: compareWords(want.Thresholds, got.Thresholds, c.Thresholds, func(i int) string { return fmt.Sprintf("feature %d", i) }),
		Surface: compareWords(want.Surface, got.Surface, 0, func(i int) string {
			return fmt.Sprintf("plane %d, x %d, y %d", i/(config.Width*config.Height), i%config.Width, i/config.Width%config.Height)
		}),
	}
}

func compareWords[T int32 | uint32](want, got []T, tolerance int64, at func(i int) string) Part {
	p := Part{Words: len(want)}
	for i, w := range want {
		off := int64(w) - int64(got[i])
		if off < 0 {
			off = -off
		}
		p.Most = max(p.Most, off)
		if off <= tolerance {
			continue
		}
		if p.Differ++; len(p.First) < fewWords {
			p.First = append(p.First, Word{At: at(i), Want: int64(w), Got: int64(got[i])})
		}
	}
	return p
}
