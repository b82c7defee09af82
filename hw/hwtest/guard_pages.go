//go:build linux || darwin

package hwtest

import (
	"os"
	"syscall"
	"testing"
)

// newRegion maps a region for slices of at most size bytes, with a page that
// cannot be touched on either side.
func newRegion(t testing.TB, name string, size int) *region {
	t.Helper()
	page := os.Getpagesize()
	inner := (size + spare + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, inner+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatalf("mapping %d bytes: %v", inner+2*page, err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(m); err != nil {
			t.Errorf("unmapping: %v", err)
		}
	})
	for _, guard := range [][]byte{m[:page], m[page+inner:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Fatalf("protecting a page: %v", err)
		}
	}
	return &region{name: name, memory: m[page : page+inner : page+inner], high: inner}
}
