package train

import (
	"encoding/binary"
	"fmt"
	"math"
)

// decoder reads a checkpoint and remembers the first error.
type decoder struct {
	b   []byte
	at  int
	err error
}

func (d *decoder) fail(want, got string) {
	if d.err == nil {
		d.err = fmt.Errorf("at byte %d: expected %s, found %s", d.at, want, got)
	}
}

// take gives the next n bytes, and zeros where there are not so many and n is small.
func (d *decoder) take(n int, what string) []byte {
	if d.err == nil && n > len(d.b)-d.at {
		d.fail(fmt.Sprintf("%d bytes of %s", n, what), fmt.Sprintf("%d", len(d.b)-d.at))
	}
	if d.err != nil {
		return make([]byte, min(n, 8))
	}
	d.at += n
	return d.b[d.at-n : d.at]
}

func (d *decoder) text() []byte {
	n := int(binary.LittleEndian.Uint32(d.take(4, "a length")))
	if n > maxText {
		d.fail(fmt.Sprintf("a text of at most %d bytes", maxText), fmt.Sprint(n))
		return nil
	}
	return d.take(n, "a text")
}

// number is a count from 0 to most.
func (d *decoder) number(what string, most uint64) int {
	v := binary.LittleEndian.Uint64(d.take(8, what))
	if v > most {
		d.fail(fmt.Sprintf("%s of at most %d", what, most), fmt.Sprint(v))
		return 0
	}
	return int(v)
}

// float is a finite number from low to high.
func (d *decoder) float(what string, low, high float64) float64 {
	v := math.Float64frombits(binary.LittleEndian.Uint64(d.take(8, what)))
	if !(v >= low && v <= high) {
		d.fail(fmt.Sprintf("%s of %v to %v", what, low, high), fmt.Sprint(v))
		return 0
	}
	return v
}

// exactly is a count that must be the one given.
func (d *decoder) exactly(what string, want int) {
	if got := d.number(what, math.MaxInt64); got != want {
		d.fail(fmt.Sprintf("%d %s", want, what), fmt.Sprint(got))
	}
}

// state reads what a training has come to.
func (d *decoder) state(t *Trainer) {
	n := t.net
	n.input = d.float("what a level of the input is worth", math.SmallestNonzeroFloat64, math.MaxFloat64)
	const most = 1 << 40
	t.update, t.size, t.batches = d.number("updates", most), d.number("sequences", 1<<31), d.number("batches", most)
	if t.size > 0 {
		t.updates = t.allUpdates(t.size)
	}
	if t.update > t.updates {
		d.fail(fmt.Sprintf("at most %d updates", t.updates), fmt.Sprint(t.update))
	}
	for _, to := range []*float64{&t.epoch.task, &t.epoch.sparsity, &t.epoch.l1} {
		*to = d.float("a loss", 0, math.MaxFloat64)
	}
	for _, to := range t.epoch.numbers() {
		*to = uint64(d.number("a count", math.MaxInt64))
	}
	d.exactly("weights and biases", len(n.numbers))
	for _, list := range append([][]float32{n.numbers}, t.moments...) {
		from := d.take(4*len(list), "numbers")
		if d.err != nil {
			return
		}
		for i := range list {
			list[i] = math.Float32frombits(binary.LittleEndian.Uint32(from[4*i:]))
			if !finite(float64(list[i])) {
				d.fail("finite numbers", fmt.Sprintf("%v as number %d", list[i], i))
				return
			}
		}
	}
	d.exactly("steps", len(n.steps))
	for _, list := range [][]float64{n.steps, n.floors} {
		for i := range list {
			list[i] = d.float("a step", 0, 1e30)
		}
	}
	for i, at := range n.at {
		// A layer's steps are known, all of them, or not yet.
		for _, q := range n.stepsOf(i) {
			if (q == 0) != (n.steps[at.steps] == 0) {
				d.fail("steps above 0, or none, of layer "+n.graph.Nodes[i].Name, fmt.Sprint(n.stepsOf(i)))
				return
			}
		}
	}
	d.exactly("bounds", len(n.bounds))
	for i := range n.bounds {
		n.bounds[i] = d.float("a bound", 0, math.MaxFloat64)
	}
}
