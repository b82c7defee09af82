package control

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// partOf is a part of so many bytes that are all the same.
func partOf(id string, size, offset int64, bytes ...byte) *UploadRequest {
	return &UploadRequest{Upload: id, Name: "m", Size: size, Digest: digestOf(nil), Offset: offset, Data: bytes}
}

func codeOf(t *testing.T, err error) string {
	t.Helper()
	no, ok := errors.AsType[*Error](err)
	require.True(t, ok, "%v", err)
	return no.Code
}

// Parts come in their order; one that comes again changes nothing, and one that does not fit is told what does.
func TestPartsOfAnUpload(t *testing.T) {
	u := uploads{open: map[string]*upload{}}
	_, _, err := u.add(partOf("a", 5, 0, 1, 2))
	require.Equal(t, "404", codeOf(t, err))
	require.NoError(t, u.begin(partOf("a", 5, 0)))
	add := func(want int64, r *UploadRequest) (whole []byte) {
		t.Helper()
		n, whole, err := u.add(r)
		require.NoError(t, err)
		require.Equal(t, want, n)
		return whole
	}
	require.Nil(t, add(2, partOf("a", 5, 0, 1, 2)))
	require.Nil(t, add(2, partOf("a", 5, 0, 1, 2)))
	require.Nil(t, add(2, partOf("a", 5, 1, 9)), "what is there stays")
	_, _, err = u.add(partOf("a", 5, 3, 4))
	require.ErrorContains(t, err, "upload a: expected offset 2, found 3")
	require.Equal(t, "409", codeOf(t, err))
	_, _, err = u.add(partOf("a", 5, 1, 2, 3))
	require.ErrorContains(t, err, "upload a: expected offset 2, found 1")
	for _, other := range []func(r *UploadRequest){
		func(r *UploadRequest) { r.Size = 6 },
		func(r *UploadRequest) { r.Name = "n" },
		func(r *UploadRequest) { r.Digest = digestOf([]byte("x")) },
		func(r *UploadRequest) { r.Replace = true },
	} {
		r := partOf("a", 5, 2, 3)
		other(r)
		_, _, err = u.add(r)
		require.ErrorContains(t, err, "as its first part had them")
		require.Equal(t, "409", codeOf(t, err))
	}
	require.Nil(t, add(3, partOf("a", 5, 2, 3)))
	require.Equal(t, []byte{1, 2, 3, 4, 5}, add(5, partOf("a", 5, 3, 4, 5)))
	require.Nil(t, add(5, partOf("a", 5, 3, 4, 5)), "it is had once")
	u.end("a")
	require.False(t, u.has("a"))
	require.Zero(t, u.announced)
	u.end("a")
}

// So many uploads are open at a time, of so many bytes together.
func TestUploadsAreBounded(t *testing.T) {
	u := uploads{open: map[string]*upload{}}
	for i := range maxUploads {
		require.NoError(t, u.begin(partOf(strconv.Itoa(i), 10, 0)))
	}
	err := u.begin(partOf("more", 1, 0))
	require.ErrorContains(t, err, "4 models are being uploaded already")
	require.Equal(t, "503", codeOf(t, err))
	u.end("1")
	err = u.begin(partOf("large", MaxModel, 0))
	require.ErrorContains(t, err, "models of 30 bytes are being uploaded already")
	require.Equal(t, "503", codeOf(t, err))
	require.NoError(t, u.begin(partOf("fits", MaxModel-30, 0)))
}

// What is announced takes no memory, and what has come no more than twice.
func TestUploadsTakeMemoryAsTheyCome(t *testing.T) {
	part := make([]byte, 1000)
	var data []byte
	for range 50 {
		data = joined(data, part, 60_500)
		require.LessOrEqual(t, cap(data), 2*len(data))
	}
	for len(data) < 60_500 {
		data = joined(data, part[:min(1000, 60_500-len(data))], 60_500)
		require.LessOrEqual(t, cap(data), 60_500)
	}
}

// An upload that is not continued ends by itself, when it is time and not before; one that is being stored does not.
func TestUploadsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := uploads{open: map[string]*upload{}}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			u.run(ctx)
		}()
		for _, id := range []string{"left", "continued", "stored"} {
			require.NoError(t, u.begin(partOf(id, 3, 0)))
			_, _, err := u.add(partOf(id, 3, 0, 1))
			require.NoError(t, err)
		}
		_, whole, err := u.add(partOf("stored", 3, 1, 1, 1))
		require.NoError(t, err)
		require.Len(t, whole, 3)
		time.Sleep(uploadIdle - 1)
		synctest.Wait()
		require.True(t, u.has("left"))
		_, _, err = u.add(partOf("continued", 3, 0, 1)) // the same part is as good
		require.NoError(t, err)
		time.Sleep(uploadLook + 1)
		synctest.Wait()
		require.False(t, u.has("left"))
		require.True(t, u.has("continued"))
		require.EqualValues(t, 6, u.announced)
		_, _, err = u.add(partOf("left", 3, 1, 1))
		require.ErrorContains(t, err, "was not continued for 1m0s")
		time.Sleep(uploadIdle + uploadLook)
		synctest.Wait()
		require.False(t, u.has("continued"))
		require.True(t, u.has("stored"))
		cancel()
		<-ended

		// And whoever begins another one needs not wait for that.
		u = uploads{open: map[string]*upload{}}
		for i := range maxUploads {
			require.NoError(t, u.begin(partOf(strconv.Itoa(i), 3, 0)))
		}
		require.Error(t, u.begin(partOf("next", 3, 0)))
		time.Sleep(uploadIdle)
		require.NoError(t, u.begin(partOf("next", 3, 0)))
		require.Len(t, u.open, 1)
	})
}

// FuzzUploads sends parts in any order: what is put together is what was sent, or nothing is, and the bounds hold.
func FuzzUploads(f *testing.F) {
	f.Add([]byte{0, 0, 3, 0, 3, 3, 0, 6, 2})
	f.Add([]byte{0, 0, 7, 1, 0, 8, 0, 7, 1, 1, 3, 2, 1, 0, 8})
	f.Add([]byte{2, 0, 8, 2, 0, 8, 3, 1, 1, 0, 4, 4})
	f.Fuzz(func(t *testing.T, in []byte) {
		const size = 8
		model := []byte("abcdefgh")
		u := uploads{open: map[string]*upload{}}
		for ; len(in) >= 3; in = in[3:] {
			id, offset, length := strconv.Itoa(int(in[0]%6)), int64(in[1]%size), int64(in[2]%size)+1
			length = min(length, size-offset)
			r := partOf(id, size, offset, model[offset:offset+length]...)
			if !u.has(id) && offset == 0 {
				if err := u.begin(r); err != nil {
					require.Len(t, u.open, maxUploads)
					continue
				}
			}
			n, whole, err := u.add(r)
			if err != nil {
				require.Contains(t, []string{codeUnknown, codeConflict}, codeOf(t, err))
				continue
			}
			require.GreaterOrEqual(t, n, offset+length)
			if whole != nil {
				require.Equal(t, model, whole)
				u.end(id)
			}
			total := int64(0)
			for _, o := range u.open {
				total += o.is.Size
				require.True(t, bytes.HasPrefix(model, o.data))
			}
			require.Equal(t, total, u.announced)
			require.LessOrEqual(t, len(u.open), maxUploads)
		}
	})
}
