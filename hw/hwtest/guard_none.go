//go:build !linux && !darwin

package hwtest

import "testing"

// newRegion makes a region for slices of at most size bytes. What is read beyond
// them goes unnoticed here; what is written shows in the pattern beside them.
func newRegion(_ testing.TB, name string, size int) *region {
	memory := make([]byte, margin+size+spare+margin)
	return &region{name: name, memory: memory, low: margin, high: margin + size + spare}
}
