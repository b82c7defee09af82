package events

import (
	"io"
	"os"
)

// OpenFile is Open of a file that is open already, such as the standard input; it is
// named so in errors, and closed with the File.
func OpenFile(f *os.File, name string, o OpenOptions) (*File, error) { return open(f, name, o) }

// OnTrigger has fn called for each trigger from now on, where the format has some.
func (f *File) OnTrigger(fn func(Trigger)) {
	if source, ok := f.Reader.(TriggerSource); ok {
		source.OnTrigger(fn)
	}
}

// Position tells how many bytes of a file have been read, some of them ahead, and how many
// there are. It tells nothing of a pipe, nor of a format that is read here and there.
func (f *File) Position() (read, size int64, ok bool) {
	st, err := f.f.Stat()
	if err != nil || !st.Mode().IsRegular() || f.Format.NewFileReader != nil {
		return 0, 0, false
	}
	read, err = f.f.Seek(0, io.SeekCurrent)
	return read, st.Size(), err == nil
}
