// Package formattest is the conformance suite that every codec of events passes.
// It is imported by tests alone.
//
// [ReadAll] reads to the end and holds a reader to the contract of [events.Reader]
// while it does; [DecodeAll] does the same for [events.Decoder]. Nearly every test
// of a codec goes through one of the two. On top of them stand
//
//   - [Reader]: a file made by hand, however its source cuts it, cut off at every
//     byte, behind a source that fails or gives nothing;
//   - [Writer]: refusals, errors of what lies beneath, events handed over in any parts;
//   - [Sound]: what holds for any bytes, the body of a fuzz target;
//   - [Resumed]: messages that another decoder takes up between any two, with the state of
//     the one before;
//   - [Recordings]: the real recordings of SACCADE_DATA, against what others found in
//     them, and written again;
//   - [Corpus]: the conformance corpus, files of our own making and what is in them
//     (README.md in this folder says how others can use it);
//   - [BenchRead], [BenchWrite] and [BenchCopy]: events and bytes a second.
//
// What is a codec's own stays with it: bytes made by hand, a decoder that follows the
// specification word by word, headers that lie.
//
// The suite's own tests run it on readers and writers that are wrong in one way each,
// and see that it says so: a codec with a new kind of mistake belongs there first.
package formattest
