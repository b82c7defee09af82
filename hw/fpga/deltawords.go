package fpga

import "math"

// Words of the streams that are the delta engine's. The package comment of sim/fpga has what is between them.
const (
	// MaxChange is the largest change of one word, and MinChange the least. One more would make index 32767's
	// a CommandWord; a larger change is as good as several that add up to it.
	MaxChange = math.MaxInt16 - 1
	MinChange = math.MinInt16

	// OpTouched in an OpSums asks for those sums only that were touched.
	OpTouched = 1 << 8
	// OpLayer is a layer's number in a command.
	OpLayer = 0xff
)

// Changes is the command behind which words are changes of a layer's inputs, until the next [CommandWord].
func Changes(layer uint8) uint32 { return OpChanges | uint32(layer) }

// Sums is the command that sends a layer's sums: all of them, or those that were touched since they were last sent.
func Sums(layer uint8, touched bool) uint32 {
	if touched {
		return OpSums | OpTouched | uint32(layer)
	}
	return OpSums | uint32(layer)
}

// Zero is the command that makes a layer's sums 0, none of them touched.
func Zero(layer uint8) uint32 { return OpZero | uint32(layer) }

// AppendChange appends the change of an input, which is below 2^16: one word where it fits, none where it is 0.
func AppendChange(words []uint32, index, change int32) []uint32 {
	for change > MaxChange || change < MinChange {
		part := max(min(change, MaxChange), MinChange)
		words = append(words, ChangeWord(index, part))
		change -= part
	}
	if change == 0 {
		return words
	}
	return append(words, ChangeWord(index, change))
}

// ChangeWord is a change from MinChange to MaxChange.
func ChangeWord(index, change int32) uint32 { return uint32(index)<<16 | uint32(uint16(change)) }
