package formattest

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/require"
)

// Compress compresses as the chunks of bags are: by "lz4", a frame, by "zstd", or, under any other
// name, not at all.
func Compress(t testing.TB, compression string, data []byte) []byte {
	t.Helper()
	switch compression {
	case "lz4":
		var out bytes.Buffer
		w := lz4.NewWriter(&out)
		_, err := w.Write(data)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return out.Bytes()
	case "zstd":
		w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
		require.NoError(t, err)
		return w.EncodeAll(data, nil)
	default:
		return data
	}
}
