//go:build !purego

package cpu

func init() { deltaSets = append(deltaSets, deltaSet{"neon", deltaNEON()}) }
