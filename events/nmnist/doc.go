// Package nmnist reads and writes the 40-bit event files of the N-MNIST family
// (N-MNIST and N-Caltech101), and walks their folder layout.
//
// The layout is that of Orchard, Jayawant, Cohen and Thakor, "Converting Static
// Image Datasets to Spiking Neuromorphic Datasets Using Saccades", Front.
// Neurosci. 9:437 (2015). A file is a run of events of five bytes and nothing
// else; it has no header and no geometry:
//
//	byte      0          1        2 (high bit first)    3          4
//	     +----------+----------+-+-----------------+----------+----------+
//	     |    x     |    y     |p|   t bits 22..16 | t 15..8  |  t 7..0  |
//	     +----------+----------+-+-----------------+----------+----------+
//
// p is 1 for ON; t counts microseconds. An event with y = 240 is none: it says
// that the time stamps behind it have run over, and that 2^13 microseconds more
// are to be added to them, as the data set's own reading code does. The sensor it
// was recorded with has 240 rows, so no real event has that y.
//
// The data set is laid out as Train/<digit>/<number>.bin and
// Test/<digit>/<number>.bin: the folder's name is the label.
//
// As a message encoding, named nmnist, a message's bytes are such events and t
// counts from the message's time base.
package nmnist
