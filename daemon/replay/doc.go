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
// that it has processed already. A daemon that is stopped and started in the
// middle of a replay thus gets every message exactly once, as long as it keeps its
// state.
package replay
