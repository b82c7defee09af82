package mcap

import "encoding/binary"

// fields takes the fields of a record one after the other. Once one does not fit, it and
// all behind it are zero, and short is set.
type fields struct {
	b     []byte
	taken int
	short bool
}

func (f *fields) bytes(n uint64) []byte {
	if f.short || n > uint64(len(f.b)-f.taken) {
		f.short = true
		return nil
	}
	b := f.b[f.taken:][:n]
	f.taken += int(n)
	return b
}

func (f *fields) u16() uint16 {
	if b := f.bytes(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (f *fields) u32() uint32 {
	if b := f.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (f *fields) u64() uint64 {
	if b := f.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// text is a string, or other bytes whose length stands before them in 32 bits.
func (f *fields) text() []byte { return f.bytes(uint64(f.u32())) }
