package fpga

import "fmt"

// readTwice reads memories that were stored once more: the registers' words have no check of their own, and a state
// that was changed on its way would be computed on.
func (e *engine) readTwice(parts []part) error {
	for _, p := range parts {
		err := e.through(p, func(words []uint32, at int) error {
			if err := e.bulk.ReadAt(RegData, words); err != nil {
				return err
			}
			for i, w := range words {
				if was := p.at(at + i); w != was {
					return &StoreError{Window: p.window, Place: at + i, First: was, Second: w}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// park leaves the window at a memory that cannot be written: were a later write to go astray to RegData, it would
// change what was learned.
func (e *engine) park() error { return e.link.Write(RegWindow, WindowSquares) }

// StoreError says that a word of a memory was not the same when it was read again.
type StoreError struct {
	Window        uint32
	Place         int // in the order of the window
	First, Second uint32
}

func (e *StoreError) Error() string {
	return fmt.Sprintf("fpga: storing memory %d: word %d: expected %#x again, found %#x", e.Window, e.Place, e.First, e.Second)
}
