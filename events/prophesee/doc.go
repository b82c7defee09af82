// Package prophesee holds what the three encodings of Prophesee's cameras share:
// the text header of RAW files, the sensor's clock, external triggers, and the
// readers, message decoders and writers around the words of one encoding. The
// words themselves are read in the packages evt2, evt21 and evt3.
//
// A RAW file is a text header and the words as the camera sent them ("RAW File
// Format", docs.prophesee.ai/stable/data/file_formats/raw.html):
//
//	% date 2023-03-29 16:37:46            lines of "% ", a keyword, a space, a value
//	% evt 3.0                             the encoding, in files of every age
//	% format EVT3;height=720;width=1280   the encoding, in newer files, with options
//	% geometry 1280x720
//	% plugin_name hal_plugin_imx636_evk4
//	% sensor_generation 4.2
//	% end                                 may be missing: data begins at the first
//	                                      line that does not begin with "% "
//	words of 16, 32 or 64 bits, low byte first
//
// Where the header says "format", that counts, and "evt" where it does not. The
// geometry is that of the options of "format", of "geometry", or of "width" and
// "height". Older files name the sensor only (sensor_name, plugin_name,
// sensor_generation, generation); its size is then a guess that holds until an
// event contradicts it, and so is the size of the encoding's usual sensor when
// not even the sensor is named.
//
// # Time
//
// Each encoding counts microseconds in two parts: words of their own carry the
// high part, and the counter starts again when it is full, after 2^24 us (16.8 s)
// in EVT 3.0 and after 2^34 us (4.8 h) in the others. A [Clock] puts the turns
// together: a high part that falls by half a turn or more has run over; one that
// falls by less is a step back in time, and is delivered as one.
//
// # Messages
//
// As message encodings, evt2, evt21, evt21-legacy and evt3, a message's bytes are
// the words of a file without its header. They are a stream: time, row and vector
// base are carried from message to message. After a lost message, or when a stream
// is entered in its middle, events are left out (and counted) until their time, row
// and base are known again. ROS's event_camera_msgs leave the time base of these
// encodings undefined, so it is used only where it is a whole number of turns other
// than zero, which is what the encoders here send: it then says which turn of the
// counter the message lies in. Otherwise turns are counted from the first message
// on. What is carried can be taken between two messages and put back
// ([Decoder.MarshalBinary]).
//
// # Conformance corpus
//
// testdata/corpus holds small files of what cameras send and decoders trip over:
// vectors of every length, words between the words of a vector, padding, triggers,
// extensions, turns of the clock, starts in the middle and ends in the middle of a
// word. corpus.json gives the content of each, with a digest a field as events.Digest
// has it. The files are made by the package's tests, which know the events before
// they make the words. See events/formattest/README.md for how to use them.
package prophesee
