// Package pipeline is what happens to the events of one sensor: its messages are
// decoded, events may be filtered, a FEAST layer answers every event with a feature and learns, the
// features are pooled, and a readout gives labels. It knows nothing of NATS, of
// other sensors or of clocks: the same messages give the same outputs.
//
// # Recordings and streams
//
// A message may name the recording that it belongs to. Another name than that of
// the message before starts a new recording, as does the first message of a sender:
// surfaces, pooled counts and the decoder's state are cleared, what was learned
// stays. The last message of a recording says so, and a label of the whole recording
// follows. A camera that streams without end names no recording; it gets a label
// for every interval of its own time, if one is configured.
//
// Labels within a recording or stream rest on the events of their interval, which may
// be one of time or of events ([Interval]), or on all since the recording began
// ([Running]). A running label is what is thought so far, and its confidence is
// calibrated by how much has been seen where the model has a schedule. A stream without
// end is best described by decayed activations: counts only ever grow.
//
// A model may have a network over frames of the events, or of what a layer made of them
// (package decide). Labels are then by it: of every frame that has an event, or of the
// frames of an interval, if one is configured; of all frames so far where labels are
// running; and of all frames of the recording at its end, whatever the intervals. The network
// begins every recording as if it were the first.
//
// However events are cut into messages, the same features and labels come of them.
// A label follows the features that it rests on.
//
// # Sequence
//
// A message may carry a session, which names one run of the sender, and a
// sequence number counted from 0 within it. A number that was processed already is
// a message sent again, and is not processed again; a number that is skipped is a
// gap, which is counted and makes the decoder forget what it knew. What comes after
// all, behind messages that were processed without it, is rejected. Another session,
// or 0 where there is none, is a sender that starts again.
//
// A sender that goes back to its oldest message without an acknowledgement says
// which that is. Its messages are taken in their order only: one that is Early
// changes nothing. What it will not go back to is a gap.
//
// # Damage
//
// What cannot be read is a Reject and the stream goes on: behind the damage in a
// message, behind the message where nothing of it can be read. No event is lost
// from the counters: they are hits, missed, border, outside, noise, ignored or filtered.
//
// # Filters
//
// Events may be dropped before the first layer, for a refractory period or as background
// activity ([Filters]). Surfaces, counts, frames and intervals do not know of them; in the
// results they have the marks of package filter. The same comes of it as of a stream that
// was filtered before it was sent. Filters begin anew with a recording.
//
// # State
//
// The state of a pipeline, taken between two messages and put back into a pipeline
// of the same options, continues the stream with the same bits: what the decoder carries
// from message to message, what was learned, surfaces and counts, gaps and counters. It is
// refused by one that starts from another layer, pooling or model, or has other filters ([ErrOrigin]), and where
// it is damaged.
package pipeline
