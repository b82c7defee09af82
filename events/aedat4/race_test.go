//go:build race

package aedat4_test

// Under the race detector sync.Pool forgets some of what it is given, by chance, and the
// libraries of LZ4 and ZSTD keep their blocks in such pools.
func init() { poolsForget = true }
