// Package deltatable measures what is saved by computing on changes only, beside what other
// ways of saving multiply-adds save: the same networks on the same streams of frames, trained
// as long, one arm for each way, and one definition of what a frame costs for all of them.
//
// # Streams
//
// Frames are quantised time surfaces, exponential with 50 ms, one plane for both polarities,
// 127 levels, every 10 ms, from 50 ms on. A surface changes slowly: an event sets a pixel
// once, and it fades for some hundred milliseconds; a stroke that moves by half a
// pixel between two frames renews few pixels. In frames of counts a pixel that is not zero
// is another one in nearly every frame, so that there is more that changes than there is
// that is not zero, and nothing to gain from changes; but there is little that is not zero. An arm of
// its own has these, for honesty: see [Counts]. The levels are as fine as engines take well,
// so that nothing is decided in advance: how coarse the input may be is for each arm to
// find, at the delta activation, threshold or cut in front of the first layer.
//
// # What a frame costs
//
// A layer with weights multiplies each of its inputs that it has to with that input's fan-out.
// Arms that use spatial zeros have to multiply the inputs that are not zero; arms that compute on changes those
// that are other than in the frame before. The first frame of a recording is counted apart. Both are
// [train.Measure]'s, and those of changes are compared with what [delta.Engine] counts.
//
// # Choosing
//
// Each arm has a setting or two (a lambda, a threshold, a number of levels). Which one is compared is
// chosen on recordings that were held out of training: the cheapest that loses no more than a point
// against the ReLU baseline there, as a mean over the seeds. What is reported are other recordings.
package deltatable
