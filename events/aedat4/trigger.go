package aedat4

import "encoding/binary"

// The fields of a Trigger that are used, and the sources that are edges and pulses at
// the camera's input. The others are resets of the clock, the camera's own generator,
// and the beginnings and ends of frames and exposures.
const (
	fieldSource = 1
	risingEdge  = 1
	pulse       = 3
)

// countTriggers counts those of n triggers that are there: edges and pulses at the input
// as "external trigger", others as "trigger".
func (r *reader) countTriggers(buf []byte, begin int, n int64) error {
	var external, other int64
	defer func() {
		r.count("external trigger", external)
		r.count("trigger", other)
	}()
	for at := begin; n > 0 && at+4 <= len(buf); at, n = at+4, n-1 {
		t, err := tableAt(buf, at, int64(at)+int64(binary.LittleEndian.Uint32(buf[at:])))
		if err != nil {
			return err
		}
		source, err := t.field(fieldSource, 1)
		if err != nil {
			return err
		}
		if source != 0 && buf[source] >= risingEdge && buf[source] <= pulse {
			external++
		} else {
			other++
		}
	}
	return nil
}
