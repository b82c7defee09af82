// Package durable keeps what sensors send, and what comes of it, in two JetStream
// streams, so that nothing is lost or said twice whatever ends a daemon.
//
// # The streams
//
//	events    PREFIX.*.events                       what sensors publish
//	results   PREFIX.*.features, .labels, .rejects  what comes of it
//	          PREFIX.*.owner                        where a sensor changes hands
//
// The daemon makes both where they are not there, and checks them where they are.
//
// # Exactly once
//
// What a pipeline makes of a sensor's messages is a function of them and their order, and
// each message has a number in the stream of events. So three things suffice:
//
//   - A checkpoint holds a pipeline's state and the number of the last message that it has
//     seen ([Position]). Whoever goes on from it reads the stream behind that number, and
//     makes the same results again, bit for bit.
//   - Results carry Nats-Msg-Id SENSOR.NUMBER.INDEX.EPOCH and are stored one after the other, so that the last one
//     that is stored of a sensor is the [Mark] of what need not be stored again.
//   - Each is stored only if the sensor's last message in the stream of results is the one that the
//     writer knows of (Nats-Expected-Last-Subject-Sequence, of PREFIX.SENSOR.*): of two daemons that
//     both believe that a sensor is theirs, one is refused, reads the mark anew, and leaves out what
//     the other has stored. This holds whatever the clocks say, and however long a daemon was away;
//     the stream's window of duplicates is not what it rests on.
//
// # One owner at a time
//
// Owners of a sensor have terms, each a later one than the one before. What a user changes (learning
// frozen, a model put in) is not in the messages, so results are a function of them alone only while one
// daemon makes them. A new owner therefore stores its term on PREFIX.SENSOR.owner, a fence, before it looks
// where to go on from ([Results.Fence]). Whatever an earlier owner stores then is not behind the last message
// that it knows of; it is refused, finds the fence, and stops ([bus.FencedError]). A change is answered when a checkpoint
// with it is stored and no fence was found behind that ([Results.Owns]): then the next owner sees it. Checkpoints
// are written into their slots by compare-and-set, so that a former owner replaces none of its successor's.
// The first owner stores no fence, nor does a daemon that comes back to a sensor that is still its own.
//
// A message is acknowledged when its results are stored. Acknowledgements bound how much is
// under way (the consumer's MaxAckPending); where to go on is what checkpoints say, so that
// one that is lost does no harm.
//
// What must be kept: the stream of events what was stored since the last checkpoint, the
// stream of results the last result of each sensor. Where messages were removed before they
// were processed, it is said, and counted as a gap where they are numbered by their sender.
package durable
