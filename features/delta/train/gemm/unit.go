package gemm

// unit is a set of instructions to multiply with. Kernels are called by name and not by function
// values, through which callers' matrices would escape to the heap.
type unit int

const (
	unitGo unit = iota
	unitAVX2
	unitAVX512
)

// String is the unit's name, as hw's targets have it.
func (u unit) String() string {
	return [...]string{"purego", "avx2", "avx512"}[u]
}

// best is what Mul and MulSparse use, found out when the process starts.
var best = usable()[0]
