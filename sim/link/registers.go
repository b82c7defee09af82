package link

import (
	"fmt"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// Read implements [hwfpga.Bus].
func (l *Link) Read(address uint32) (uint32, error) {
	if away, err := l.away(); away {
		if err == nil {
			err = lostReading(address)
		}
		return 0, err
	}
	r := l.struckBy(Reads)
	if r == nil {
		return l.inner.Read(address)
	}
	switch r.Do {
	case Drop:
		return 0, lostReading(address)
	case Repeat:
		if _, err := l.inner.Read(address); err != nil {
			return 0, err
		}
	case Stray:
		return l.inner.Read(r.elsewhere(address))
	case Cut:
		l.cut(r)
		return l.Read(address) // which is away now
	}
	v, err := l.inner.Read(address)
	if r.Do == Flip || r.Do == Garbage {
		v = r.change(v)
	}
	return v, err
}

// Write implements [hwfpga.Bus].
func (l *Link) Write(address, value uint32) error {
	if away, err := l.away(); away {
		return err
	}
	r := l.struckBy(Writes)
	if r == nil {
		return l.inner.Write(address, value)
	}
	switch r.Do {
	case Drop:
		return nil
	case Repeat:
		if err := l.inner.Write(address, value); err != nil {
			return err
		}
	case Stray:
		address = r.elsewhere(address)
	case Flip, Garbage:
		value = r.change(value)
	case Cut:
		l.cut(r)
		return l.Write(address, value)
	}
	return l.inner.Write(address, value)
}

// elsewhere is another register than the one that was meant: a bit of its address is turned over, of those that tell
// registers apart.
func (r *rule) elsewhere(address uint32) uint32 {
	bit := r.Bit
	if bit < 0 {
		bit = 2 + r.rng.IntN(8)
	}
	return address ^ 1<<bit
}

func lostReading(address uint32) error {
	return fmt.Errorf("%w: register %#x", hwfpga.ErrTimeout, address)
}
