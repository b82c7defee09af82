// Package model is the file in which what was learned is kept: a FEAST layer's
// configuration, weights and thresholds and, once one was trained, the pooling
// and the readout on top of it, or a network over frames.
//
// # The file
//
// Little-endian:
//
//	"SACMODEL" | version u32 | number of sections u32
//	then each section: name, 8 bytes padded with zeros | length u64 | CRC-32C u32 | bytes
//
// The sections of version 1 are feast (JSON of feast.Config), weights (master weights,
// then thresholds, int32 each), pool (JSON of pool.Config) and readout (a linear one,
// as package readout marshals it); the last two are missing where no readout was
// trained. Version 2 has two more, which may be missing: parts (JSON, a list of
// pool.Part: how the descriptor counts over time) and schedule (readout.Schedule); and
// its readout may be any readout.Classifier. Version 3 has layers behind the first:
// layer2 (JSON of stack.Config) and weights2, layer3 and so on. Version 4 has a network
// over frames: frames (JSON of frames.Config), network (a file of package delta), labels
// (JSON, a list of texts, one an output) and, where confidences are calibrated, interval
// and whole (readout.Schedule, see package decide); and it may have counted (JSON, a list
// of numbers from 1): the layers whose features the readout's descriptor counts together,
// where that is not the last alone.
//
// A model that version 1 can hold is written as version 1, so that it has the same
// bytes, and with them the same name in the states of pipelines, as it always had.
package model
