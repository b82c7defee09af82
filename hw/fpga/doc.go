// Package fpga is the host's side of saccade's accelerator: its registers, the words of its streams, the
// configuration that it takes, [Host], which turns events into words, and [Open], which makes an engine of package hw of
// a device at the other end of a [Link]: what the layers of targets with such a device run on. It knows nothing of how a device is
// made: sim/fpga's model, the design in rtl and a board are all behind a [Bus] and two streams of words.
// sim/fpga's package comment is the specification that all of them follow.
package fpga
