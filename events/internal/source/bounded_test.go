package source_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events/internal/source"
)

// cuts are ways in which a source may cut what it gives.
var cuts = []func(io.Reader) io.Reader{
	func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.DataErrReader,
}

// large is more than is taken ahead of its bytes at once.
func large() []byte {
	b := make([]byte, 300_000)
	for i := range b {
		b[i] = byte(i * i >> 3)
	}
	return b
}

func TestAppend(t *testing.T) {
	for _, cut := range cuts {
		text := large()
		src := cut(bytes.NewReader(text))
		b, err := source.Append(src, []byte("before"), 0)
		require.NoError(t, err)
		require.Equal(t, "before", string(b))
		for _, n := range []int{1, 200_000} {
			b, err = source.Append(src, b, n)
			require.NoError(t, err)
		}
		require.Equal(t, "before"+string(text[:200_001]), string(b))
		b, err = source.Append(src, b[:0], 100_000)
		require.Equal(t, io.EOF, err, "the source's own")
		require.True(t, bytes.Equal(text[200_001:], b), "what there is")
	}
	failed := errors.New("failed")
	b, err := source.Append(io.MultiReader(bytes.NewReader([]byte("ab")), iotest.ErrReader(failed)), nil, 5)
	require.Equal(t, failed, err)
	require.Equal(t, "ab", string(b))
}

func TestAll(t *testing.T) {
	failed := errors.New("failed")
	for _, cut := range cuts {
		for _, n := range []int{0, 1, 299_999, 300_000} {
			for most, want := range map[int]error{300_000: nil, math.MaxInt: nil, n: nil, n - 1: source.ErrMore, n / 2: source.ErrMore} {
				if most < 0 || n == 0 && want != nil {
					continue
				}
				if most == n {
					want = nil
				}
				b, err := source.All(cut(bytes.NewReader(large()[:n])), []byte("ab"), most)
				require.Equal(t, want, err, "%d of at most %d", n, most)
				require.True(t, bytes.Equal(append([]byte("ab"), large()[:min(n, most)]...), b), "%d of at most %d", n, most)
			}
			b, err := source.All(io.MultiReader(cut(bytes.NewReader(large()[:n])), iotest.ErrReader(failed)), nil, 300_000)
			require.Equal(t, failed, err)
			require.True(t, bytes.Equal(large()[:n], b))
		}
	}
	_, err := source.All(claims(0), nil, 5)
	require.Equal(t, io.ErrNoProgress, err)
}

// Memory is taken for what comes, not for what is announced, and once for all calls.
func TestMemory(t *testing.T) {
	taken := func(f func()) uint64 {
		var before, behind runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&behind)
		return behind.TotalAlloc - before.TotalAlloc
	}
	text := large()
	var b []byte
	require.Less(t, taken(func() { b, _ = source.Append(bytes.NewReader(text), nil, 1<<40) }), uint64(2<<20))
	require.Len(t, b, len(text))
	require.Less(t, taken(func() { b, _ = source.All(bytes.NewReader(text), b[:0], 1<<40) }), uint64(1<<10))
	src := bytes.NewReader(text)
	require.Less(t, taken(func() { b, _ = source.Append(src, b[:0], len(text)) }), uint64(1<<10))
	require.Less(t, taken(func() { _, _ = source.All(&endless{}, nil, 1<<20) }), uint64(8<<20))
}

type endless struct{}

func (*endless) Read(p []byte) (int, error) { return len(p), nil }
