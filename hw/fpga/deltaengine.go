package fpga

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
)

// deltaEngine is the layers of a delta network on a device behind a link.
type deltaEngine struct {
	link   Link
	bulk   BulkBus
	verify bool
	lanes  int
	layers []DeltaLayer
	window int
	failed error
	closed bool

	words []uint32
	got   []uint32 // room for what is received
	marks uint16

	taken, sent uint64 // changes and sums, since the device was configured
}

var _ hw.DeltaEngine = (*deltaEngine)(nil)

func (e *deltaEngine) begin(layer int) error {
	switch {
	case layer < 0 || layer >= len(e.layers):
		panic(PanicLayer)
	case e.closed:
		return ErrClosed
	case e.failed != nil:
		return fmt.Errorf("%w: %w", ErrFailed, e.failed)
	}
	return nil
}

func (e *deltaEngine) end(err error) error {
	e.failed = err
	return err
}

// Load implements [hw.DeltaEngine].
func (e *deltaEngine) Load(layer int, sums []int32) error {
	if err := e.begin(layer); err != nil {
		return err
	}
	l := &e.layers[layer]
	if len(sums) != l.Sums() {
		panic(PanicSumsLength)
	}
	e.words = append(e.words[:0], CommandWord, Zero(uint8(layer)))
	if err := e.sync(); err != nil {
		return e.end(err)
	}
	if err := e.load(WindowSums, l.SumsAt, l.packSums(sums, e.lanes)); err != nil {
		return e.end(err)
	}
	return e.end(e.check())
}

// Store implements [hw.DeltaEngine].
func (e *deltaEngine) Store(layer int, sums []int32) error {
	if err := e.begin(layer); err != nil {
		return err
	}
	l := &e.layers[layer]
	if len(sums) != l.Sums() {
		panic(PanicSumsLength)
	}
	words := make([]uint32, l.SumWords(e.lanes)*e.lanes)
	if err := e.read(WindowSums, l.SumsAt, words); err != nil {
		return e.end(err)
	}
	l.unpackSums(sums, words, e.lanes)
	return e.end(e.check())
}

// Add implements [hw.DeltaEngine].
func (e *deltaEngine) Add(layer int, changes []hw.Delta, sums []int32, touched func(from, to int)) error {
	if err := e.begin(layer); err != nil {
		return err
	}
	l := &e.layers[layer]
	if len(sums) != l.Sums() {
		panic(PanicSumsLength)
	}
	inputs := uint32(l.Inputs())
	for i := range changes {
		if uint32(changes[i].Index) >= inputs {
			panic(PanicChange)
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return e.end(e.add(layer, changes, NewSumsReader(l, e.lanes, sums, touched)))
}

func (e *deltaEngine) add(layer int, changes []hw.Delta, r *SumsReader) error {
	begin := func() { e.words = append(e.words[:0], CommandWord, Changes(uint8(layer))) }
	begin()
	for _, d := range changes {
		// A change may need several words. It is cut where the window is full.
		for left := d.Value; left != 0; {
			part := max(min(left, MaxChange), MinChange)
			e.words = append(e.words, ChangeWord(d.Index, part))
			left -= part
			e.taken++
			if len(e.words) == e.window-2 {
				if err := e.sync(); err != nil {
					return err
				}
				begin()
			}
		}
	}
	e.words = append(e.words, CommandWord, Sums(uint8(layer), true))
	if err := e.link.Send(e.words); err != nil {
		return fmt.Errorf("fpga: sending changes of layer %d: %w", layer, err)
	}
	for done := false; !done; {
		n, err := e.link.Receive(e.got)
		if err != nil {
			return fmt.Errorf("fpga: waiting for the sums of layer %d: %w", layer, err)
		}
		for i, w := range e.got[:n] {
			if done, err = r.Word(w); err != nil {
				return err
			}
			if done && i < n-1 {
				return &SumsError{What: "words behind the end", Expected: 0, Found: n - 1 - i}
			}
		}
	}
	e.sent += uint64(r.Count())
	return e.check()
}

// sync sends what waits, and waits until the device has done it.
func (e *deltaEngine) sync() error {
	e.marks++
	e.words = append(e.words, CommandWord, Mark(e.marks))
	if err := e.link.Send(e.words); err != nil {
		return fmt.Errorf("fpga: sending changes: %w", err)
	}
	n, err := e.link.Receive(e.got)
	switch {
	case err != nil:
		return fmt.Errorf("fpga: waiting for a mark: %w", err)
	case n != 1 || e.got[0] != ResultWord(e.marks, MarkResult):
		return &MarkError{Expected: e.marks, Found: uint16(e.got[0] >> 16)}
	}
	return nil
}

// check compares what the device has counted with what the host knows: a change that was lost would be missing in
// the sums for ever.
func (e *deltaEngine) check() error {
	addresses := [...]uint32{RegStatus, RegError, counter(DeltaTaken), counter(DeltaRefused), counter(DeltaSent)}
	var values [len(addresses)]uint32
	if err := ReadList(e.link, addresses[:], values[:]); err != nil {
		return err
	}
	switch status := values[0]; {
	case status&StatusConfigured == 0:
		return &ResetError{Register: RegStatus, Expected: status | StatusConfigured, Found: status}
	case status&(StatusOverflowIn|StatusOverflowOut) != 0:
		return &OverflowError{In: status&StatusOverflowIn != 0, Out: status&StatusOverflowOut != 0}
	case values[1] != 0:
		return deviceError(values[1])
	}
	for i, c := range []struct {
		name     string
		expected uint64
	}{{"changes", e.taken}, {"changes refused", 0}, {"sums", e.sent}} {
		if v := values[i+2]; v != uint32(c.expected) {
			return &CounterError{Counter: c.name, Expected: uint32(c.expected), Found: v}
		}
	}
	return nil
}

func counter(number uint32) uint32 { return RegDeltaCounters + 8*number }

// Counters implements [hw.DeltaEngine].
func (e *deltaEngine) Counters() (c hw.DeltaCounters, err error) {
	if err := e.begin(0); err != nil {
		return c, err
	}
	c.Lanes = e.lanes
	for _, r := range []struct {
		number uint32
		to     *uint64
	}{{DeltaActive, &c.Cycles}, {DeltaBusy, &c.Busy}, {DeltaTaken, &c.Changes}, {DeltaMACs, &c.MACs}, {DeltaSent, &c.Sent}} {
		addresses := [...]uint32{counter(r.number), counter(r.number) + 4}
		var halves [2]uint32
		if err := ReadList(e.link, addresses[:], halves[:]); err != nil {
			return c, e.end(err)
		}
		*r.to = uint64(halves[1])<<32 | uint64(halves[0])
	}
	return c, nil
}

// Close implements [hw.DeltaEngine].
func (e *deltaEngine) Close() error {
	if e.closed {
		return nil
	}
	e.closed = true
	return e.link.Close()
}
