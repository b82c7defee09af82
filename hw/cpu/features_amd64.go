//go:build !purego

package cpu

import (
	"slices"

	"github.com/klauspost/cpuid/v2"

	"github.com/saccade-dev/saccade/hw"
)

// features tells which features of the processor are there.
func features(required []cpuid.FeatureID, optional ...cpuid.FeatureID) []hw.Feature {
	var list []hw.Feature
	for _, id := range slices.Concat(required, optional) {
		list = append(list, hw.Feature{Name: id.String(), Required: slices.Contains(required, id), Present: cpuid.CPU.Supports(id)})
	}
	return list
}
