package prophesee

// plausible finds out the encoding of words that no header names: the one that
// gives every word a type that it has, and high parts of time that there are and
// that never fall. It is empty where that is true of none or of several.
func plausible(words []byte) string {
	found := ""
	for _, e := range []struct {
		name  string
		size  int
		types uint32 // a bit for each type that the encoding has
		mask  uint64 // of the high part
		shift uint   // of the high part
	}{
		{EVT2, 4, 1<<0 | 1<<1 | typeHigh | 1<<0xa | 1<<0xe | 1<<0xf, 1<<28 - 1, 0},
		{EVT21, 8, 1<<0 | 1<<1 | typeHigh | 1<<0xa | 1<<0xe | 1<<0xf, 1<<28 - 1, 32},
		{EVT3, 2, 1<<0 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<7 | typeHigh | 1<<0xa | 1<<0xe | 1<<0xf, 1<<12 - 1, 0},
	} {
		if fits(words, e.size, e.types, e.mask, e.shift) {
			if found != "" {
				return ""
			}
			found = e.name
		}
	}
	return found
}

// typeHigh is the bit of the words that carry the high part of time, in every
// encoding.
const typeHigh = 1 << 8

func fits(words []byte, size int, types uint32, mask uint64, shift uint) bool {
	var highs int
	var last uint64
	for ; len(words) >= size; words = words[size:] {
		var w uint64
		for i := range size {
			w |= uint64(words[i]) << (8 * i)
		}
		kind := uint32(1) << (w >> (8*size - 4))
		if types&kind == 0 {
			return false
		}
		if kind == typeHigh {
			if v := w >> shift & mask; v < last {
				return false
			} else {
				last = v
			}
			highs++
		}
	}
	return highs > 1
}
