package aedat2_test

import (
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
)

func corpus() []formattest.File {
	small, middle, large := events.Geometry{Width: 128, Height: 128}, events.Geometry{Width: 240, Height: 180}, events.Geometry{Width: 346, Height: 260}
	davis346 := "#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.Davis346red\r\n"

	dvsEvents := formattest.Scene(1, 300, 0, small)
	dvsFile := []byte(dvsText)
	for i, e := range dvsEvents {
		dvsFile = append(dvsFile, file("", dvs(uint32(e.T), uint64(e.X), uint64(e.Y), uint64(e.P)))...)
		if i%50 == 9 {
			dvsFile = append(dvsFile, file("", 1<<47|uint64(e.T), 1<<63|uint64(e.T))...)
		}
	}

	// Frames are read out of a DAVIS pixel by pixel, reset then signal, between events;
	// a sample of the IMU is seven records.
	mixed := formattest.Scene(2, 300, 1000, middle)
	mixedFile := []byte(davisText)
	for i, e := range mixed {
		mixedFile = append(mixedFile, file("", davisRecord(e))...)
		if i%10 == 3 {
			pixel := davis(uint32(e.T), uint64(i%240), uint64(i%180), 0)
			mixedFile = append(mixedFile, file("", frameReset|pixel|512, frameSignal|pixel|300)...)
		}
		if i%60 == 5 {
			for k := range uint64(7) {
				mixedFile = append(mixedFile, file("", imu|k<<60|(0xfff0+k)<<44|uint64(e.T))...)
			}
		}
		if i%70 == 6 {
			mixedFile = append(mixedFile, file("", trigger|davisRecord(e))...)
		}
	}

	above := formattest.Scene(3, 300, 1<<31-3000, large)
	wrap := formattest.Scene(4, 300, 1<<32-3000, large)
	hash := append([]events.Event{{T: 0x10, X: 0xd0, Y: 140, P: events.On}}, formattest.Scene(5, 20, 0x20, middle)...)
	unnamed := formattest.Scene(6, 100, 5, middle)
	cut := formattest.Scene(7, 20, 5, middle)
	off := formattest.Scene(8, 20, 5, middle)
	offFile := davisFile(davisText, off[:10]...)
	offFile = append(offFile, file("", davis(9000, 240, 0, 1), davis(9001, 0, 180, 1))...)
	offFile = append(offFile, davisFile("", off[10:]...)...)
	truncated := made("truncated.aedat", "the last record has five bytes", middle, append(davisFile(davisText, cut...), 1, 2, 3, 4, 5), cut)
	truncated.Cut = true
	outside := made("off_sensor.aedat", "two records off the sensor", middle, offFile, off)
	outside.Damaged = 2
	return []formattest.File{
		made("dvs128.aedat", "DVS128: x turned, polarity turned, edges on the input and special records between", small, dvsFile, dvsEvents),
		made("davis240_mixed.aedat", "DAVIS240C: pixels of frames, samples of the IMU and edges on the input between", middle, mixedFile, mixed),
		made("davis346_above_2_31.aedat", "times beyond 2^31 us, which have the sign bit set", large, davisFile(davis346, above...), above),
		made("davis346_runs_over.aedat", "times run over 2^32 us", large, davisFile(davis346, wrap...), wrap),
		made("davis240_hash.aedat", "the first record begins with '#', carriage return, line feed; a line says that the text ends",
			middle, davisFile(davisText+"#End Of ASCII Header\r\n", hash...), hash),
		made("unnamed.aedat", "no chip is named: the addresses are a DAVIS's", middle, davisFile("#!AER-DAT2.0\r\n", unnamed...), unnamed),
		made("header_only.aedat", "no records", middle, []byte(davisText), nil),
		truncated, outside,
	}
}

func davisRecord(e events.Event) uint64 {
	return davis(uint32(e.T), uint64(e.X), uint64(e.Y), uint64(e.P))
}

func davisFile(text string, in ...events.Event) []byte {
	b := []byte(text)
	for _, e := range in {
		b = append(b, file("", davisRecord(e))...)
	}
	return b
}
