package hwtest

import (
	"fmt"
	"runtime/debug"
	"testing"
	"unsafe"

	"github.com/saccade-dev/saccade/hw"
)

// region is memory for one slice at a time, between two guards. Where the
// operating system can be asked, the guards are pages that cannot be touched;
// everywhere, bytes with a known pattern lie between the slice and the guards.
type region struct {
	name       string
	memory     []byte // all that may be touched
	low, high  int    // the part of it that slices may take
	begin, end int    // the part that the slice takes
}

// A slice is placed with its end at the guard behind the region, with its start
// at the guard before it, or a few elements off that start, for alignments that
// neither has.
type placement struct {
	name  string
	atEnd bool
	shift int // elements
}

var placements = []placement{
	{name: "guard behind", atEnd: true},
	{name: "guard before"},
	{name: "1 off", shift: 1},
	{name: "5 off", shift: 5},
}

const (
	margin = 256 // bytes of the pattern on either side, where there is room
	canary = 0xa5
	// spare is room beside the largest slice, for placements that are shifted.
	spare = 512
)

// memory is what slices of kernels are made of. Nothing of it holds a pointer,
// which memory that the collector does not know must not.
type memory interface {
	int8 | int16 | int32 | uint32 | hw.Step | hw.Delta | hw.Tap
}

// place makes the region hold a slice of n elements, all zero.
func place[T memory](r *region, n int, at placement) []T {
	var zero T
	size := int(unsafe.Sizeof(zero))
	length := n * size
	if length+spare > r.high-r.low {
		panic(panicRegion)
	}
	r.begin = r.low + at.shift*size
	if at.atEnd {
		r.begin = r.high - length
	}
	r.end = r.begin + length
	for _, side := range r.margins() {
		for i := range side {
			side[i] = canary
		}
	}
	out := r.memory[r.begin:r.end:r.end]
	clear(out)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&out[0])), n)
}

const panicRegion = "hwtest: a region is smaller than its slice"

func (r *region) margins() [2][]byte {
	return [2][]byte{
		r.memory[max(0, r.begin-margin):r.begin],
		r.memory[r.end:min(len(r.memory), r.end+margin)],
	}
}

// untouched fails when a byte beside the slice has changed.
func (r *region) untouched(t testing.TB, what string) {
	t.Helper()
	if r.end == r.begin {
		return // nothing was placed in it
	}
	for side, name := range []string{"before", "behind"} {
		for _, b := range r.margins()[side] {
			if b != canary {
				t.Fatalf("%s: memory %s the slice of %s was written", what, name, r.name)
			}
		}
	}
}

// protect runs a kernel and reports a fault, or another panic, as a failure that
// says where.
func protect(t testing.TB, what string, regions []*region, kernel func()) {
	t.Helper()
	switch p := caught(kernel).(type) {
	case nil:
	case interface{ Addr() uintptr }: // as the runtime panics for a fault
		t.Fatalf("%s: touched memory outside its slices: %s", what, locate(p.Addr(), regions))
	default:
		t.Fatalf("%s: panicked: %v", what, p)
	}
}

func caught(kernel func()) (panicked any) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { panicked = recover() }()
	kernel()
	return nil
}

// locate says which slice an address is nearest to.
func locate(addr uintptr, regions []*region) string {
	best, where := ^uintptr(0), fmt.Sprintf("address %#x", addr)
	for _, r := range regions {
		begin := uintptr(unsafe.Pointer(unsafe.SliceData(r.memory))) + uintptr(r.begin)
		end := begin + uintptr(r.end-r.begin)
		switch {
		case addr < begin && begin-addr < best:
			best, where = begin-addr, fmt.Sprintf("%d bytes before the slice of %s", begin-addr, r.name)
		case addr >= end && addr-end < best:
			best, where = addr-end, fmt.Sprintf("%d bytes behind the end of the slice of %s", addr-end, r.name)
		}
	}
	return where
}
