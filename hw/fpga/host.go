package fpga

import (
	"math"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
)

// Host turns events into the words that a device takes. It keeps the base of the stamps,
// by the rule that features/surface has for surfaces in a host's memory: times that run
// back by more than the decay's horizon clear the surface, and where stamps would leave
// their range, all are moved so that the latest becomes twice the horizon and two.
type Host struct {
	horizon uint64
	index   bool
	config  Config

	HostState
	stamp   uint32 // of the last event word with a time
	stamped bool
}

// HostState is what a host remembers of its stream; with the device's memories, it is all
// that is needed to go on elsewhere. Its fields are those of features/surface's state.
type HostState struct {
	Base, Newest int64 // the time whose stamp is 0, and the latest seen; 0 before the first
	Started      bool
	StepsBack    uint64 // how often time ran back by more than the horizon
}

// Restore goes on from a state, with a device whose surface is as it was then.
func (h *Host) Restore(s HostState) { h.HostState, h.stamped = s, false }

// NewHost makes a host for a device of that configuration, whose surface is clear. Where
// stamps are numbers of events in the stead of times, index is true.
func NewHost(c Config, index bool) *Host {
	return &Host{horizon: uint64(c.Decay.Horizon), index: index, config: c}
}

// Append appends the words of an event: one where it has the stamp of the one before, two
// otherwise, and a command ahead of it where one is needed.
func (h *Host) Append(words []uint32, e events.Event) []uint32 {
	word := EventWord(e.X, e.Y, e.P)
	if !h.sees(e) {
		return append(words, word|NoTime) // its time does not count
	}
	t := e.T
	if h.index {
		t = h.Newest + 1
	}
	stamp, command, commanded := h.stampOf(t)
	if commanded {
		words = append(words, CommandWord, command)
	}
	if h.stamped && stamp == h.stamp {
		return append(words, word|NoTime)
	}
	h.stamp, h.stamped = stamp, true
	return append(words, word, stamp)
}

// sees tells whether a cell of the device is for the event.
func (h *Host) sees(e events.Event) bool {
	return int(e.X) < h.config.Width && int(e.Y) < h.config.Height && (h.config.Mode != ModeOn || e.P&1 == events.On)
}

func (h *Host) stampOf(t int64) (stamp, command uint32, commanded bool) {
	newest := max(h.Newest, t)
	ago, since := uint64(newest)-uint64(t), uint64(t)-uint64(h.Base)
	if h.Started && since <= hw.MaxStamp && ago <= h.horizon && uint64(newest)-uint64(h.Newest) <= math.MaxUint32 {
		h.Newest = newest
		return uint32(since), 0, false
	}
	origin := 2*int64(h.horizon) + 2
	move := uint64(t-origin) - uint64(h.Base)
	switch {
	case !h.Started:
		// The surface is clear already.
		h.Started = true
	case ago > h.horizon:
		h.StepsBack++
		command, commanded = Clear(), true
	case move > hw.MaxStamp:
		command, commanded = Clear(), true // nothing would be left
	default:
		command, commanded = Rebase(uint32(move)), true
	}
	h.Newest, h.Base = t, t-origin
	return uint32(origin), command, commanded
}

// Reset begins anew, as before a new recording, and gives the words that clear the
// device's surface.
func (h *Host) Reset(words []uint32) []uint32 {
	h.Started, h.Newest, h.Base = false, 0, 0
	return append(words, CommandWord, Clear())
}
