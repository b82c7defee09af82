// Package bus is the NATS side of saccade: the subjects and messages that cross the
// wire, the server inside the daemon, and the connection to that or any other
// server. It knows nothing of pipelines.
//
// # Subjects
//
//	<prefix>.<sensor>.events     in   a camera's own bytes; headers say how to read them
//	<prefix>.<sensor>.features   out  the events that won a feature, for every message of events
//	<prefix>.<sensor>.labels     out  decisions, JSON
//	<prefix>.<sensor>.rejects    out  what could not be read, and why, JSON
//	<prefix>.<sensor>.status     out  counters and state, JSON
//
// The prefix is "saccade" unless configured. A sensor's name is 1 to 64 letters,
// digits, dashes and underscores (a restricted term of NATS ADR-6).
//
// # Events
//
// The headers of an events message have the meaning of ROS's
// event_camera_msgs/EventPacket; all are optional ([EventsHeader]):
//
//	Saccade-Encoding    how the payload is encoded; mono where it is missing
//	Saccade-Width       the sensor's size in pixels, both or none
//	Saccade-Height
//	Saccade-Time-Base   ns, from which the times in the payload count where the encoding says so
//	Saccade-Session     one run of the sender, in which its messages are numbered; with it, a
//	                    message that is sent again is not processed again
//	Saccade-Seq         number of the message, per sensor from 0, so that gaps can be counted
//	Saccade-Oldest      the oldest message of the session that is not acknowledged yet, from a
//	                    sender that goes back to it: messages are then taken in order only
//	Saccade-Recording   name of the recording that the message belongs to; a change begins a new one
//	Saccade-End         1 on the last message of a recording, whose payload may be empty
//	Saccade-Truth       the recording's label, where it is known
//
// # Features
//
// The answer to a message of events holds a record of 16 bytes, little-endian, for
// every event that won a feature, in the order of the events:
//
//	 0                       8       10      12      14    15    16
//	+-----------------------+-------+-------+-------+-----+-----+
//	|           t           |   x   |   y   |feature| pol |flags|
//	+-----------------------+-------+-------+-------+-----+-----+
//	  int64, microseconds    uint16  uint16  uint16  uint8 uint8
//
// pol is 0 for OFF and 1 for ON; flags is 0. Where the daemon was asked for missed events
// too, each has a record with flags 1 and feature 0. The headers ([FeaturesHeader]) repeat
// Saccade-Session, Saccade-Seq and Saccade-Recording of the message answered and account for all of
// its events: Saccade-Events were in it, of which Saccade-Missed had no neuron
// within its threshold, Saccade-Border lay too near the border for a whole patch and
// Saccade-Outside beyond the sensor's geometry; Saccade-Noise had too few recent pixels
// around them and Saccade-Ignored a polarity that the layer does not look at;
// Saccade-Refractory and Saccade-Background were dropped by filters before the layer saw them.
// These four are left out where they are 0; the rest are the records. The answer
// to a long message comes in parts of at most 64 KiB: Saccade-Part numbers them from
// 0, and all but the last have Saccade-More: 1.
//
// # Labels
//
// A label is a JSON object ([Label]). Its kind says what it is of: final, a recording that
// has ended; interval, an interval of time or events, after which counts start anew;
// running, a recording or stream so far, of which there will be more. The label at the
// end of a recording is final whatever it rests on, which t_first_us, t_last_us and
// events say. Whoever wants one label a recording takes those that are final.
//
// # Acknowledgement
//
// A message of events that names a reply subject is answered there once its results
// are published: an empty message with [HeaderOutcome] processed, duplicate or
// rejected. The sender of a message that is not answered sends it again. A reply subject
// is an inbox: its first token begins with an underscore ([Subjects.IsInbox]). A message
// that wants its answer anywhere else is rejected, and not processed.
//
// # Permissions
//
// [Grant.Permissions] is the table of who may publish and subscribe to what: users of the
// embedded server have a [Role], and for other servers the same is written as their
// configuration ([NATSConf]) or as commands ([NSC]); permissions.md has both. Answers to a
// user come to inboxes of its own ([InboxOf]), so that nobody else can read them.
//
// # Invariants
//
//   - What comes from the wire is bounded before anything is allocated for it, and is
//     an error that says where, what was expected and what was found, or valid; never
//     a panic.
//   - Reading and writing headers and features costs no allocation per event, and
//     reading headers none at all.
//   - No password, token, seed or credential is in an error or a log line.
//   - The embedded server is never reachable from another machine without users, and
//     without TLS only where that was asked for.
//   - What was published to the embedded server before [Server.Shutdown] has been
//     written out to every subscriber that was connected, or Shutdown says that not.
//
// The naming follows NATS ADR-6, contexts the `nats` command line tool. The package
// imports `events` of ours, and `hw` for what a layer answers to an event.
package bus
