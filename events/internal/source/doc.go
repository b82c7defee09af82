// Package source is what the readers of files share beneath their formats: reading on
// from a source that may cut what it gives anywhere, fail, or give nothing, and filling
// packets in steps until damage or the end.
package source
