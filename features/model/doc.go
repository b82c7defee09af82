// Package model is the file in which what was learned is kept: a FEAST layer's
// configuration, weights and thresholds and, once one was trained, the pooling
// and the readout on top of it.
//
// # The file
//
// Little-endian, version 1:
//
//	"SACMODEL" | version u32 | number of sections u32
//	then each section: name, 8 bytes padded with zeros | length u64 | CRC-32C u32 | bytes
//
// The sections are feast (JSON of feast.Config), weights (master weights, then
// thresholds, int32 each), pool (JSON of pool.Config) and readout (as package
// readout marshals it); the last two are missing where no readout was trained.
package model
