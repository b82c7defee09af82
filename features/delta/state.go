package delta

import (
	"encoding/binary"
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// An engine's state, little-endian:
//
//	"SDLT" | version u16 | fingerprint of the network, 32 bytes | steps u64
//	input i32 [value] | last sent i32 [value], of each threshold delta in order
//	done MACs, their total, dense steps, sent, total, fan-out, total, zeros, total u64, of each stage
//
// Values are in the order of the engine's memory. All other values follow from these,
// as sums are exact: they are computed again when a state is put back, so that a state
// cannot hold sums that its inputs do not give.
const (
	stateMagic    = "SDLT"
	stateVersion  = 1
	stateCounters = 9
	stateHead     = len(stateMagic) + 2 + 32 + 8
)

// thresholds are the stages that remember what they last sent.
func (e *Engine) thresholds() (out []*levels) {
	for _, s := range e.stages {
		if l, ok := s.(*levels); ok && l.node.Kind == topology.Threshold {
			out = append(out, l)
		}
	}
	return out
}

func (c *LayerCounters) fields() [stateCounters]*uint64 {
	return [...]*uint64{&c.MACs, &c.TotalMACs, &c.DenseSteps, &c.Sent, &c.TotalSent, &c.FanOut, &c.TotalFanOut, &c.Zeros, &c.TotalZeros}
}

// stateLen is the length of a state.
func (e *Engine) stateLen() int {
	n := stateHead + 4*len(e.input.out) + 8*stateCounters*len(e.stages)
	for _, l := range e.thresholds() {
		n += 4 * len(l.out)
	}
	return n
}

// MarshalBinary takes the engine's state, counters included.
func (e *Engine) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, e.stateLen())
	b = append(b, stateMagic...)
	b = binary.LittleEndian.AppendUint16(b, stateVersion)
	fingerprint := e.net.Fingerprint()
	b = append(b, fingerprint[:]...)
	b = binary.LittleEndian.AppendUint64(b, e.steps)
	b = appendInt32s(b, e.input.out)
	for _, l := range e.thresholds() {
		b = appendInt32s(b, l.out)
	}
	for _, s := range e.stages {
		for _, v := range s.common().counters.fields() {
			b = binary.LittleEndian.AppendUint64(b, *v)
		}
	}
	return b, nil
}

// UnmarshalBinary puts back a state taken from an engine of the same network, on any
// target and in any mode. The engine is as it was when the state is refused.
func (e *Engine) UnmarshalBinary(b []byte) error {
	if len(b) < stateHead || string(b[:len(stateMagic)]) != stateMagic {
		return fmt.Errorf("delta state at byte 0: expected %q and %d bytes, found %q", stateMagic, stateHead, b[:min(len(b), len(stateMagic))])
	}
	at := len(stateMagic)
	if v := binary.LittleEndian.Uint16(b[at:]); v != stateVersion {
		return fmt.Errorf("delta state at byte %d: expected version %d, found %d", at, stateVersion, v)
	}
	at += 2
	if own := e.net.Fingerprint(); string(b[at:at+32]) != string(own[:]) {
		return fmt.Errorf("delta state at byte %d: expected one of network %x, found one of %x", at, own[:8], b[at:at+8])
	}
	if len(b) != e.stateLen() {
		return fmt.Errorf("delta state: expected %d bytes, found %d", e.stateLen(), len(b))
	}
	onKernels := e.options
	onKernels.Device = false // sums that are computed again are put into the device that there is
	fresh, err := NewEngineWith(e.net, e.target, onKernels)
	if err != nil {
		return err
	}
	fresh.steps = binary.LittleEndian.Uint64(b[at+32:])
	at = stateHead
	values := make([]int32, len(e.input.out))
	at = takeInt32s(b, at, values)
	in := e.net.graph.Topology.Input
	for i, v := range values {
		if int(v) < in.Min || int(v) > in.Max {
			return fmt.Errorf("delta state at byte %d: input: expected %d to %d, found %d", stateHead+4*i, in.Min, in.Max, v)
		}
		fresh.input.set(i, v)
	}
	fresh.input.spansOfChanges()
	for _, l := range fresh.thresholds() {
		l.preset = make([]int32, len(l.out))
		at = takeInt32s(b, at, l.preset)
	}
	if fresh.steps == 0 {
		if err := fresh.notBegun(); err != nil {
			return err
		}
	} else if err := fresh.computeAgain(); err != nil {
		return err
	}
	for _, s := range fresh.stages {
		for _, v := range s.common().counters.fields() {
			*v = binary.LittleEndian.Uint64(b[at:])
			at += 8
		}
	}
	put(fresh.output, fresh.last.out, fresh.outside)
	if fresh.steps == 0 {
		clear(fresh.output)
	}
	fresh.options = e.options
	fresh.takeDevice(e.device)
	*e = *fresh
	return nil
}

// notBegun checks a state of before the first step, which holds nothing.
func (e *Engine) notBegun() error {
	if e.input.nonzero > 0 {
		return fmt.Errorf("delta state: input: expected zeros before the first step, found %d other values", e.input.nonzero)
	}
	for _, l := range e.thresholds() {
		for i, v := range l.preset {
			if v != 0 {
				return fmt.Errorf("delta state: layer %s, value %d: expected 0 before the first step, found %d", l.node.Name, i, v)
			}
		}
		l.preset = nil
	}
	return nil
}

// computeAgain is a step in which everything is news and thresholds send what they are
// told to have sent.
func (e *Engine) computeAgain() error {
	for _, s := range e.stages {
		s.run()
		if l, ok := s.(*levels); ok && l.wrong != nil {
			return fmt.Errorf("delta state: %w", l.wrong)
		}
	}
	return nil
}

func appendInt32s(b []byte, values []int32) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return b
}

func takeInt32s(b []byte, at int, values []int32) int {
	for i := range values {
		values[i] = int32(binary.LittleEndian.Uint32(b[at:]))
		at += 4
	}
	return at
}
