// Package filter drops events that no change in the scene made: a pixel's repetitions, and
// what single pixels say by themselves.
//
// # Refractory period
//
// [Refractory] drops an event where the last kept event of its pixel lies less than a
// period away. What counts is the last kept event and not the last of any: a pixel that
// fires faster than once a period gives one event a period, as one would that is held in
// reset for so long, and is not silenced for ever.
//
// # Background activity
//
// [Background] drops an event where none of the eight pixels around it had an event within
// dt: noise comes from pixels on their own, edges move over neighbours. It is the filter
// that T. Delbruck describes in "Frame-free dynamic digital vision" (Proceedings of
// the International Symposium on Secure-Life Electronics, 2008) and that jAER has as its
// BackgroundActivityFilter. These choices are ours, where there are several:
//
//   - The event's own pixel does not support it, or a hot pixel, which fires
//     by itself at a high rate, would be let through by its own events.
//   - Events support their neighbours whether they are kept or not. Were it
//     the kept ones alone, nothing would ever be kept: the first event of an edge has no support.
//   - Polarity does not matter: behind an ON edge follows an OFF edge of the same thing.
//   - A neighbour's last event counts, not all that it had; with times in order it is the nearest.
//
// The first event of everything that appears is dropped with the noise. That is the price.
//
// # Order
//
// Where both are wanted, the refractory period comes first. The other way round a hot
// pixel supports its neighbours at its own rate; behind a refractory period it does once a period.
//
// # Time
//
// Times are microseconds. "Away" and "within" go in both directions, as streams are not
// always in order: an event that comes late is judged by how far its time lies from that
// of the last event of a pixel, whichever of the two is earlier.
//
// A clock may be turned back. An event more than [TurnedBack] before the latest one begins
// anew: nothing that came before it counts any more, for it or for those behind it. Nothing
// has to wait until the time has caught up. Behind a smaller step back, what the pixels had
// is judged by its distance as ever, so that no pixel drops more than one period of its events.
// A leap ahead leaves what lies more than a period behind, as time that passes does.
//
// # What is not on the sensor
//
// An event outside the geometry is kept and changes nothing: it is not for a filter to hide
// that a stream and a geometry do not belong together.
//
// # Memory and state
//
// A pixel takes 32 bits, whatever the times: a stamp relative to a base that follows the
// stream ([events.MaxSide] bounds it to 64 MiB). A state holds what can matter to events to come, and no more.
//
// Invariants:
//   - What is kept depends on the events and their order alone: neither on how they are cut
//     into packets, nor on whether a state was taken and put back between any two.
//   - Run does not allocate, and equals Keep for every event.
package filter
