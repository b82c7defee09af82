package aedat4

import (
	"encoding/binary"
	"fmt"
)

// pointerError is a flatbuffer that points outside of itself.
type pointerError struct {
	at        int // byte in the buffer
	want, got string
}

func (e *pointerError) Error() string {
	return fmt.Sprintf("flatbuffer at byte %d: expected %s, found %s", e.at, e.want, e.got)
}

// table is a flatbuffer's table: at is where it stands in buf, fields what its vtable
// says of where its fields are.
type table struct {
	buf    []byte
	at     int
	fields []byte // two bytes a field
}

const rootBytes = 8 // the pointer to the root and the identifier

// root finds the root table and the identifier of a flatbuffer.
func root(buf []byte) (t table, id string, err error) {
	if len(buf) < rootBytes {
		return t, "", &pointerError{0, fmt.Sprintf("a flatbuffer of at least %d bytes", rootBytes), fmt.Sprintf("%d", len(buf))}
	}
	t, err = tableAt(buf, 0, int64(binary.LittleEndian.Uint32(buf)))
	return t, identifier(buf[4:rootBytes]), err
}

// identifier is string(b), without memory for those that come with every packet.
func identifier(b []byte) string {
	for _, id := range [...]string{idEvents, idIMU, idTrigger} {
		if string(b) == id {
			return id
		}
	}
	return string(b)
}

// tableAt reads the start of a table; from is where the pointer to it stands.
func tableAt(buf []byte, from int, at int64) (table, error) {
	if at+4 > int64(len(buf)) {
		return table{}, &pointerError{from, fmt.Sprintf("a table within %d bytes", len(buf)), fmt.Sprintf("a pointer to byte %d", at)}
	}
	vtable := at - int64(int32(binary.LittleEndian.Uint32(buf[at:])))
	if vtable < 0 || vtable+4 > int64(len(buf)) {
		return table{}, &pointerError{int(at), fmt.Sprintf("a vtable within %d bytes", len(buf)), fmt.Sprintf("a pointer to byte %d", vtable)}
	}
	size := int64(binary.LittleEndian.Uint16(buf[vtable:]))
	if size < 4 || size%2 != 0 || vtable+size > int64(len(buf)) {
		return table{}, &pointerError{int(vtable), "an even size of a vtable, 4 or more and within the buffer", fmt.Sprintf("%d", size)}
	}
	return table{buf: buf, at: int(at), fields: buf[vtable+4 : vtable+size]}, nil
}

// field tells where field i stands, of which size bytes must be there, or 0 where the
// table has no such field.
func (t table) field(i, size int) (int, error) {
	if 2*i >= len(t.fields) {
		return 0, nil
	}
	offset := int(binary.LittleEndian.Uint16(t.fields[2*i:]))
	if offset == 0 {
		return 0, nil
	}
	if at := t.at + offset; at+size <= len(t.buf) {
		return at, nil
	}
	return 0, &pointerError{t.at, fmt.Sprintf("field %d within %d bytes", i, len(t.buf)), fmt.Sprintf("it at byte %d", t.at+offset)}
}

// int32 and int64 give a number, or its default where it is not there.
func (t table) int32(i int, otherwise int32) (int32, error) {
	at, err := t.field(i, 4)
	if err != nil || at == 0 {
		return otherwise, err
	}
	return int32(binary.LittleEndian.Uint32(t.buf[at:])), nil
}

func (t table) int64(i int, otherwise int64) (int64, error) {
	at, err := t.field(i, 8)
	if err != nil || at == 0 {
		return otherwise, err
	}
	return int64(binary.LittleEndian.Uint64(t.buf[at:])), nil
}

// vector gives where the vector of field i begins and how many elements it says it
// has; whether they are all there is the caller's to see. Without the field it is empty.
func (t table) vector(i int) (at int, n int64, err error) {
	at, err = t.field(i, 4)
	if err != nil || at == 0 {
		return 0, 0, err
	}
	to := int64(at) + int64(binary.LittleEndian.Uint32(t.buf[at:]))
	if to+4 > int64(len(t.buf)) {
		return 0, 0, &pointerError{at, fmt.Sprintf("a vector within %d bytes", len(t.buf)), fmt.Sprintf("a pointer to byte %d", to)}
	}
	return int(to) + 4, int64(binary.LittleEndian.Uint32(t.buf[to:])), nil
}

// bytes is a vector of bytes or a string, all of which must be there.
func (t table) bytes(i int) ([]byte, error) {
	at, n, err := t.vector(i)
	if err != nil {
		return nil, err
	}
	if int64(at)+n > int64(len(t.buf)) {
		return nil, &pointerError{at - 4, fmt.Sprintf("a string within %d bytes", len(t.buf)), fmt.Sprintf("one of %d bytes", n)}
	}
	return t.buf[at : at+int(n)], nil
}
