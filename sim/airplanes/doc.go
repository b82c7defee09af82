// Package airplanes simulates small, fast aeroplanes before an event camera: a stand-in
// for the recordings that FEAST was tested on beside N-MNIST.
//
// These are of model aeroplanes dropped by hand close to an ATIS, at a wide range of
// orientations and velocities (Afshar, Hamilton, Tapson, van Schaik and Cohen,
// "Investigation of Event-Based Surfaces for High-Speed Detection, Unsupervised Feature
// Extraction, and Object Recognition", Frontiers in Neuroscience 12:1047, 2019, whose
// abstract says so). A public catalogue of event data sets lists them as four types of
// jets, 200 recordings of each, 304x240 pixels. Neither the recordings nor more of the
// paper was at hand: silhouettes, speeds, backgrounds and noise are ours, and a figure
// measured here says nothing of a figure measured there.
//
// # What is simulated
//
// A [Config] holds the set-up: the camera (package sim/sensor), a dark silhouette of
// one of four classes that crosses the field within some 100 to 400 ms, its size, its
// path, how it is turned, tilted and spun, and a textured background that makes events
// of its own as the camera drifts and shakes. Silhouettes of one size sweep over as
// much with their edges, so that the number of events says little of the class. [Record] makes one
// recording, [NewReader] one that is simulated while it is read, and a [DataSet] any
// number of labelled ones. Each comes with its [Flight], which tells the class and, at
// any time, where the aeroplane is: the ground truth for recognition and detection.
//
// # Invariants
//
//   - A recording depends on its class, configuration and seed; a recording of a data
//     set on the data set's configuration and seed and on its index. How many
//     goroutines make them, in which order, and on what machine, has no influence.
//   - Times count from 0 at the beginning of a recording and are never negative. At 0
//     the aeroplane is out of sight, and again at the end.
//   - Every goroutine of an iteration has ended when the iteration has.
package airplanes
