// Package cpu holds the kernels of the targets that are CPUs.
//
// The portable ones, purego, are always compiled: they are the definition that the
// others are tested against, and what runs where nothing better can. Those of amd64,
// avx2 and avx512, are assembly that the program in _asm writes (go generate); that
// of arm64, neon, is assembly by hand. The build tag purego leaves all of it out.
// Which of them a machine can run is asked of it when the process starts.
package cpu
