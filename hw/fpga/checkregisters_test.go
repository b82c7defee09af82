package fpga_test

import (
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/hw/fpga"
)

// The check of words is the CRC-32 of their bytes, however they are taken apart.
func TestCheckWords(t *testing.T) {
	require.Equal(t, uint32(0x2144df1c), fpga.CheckWords(0, []uint32{0}), "of four bytes of 0")
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.Uint32()).Draw(t, "words")
		cut := rapid.IntRange(0, len(words)).Draw(t, "cut")
		var bytes []byte
		for _, w := range words {
			bytes = binary.LittleEndian.AppendUint32(bytes, w)
		}
		require.Equal(t, crc32.ChecksumIEEE(bytes), fpga.CheckWords(fpga.CheckWords(0, words[:cut]), words[cut:]))
	})
}
