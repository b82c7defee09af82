package aedat2_test

import (
	"encoding/binary"
)

// file puts text and records together.
func file(text string, records ...uint64) []byte {
	b := []byte(text)
	for _, r := range records {
		b = binary.BigEndian.AppendUint64(b, r)
	}
	return b
}

// davis is a record of a DAVIS, by the layout in the package comment.
func davis(t uint32, x, y, on uint64) uint64 { return y<<54 | x<<44 | on<<43 | uint64(t) }

// dvs is a record of a DVS128.
func dvs(t uint32, x, y, on uint64) uint64 { return (y<<8|(127-x)<<1|1-on)<<32 | uint64(t) }

const (
	frameReset  = 1 << 63
	frameSignal = 1<<63 | 1<<42
	imu         = 1<<63 | 3<<42
	trigger     = 1 << 42

	dvsText   = "#!AER-DAT2.0\r\n# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n"
	davisText = "#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n"
)
