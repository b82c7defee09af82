package hil

import (
	"fmt"
	"math/rand/v2"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

func init() { //nolint:gochecknoinits // it fills the registry
	RegisterFault(FaultKind{
		Name: "drop", Doc: "words that never arrive", Directed: true, New: newWordFault,
	})
	RegisterFault(FaultKind{
		Name: "corrupt", Doc: "words with one bit turned over", Directed: true, New: newWordFault,
		Parameters: map[string]string{"bit": "which, 0 to 31; any where nothing is said"},
	})
}

// wordFault drops words, or turns over one of their bits: each with a probability, or the first word of one event, or
// of one event's result.
type wordFault struct {
	hwfpga.Link
	kind   string
	out    bool
	rate   float64
	at     int64
	bit    int64 // -1: any
	rng    *rand.Rand
	struck int64

	events int64 // whose words went by; of results, those
	second bool
	reader *hwfpga.ResultReader
	kept   []uint32
}

func newWordFault(f FaultConfig, c *hwfpga.Config) (Fault, error) {
	w := &wordFault{
		kind: f.Kind, out: f.Direction == Out, rate: f.Rate, at: f.At, bit: f.parameter("bit", -1),
		rng: rand.New(rand.NewPCG(f.Seed, 0xfa17)), reader: hwfpga.NewResultReader(c.Detail),
	}
	if w.bit < -1 || w.bit > 31 {
		return nil, fmt.Errorf("bit: expected 0 to 31, found %d", w.bit)
	}
	return w, nil
}

// Struck is how many words were dropped or changed.
func (f *wordFault) Struck() int64 { return f.struck }

// Wrap gives the link with the fault.
func (f *wordFault) Wrap(link hwfpga.Link) hwfpga.Link {
	f.Link = link
	return f
}

// Send sends words, those of the fault's direction after it has seen them.
func (f *wordFault) Send(words []uint32) error {
	if f.out {
		return f.Link.Send(words)
	}
	f.kept = f.kept[:0]
	for _, w := range words {
		first := !f.second
		event := first && w&^(1<<15) != hwfpga.CommandWord
		f.second = first && w&hwfpga.NoTime == 0
		f.pass(w, event)
		if event {
			f.events++
		}
	}
	if len(f.kept) == 0 {
		return nil
	}
	return f.Link.Send(f.kept)
}

// Receive gives words, those of the fault's direction after it has seen them.
func (f *wordFault) Receive(words []uint32) (int, error) {
	for {
		n, err := f.Link.Receive(words)
		if err != nil || !f.out {
			return n, err
		}
		f.kept = f.kept[:0]
		for _, w := range words[:n] {
			first := !f.reader.Between()
			mark := first && uint16(w) == uint16(0x8000)
			f.pass(w, first && !mark)
			if r, ok := f.reader.Word(w); ok && !r.Mark {
				f.events++
			}
		}
		if len(f.kept) > 0 {
			return copy(words, f.kept), nil
		}
	}
}

// pass keeps a word as the fault leaves it. One that begins an event or its result can be struck by number.
func (f *wordFault) pass(w uint32, begins bool) {
	strikes := f.rate == 0 && begins && f.events == f.at
	if f.rate > 0 {
		strikes = f.rng.Float64() < f.rate
	}
	if !strikes {
		f.kept = append(f.kept, w)
		return
	}
	f.struck++
	if f.kind == "drop" {
		return
	}
	bit := f.bit
	if bit < 0 {
		bit = f.rng.Int64N(32)
	}
	f.kept = append(f.kept, w^1<<bit)
}
