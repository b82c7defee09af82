package rosbag_test

import (
	"math/bits"
	"slices"
)

// A compressor for bzip2, which Go does not have: plain, slow, and for the small chunks of
// tests. It makes blocks of one Huffman table whose codes are all about equally long.

type bitWriter struct {
	out  []byte
	acc  uint64
	have uint
}

func (w *bitWriter) bits(v uint64, n uint) {
	for i := n; i > 0; i-- {
		w.acc = w.acc<<1 | v>>(i-1)&1
		if w.have++; w.have == 8 {
			w.out, w.acc, w.have = append(w.out, byte(w.acc)), 0, 0
		}
	}
}

// bzip2Block is how much goes into a block, by far less than what is allowed.
const bzip2Block = 4000

func bzip2(data []byte) []byte {
	w := &bitWriter{out: []byte("BZh1")}
	var all uint32
	for block := range slices.Chunk(data, bzip2Block) {
		sum := bzip2Sum(block)
		all = bits.RotateLeft32(all, 1) ^ sum
		w.bits(0x314159265359, 48)
		w.bits(uint64(sum), 32)
		w.block(runs(block))
	}
	w.bits(0x177245385090, 48)
	w.bits(uint64(all), 32)
	for w.have != 0 {
		w.bits(0, 1)
	}
	return w.out
}

// bzip2Sum is CRC-32 with the high bit first.
func bzip2Sum(b []byte) uint32 {
	sum := ^uint32(0)
	for _, c := range b {
		sum ^= uint32(c) << 24
		for range 8 {
			carry := sum >> 31
			sum = sum<<1 ^ carry*0x04c11db7
		}
	}
	return ^sum
}

// runs puts behind four equal bytes how many more there are.
func runs(b []byte) (out []byte) {
	for len(b) > 0 {
		n := 1
		for n < len(b) && n < 255 && b[n] == b[0] {
			n++
		}
		for range min(n, 4) {
			out = append(out, b[0])
		}
		if n >= 4 {
			out = append(out, byte(n-4))
		}
		b = b[n:]
	}
	return out
}

func (w *bitWriter) block(b []byte) {
	// Burrows and Wheeler: the last column of the sorted rotations.
	order := make([]int, len(b))
	for i := range order {
		order[i] = i
	}
	twice := slices.Concat(b, b)
	slices.SortStableFunc(order, func(i, j int) int { return slices.Compare(twice[i:i+len(b)], twice[j:j+len(b)]) })
	last := make([]byte, len(b))
	origin := 0
	for i, at := range order {
		last[i] = twice[at+len(b)-1]
		if at == 0 {
			origin = i
		}
	}
	w.bits(0, 1)
	w.bits(uint64(origin), 24)

	// Which bytes there are.
	var used [256]bool
	var front []byte
	for _, c := range b {
		used[c] = true
	}
	var groups uint64
	for i := range 16 {
		if slices.Contains(used[16*i:16*i+16], true) {
			groups |= 1 << (15 - i)
		}
	}
	w.bits(groups, 16)
	for i := range 256 {
		if groups>>(15-i/16)&1 == 0 {
			continue
		}
		w.bits(map[bool]uint64{true: 1}[used[i]], 1)
		if used[i] {
			front = append(front, byte(i))
		}
	}
	end := len(front) + 1
	symbols := append(moved(last, front), end)

	// Two tables, as that is the least there may be, and the first is always taken.
	groupsOf50 := (len(symbols) + 49) / 50
	w.bits(2, 3)
	w.bits(uint64(groupsOf50), 15)
	w.bits(0, uint(groupsOf50))
	// A complete code: short codes for as many symbols as there is room for.
	n := end + 1
	long := uint(bits.Len(uint(n - 1)))
	short := 1<<long - n
	length := func(s int) uint {
		if s < short {
			return long - 1
		}
		return long
	}
	for range 2 {
		now := length(0)
		w.bits(uint64(now), 5)
		for s := range n {
			for ; now < length(s); now++ {
				w.bits(0b10, 2)
			}
			w.bits(0, 1)
		}
	}
	for _, s := range symbols {
		if s < short {
			w.bits(uint64(s), long-1)
		} else {
			w.bits(uint64(s+short), long)
		}
	}
}

// moved gives the symbols of a column: bytes by how long ago they were met, and runs of
// the latest as numbers of the digits 1 and 2.
func moved(column, front []byte) (out []int) {
	front = slices.Clone(front)
	run := 0
	flush := func() {
		for ; run > 0; run = (run - 1) / 2 {
			out = append(out, (run-1)%2)
		}
	}
	for _, c := range column {
		i := slices.Index(front, c)
		if i == 0 {
			run++
			continue
		}
		flush()
		out = append(out, i+1)
		copy(front[1:i+1], front[:i])
		front[0] = c
	}
	flush()
	return out
}
