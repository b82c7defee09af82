//go:build linux || darwin

package gemm

import (
	"os"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// guarded is memory between two pages that cannot be touched.
type guarded struct {
	memory []byte
}

func newGuarded(t *testing.T, floats int) *guarded {
	t.Helper()
	page := os.Getpagesize()
	size := (floats*4 + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, size+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Munmap(m)) })
	require.NoError(t, syscall.Mprotect(m[:page], syscall.PROT_NONE))
	require.NoError(t, syscall.Mprotect(m[page+size:], syscall.PROT_NONE))
	return &guarded{memory: m[page : page+size]}
}

// place copies x to where it touches the guard behind it, or the one before it.
func (g *guarded) place(x []float32, behind bool) []float32 {
	if len(x) == 0 {
		return nil
	}
	at := 0
	if behind {
		at = len(g.memory) - 4*len(x)
	}
	copied := unsafe.Slice((*float32)(unsafe.Pointer(&g.memory[at])), len(x))
	copy(copied, x)
	return copied
}
