// Package cpu holds the kernels of the targets that are CPUs. The portable ones,
// purego, are always compiled: they are the definition that the others are
// tested against, and what runs where nothing better can.
package cpu
