// Package events holds what an event camera sends: the event, the packet it
// travels in, and the contracts of everything that reads or writes them.
//
// An event says that the brightness of one pixel rose (ON) or fell (OFF) by more
// than the pixel's threshold, at a time in microseconds. Coordinates count from
// the top left corner, whatever the file counts from.
//
// # Contracts
//
// A [Reader] gives the events of a file, a [Decoder] those of the messages of a
// stream; both fill packets of bounded size and neither ever holds a whole
// source in memory. Input that cannot be read is a [*FormatError], which says at
// which byte, what was expected and what was found. The events before the damage
// are delivered with the error or before it, and a reader goes on behind the
// damage when it is called again, unless the error is Fatal.
//
// # Formats and encodings
//
// Each format family has a package of its own below this one and registers
// itself in its init function: files with [RegisterFormat], found again by
// content with [Open]; message encodings with [RegisterEncoding], found by the
// name that travels in the message's header with [NewDecoder].
//
// The package formattest is the suite that all of them pass, and its README tells of the
// conformance corpus: files of our own making, with what is in them.
//
// The package imports nothing else of saccade.
package events
