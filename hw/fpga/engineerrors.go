package fpga

import (
	"errors"
	"fmt"
)

// ErrFailed is among the errors of every call of an engine behind the one that failed, and ErrClosed of every call
// behind Close.
var (
	ErrFailed = errors.New("fpga: the device has failed before")
	ErrClosed = errors.New("fpga: the device was given back")
)

// SequenceError says that a result is not that of the event whose turn it is: results were lost, repeated or
// changed on their way, or the device has begun anew.
type SequenceError struct {
	Event           uint64 // number of the event whose result was expected, since the device was opened
	Expected, Found uint16 // sequence numbers, modulo 2^16
}

func (e *SequenceError) Error() string {
	return fmt.Sprintf("fpga: event %d: expected result number %d, found %d", e.Event, e.Expected, e.Found)
}

// ResultError says that a result cannot be that of its event.
type ResultError struct {
	Event    uint64
	Expected string
	Found    int16
}

func (e *ResultError) Error() string {
	return fmt.Sprintf("fpga: event %d: expected %s, found %d", e.Event, e.Expected, e.Found)
}

// SurplusError says that a result came where no event was unanswered.
type SurplusError struct {
	Events uint64 // that were sent, all of which were answered
	Word   uint32
}

func (e *SurplusError) Error() string {
	return fmt.Sprintf("fpga: all of %d events are answered: expected no result, found %#08x", e.Events, e.Word)
}

// MarkError says that a mark came that was not asked for, or ahead of results.
type MarkError struct {
	Expected, Found uint16 // tags
	Unanswered      uint64 // events whose results should have come before
}

func (e *MarkError) Error() string {
	if e.Unanswered > 0 {
		return fmt.Sprintf("fpga: mark %d: expected the results of %d more events before it", e.Found, e.Unanswered)
	}
	return fmt.Sprintf("fpga: expected mark %d, found %d", e.Expected, e.Found)
}

// SilenceError says what the device owed when it stopped answering; it wraps the link's error, such as [ErrTimeout].
type SilenceError struct {
	Unanswered uint64 // events
	Err        error
}

func (e *SilenceError) Error() string {
	return fmt.Sprintf("fpga: waiting for the results of %d events and a mark: %v", e.Unanswered, e.Err)
}

func (e *SilenceError) Unwrap() error { return e.Err }

// CounterError says that the device has counted otherwise than the host.
type CounterError struct {
	Counter         string
	Expected, Found uint32 // modulo 2^32
}

func (e *CounterError) Error() string {
	return fmt.Sprintf("fpga: counter of %s: expected %d, found %d", e.Counter, e.Expected, e.Found)
}

// OverflowError says that a FIFO of the device had to drop something.
type OverflowError struct {
	In, Out bool // which FIFO
}

func (e *OverflowError) Error() string {
	switch {
	case e.In && e.Out:
		return "fpga: overflow: the device has dropped words and results"
	case e.In:
		return "fpga: overflow: the device has dropped words that did not fit its input FIFO"
	}
	return "fpga: overflow: the device has dropped results that did not fit its result FIFO"
}

// ResetError says that the device is no longer as it was configured.
type ResetError struct {
	Register        uint32 // that says so: RegStatus, a configuration register, or the counter of events
	Expected, Found uint32
}

func (e *ResetError) Error() string {
	return fmt.Sprintf("fpga: the device was reset or configured anew: register %#x: expected %#x, found %#x", e.Register, e.Expected, e.Found)
}

// BusyError says that the device did not come to rest.
type BusyError struct {
	Polls  int
	Status uint32
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("fpga: expected the device to be idle, found status %#x at each of %d readings", e.Status, e.Polls)
}

// LoadError says that a memory does not hold what was written to it.
type LoadError struct {
	Window          uint32
	Place           int // in the order of the window
	Expected, Found uint32
}

func (e *LoadError) Error() string {
	return fmt.Sprintf("fpga: loading memory %d: word %d: expected %#x, found %#x", e.Window, e.Place, e.Expected, e.Found)
}
