package hil

import (
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
)

// Clocked is a link to a device whose clock the host can see and drive: a model in this process, such as
// sim/fpga/target's. Where a link is one, a run paces by cycles of the device, and counts latencies in them.
type Clocked interface {
	hwfpga.Link
	// Watch has f called for each word that crosses the device's pins, with the number of the cycle.
	Watch(f func(out bool, word uint32, cycle uint64))
	// Cycle is the number of cycles that have passed.
	Cycle() uint64
	// Until lets time pass up to a cycle.
	Until(cycle uint64) error
	// Waiting is how many words of results can be received without time passing.
	Waiting() int
}

// Modelled is a link to a model in this process.
type Modelled interface {
	Device() *simfpga.Device
}

// latencies counts, at the device's pins, the cycles that pass behind the one in which an event's last word was taken
// until its result's first word is there, as sim/fpga's page counts them. What goes wrong on the link between host and device does not disturb it. It counts only devices that drop nothing:
// which event was dropped is not seen at the pins.
type latencies struct {
	Histogram
	second  bool
	first   uint32
	waiting []uint64 // the cycles in which events came that are not answered yet, a ring
	head, n int
	reader  *hwfpga.ResultReader
	paused  bool
}

func newLatencies(detail bool) *latencies {
	return &latencies{waiting: make([]uint64, 1<<12), reader: hwfpga.NewResultReader(detail)}
}

func (l *latencies) watch(out bool, word uint32, cycle uint64) {
	if !out {
		l.in(word, cycle)
		return
	}
	begins := !l.reader.Between()
	l.reader.Word(word)
	if begins && uint16(word) != markWinner && l.n > 0 {
		since := cycle - l.waiting[l.head] - 1
		l.head, l.n = (l.head+1)%len(l.waiting), l.n-1
		if !l.paused {
			l.Add(since)
		}
	}
}

// markWinner is what a mark has in the place of a winner.
const markWinner uint16 = 1 << 15

func (l *latencies) in(word uint32, cycle uint64) {
	first := word
	switch {
	case l.second:
		first, l.second = l.first, false
	case word&hwfpga.NoTime == 0:
		l.first, l.second = word, true
		return
	}
	if first&hwfpga.NoTime == 0 && first&^(1<<15) == hwfpga.CommandWord {
		return
	}
	if l.n == len(l.waiting) {
		grown := make([]uint64, 2*l.n)
		copy(grown[copy(grown, l.waiting[l.head:]):], l.waiting[:l.head])
		l.waiting, l.head = grown, 0
	}
	l.waiting[(l.head+l.n)%len(l.waiting)] = cycle
	l.n++
}
