// Package frames turns events into frames for networks that compute in steps: one for
// every interval of time, or of events, each an array of small integers, [plane][row]
// [column], as package delta's engines take them.
//
//	c := frames.Default()
//	c.Width, c.Height = 34, 34
//	f, err := frames.New(c)
//	err = f.Add(events, nil, func(frame *frames.Frame) error { ... })
//	err = f.End(...) // the recording is over
//
// # What is drawn
//
// Raw events have a plane for each polarity, OFF and ON, or one for both, or one for ON
// alone. Features, the winners of a FEAST layer, have a plane each; an event that no
// feature won is not drawn, nor is one that lies outside the sensor, or that has a
// polarity that is not looked at.
//
// A frame of [Counts] says how many events were drawn in a cell since the frame before,
// in units of Step events, rounded, halves upwards, and at most Levels. A frame of a
// [Surface] says how long ago the latest event of a cell was when the interval ended:
// Levels times exp(-age/Tau), or what another decay makes of it, rounded. A surface is
// kept from interval to interval; counts begin anew.
//
// A cell is a pixel, or a window of Kernel x Kernel pixels, Pool pixels from the next
// one: windows overlap where Kernel is larger than Pool. The windows of a side of n
// pixels are ceil(n/Pool), the first begins (Kernel-Pool)/2 pixels before the border,
// rounded down, and what of them lies beyond the border is empty. An event counts in
// every window that its pixel lies in: counts are sums over the window, and surfaces,
// as values fall with age, its maximum.
//
// All of that is done in integers, with the decay of package hw, so that frames are the
// same bits on every machine.
//
// # Intervals
//
// Intervals of time, of Every, follow each other from the first event of the recording
// on, drawn or not. An event at an interval's end or behind it is what ends it: nothing
// here looks at a clock. Events that come late, by less than Every before the interval
// under way, count in that one. Time that runs back further is a new start: the
// interval under way ends, surfaces are cleared, and the next begins with that event.
//
// An interval without events has a frame, too: the network sees that there is nothing.
// After a silence, though, at most MaxEmpty such frames are given, and the intervals
// left until the next event are left out, which the next frame says ([Frame].Skipped).
// A stream that was silent for a day does not give a million frames.
//
// Intervals of events, of Events, end with the last of so many events that were drawn.
//
// At the end of a recording what is left has a frame if anything of it was drawn, or
// if the recording would have no frame otherwise; a surface's ages are those at the end
// of the whole interval, where that is one of time.
//
// However a recording is cut into packets, the same frames come of it, and so they do
// where the state is taken and put back in between.
package frames
