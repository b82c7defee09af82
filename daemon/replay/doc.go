// Package replay publishes recordings as a camera would: cut into messages by
// number of events and by time, paced by the recording's own clock or as fast as
// they are taken.
//
// # Nothing lost, nothing twice
//
// Every message asks for an acknowledgement, which the daemon gives once the
// results are published. A window of messages may be under way; one that is not
// acknowledged in time, or that nobody listened for, is sent again, with all that
// follow it (go-back-N). Session and sequence number let the daemon tell a message
// that it has processed already, and the number of the oldest one that is not
// acknowledged lets it wait for that one. A daemon that is stopped and started in
// the middle of a replay thus gets every message exactly once, as long as it keeps
// its state.
//
// # Who does what
//
//	cutter  reads a recording and cuts it into chunks
//	maker   opens one recording after the other and makes messages of the chunks
//	sender  sends messages when they are due, and again until they are acknowledged
//	timeline says when they are, from where the pace was last changed: lateness does not add up
//	Control steers it: pause, seek, speed; [Service] does so over NATS
//
// All of it is in one goroutine, Run's; the connection's own only hands over
// replies.
//
// # Jumps
//
// Before a pause is told to be one, and before a jump, what is under way is acknowledged. A jump
// (a seek, another recording) ends the recording as far as the daemon is concerned, with a message that
// has an end and no events, so that its surfaces and counts begin anew as between two recordings of a
// folder; the label of what was played comes with it. Numbers go on without a gap. Times are the
// recording's own, or, where they would go back, carried on a microsecond behind the latest. The
// recording is opened again and read up to the place, which takes as long as decoding it does.
//
// # Damage
//
// A recording that is damaged, or that the encoding cannot hold, ends where the
// damage is and is told to have ended; the next one follows. The error comes at the
// end of the replay.
package replay
