package rtltest

import (
	"fmt"
	"strings"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// Pair is the design and its model, which are given the same in every cycle. What the design has on its pins is
// compared with what the model has; the first cycle in which they differ is an error, and so is a register that does
// not read the same. It is used by one goroutine at a time.
type Pair struct {
	Model *fpga.Device

	design *Simulation
	cycle  uint64 // of the first in in

	in   []In
	want []expected
	got  []Out
	acks []answer // of the accesses that are not yet answered
}

// expected is what the model has on its pins in a cycle.
type expected struct {
	fpga.Out
	loose bool // the design's may be others: an access takes it time, but the model none
}

// answer is what an access to a register must give.
type answer struct {
	cycle   uint64 // in which it began
	address uint32
	read    bool
	data    uint32
}

var _ hwfpga.Bus = (*Pair)(nil)

// batch is how many cycles are sent to the design at once.
const batch = 1 << 13

// longestAccess is more cycles than a register's access takes.
const longestAccess = 16

// NewPair makes a pair of a running design and a new model of the same build.
func NewPair(design *Simulation, b fpga.Build) (*Pair, error) {
	model, err := fpga.NewDevice(b)
	if err != nil {
		return nil, err
	}
	return &Pair{Model: model, design: design}, nil
}

// Tick is a cycle of both. An access to a register may begin in it, where the one before has been over for a while;
// the model takes it ahead of the cycle.
func (p *Pair) Tick(in In) error {
	// The design's pins do not depend on the bus in the same cycle.
	out := p.Model.Out()
	var data uint32
	var err error
	switch {
	case in.Read:
		data, err = p.Model.Read(in.Address)
	case in.Write:
		err = p.Model.Write(in.Address, in.Value)
	}
	if err != nil {
		return err
	}
	return p.tick(in, expected{Out: out}, data)
}

// tick is the cycle behind an access that the model has taken, and that gave data.
func (p *Pair) tick(in In, want expected, data uint32) error {
	if in.Read || in.Write {
		p.acks = append(p.acks, answer{cycle: p.cycle + uint64(len(p.in)), address: in.Address, read: in.Read, data: data})
	}
	p.in, p.want = append(p.in, in), append(p.want, want)
	p.Model.Tick(in.In)
	if len(p.in) < batch {
		return nil
	}
	return p.Flush()
}

// Flush takes the design through the cycles that the model is ahead of it, and compares.
func (p *Pair) Flush() error {
	p.got = append(p.got[:0], make([]Out, len(p.in))...)
	if err := p.design.Run(p.in, p.got); err != nil {
		return err
	}
	for i := range p.got {
		want, got := &p.want[i], &p.got[i]
		if got.Ack {
			if err := p.answered(got.Data); err != nil {
				return p.differ(i, err)
			}
		}
		if got.Out != want.Out && !want.loose {
			return p.differ(i, fmt.Errorf("expected %s, found %s", show(want.Out), show(got.Out)))
		}
	}
	p.cycle += uint64(len(p.in))
	p.in, p.want = p.in[:0], p.want[:0]
	if len(p.acks) > 0 && p.acks[0].cycle+longestAccess <= p.cycle {
		return fmt.Errorf("rtltest: register %#x: expected an answer to the access in cycle %d, found none", p.acks[0].address, p.acks[0].cycle)
	}
	return nil
}

// answered compares what an access gave.
func (p *Pair) answered(data uint32) error {
	if len(p.acks) == 0 {
		return fmt.Errorf("an answer %#x on the bus that nobody asked for", data)
	}
	a := p.acks[0]
	p.acks = p.acks[1:]
	if a.read && data != a.data {
		return fmt.Errorf("register %#x: expected %#x to be read, found %#x", a.address, a.data, data)
	}
	return nil
}

func (p *Pair) differ(i int, err error) error {
	var b strings.Builder
	for j := max(0, i-60); j <= i; j++ {
		in := p.in[j]
		fmt.Fprintf(&b, "\n  cycle %d: %s; model %s; design %s", p.cycle+uint64(j), showIn(in), show(p.want[j].Out), show(p.got[j].Out))
	}
	return fmt.Errorf("rtltest: cycle %d: %w%s", p.cycle+uint64(i), err, b.String())
}

func show(o fpga.Out) string {
	s := "full"
	if o.Ready {
		s = "ready"
	}
	if o.Valid {
		s += fmt.Sprintf(" %08x", o.Word)
	}
	return s
}

func showIn(in In) string {
	s := "-"
	if in.Valid {
		s = fmt.Sprintf("%08x", in.Word)
	}
	if in.Ready {
		s += " taken"
	}
	if in.Read {
		s += fmt.Sprintf(" read %#x", in.Address)
	}
	if in.Write {
		s += fmt.Sprintf(" write %#x %#x", in.Address, in.Value)
	}
	return s
}
