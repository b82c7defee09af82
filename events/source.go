package events

import (
	"strings"
	"time"
)

// Source says where a recording comes from, as far as its format has a place for it; what
// is not known is empty.
type Source struct {
	Camera string // its name, as the format has it
	Serial string
	Start  time.Time // when the recording was begun; in UTC where the zone is not told
}

// SourceTeller is a reader that knows where its recording comes from: those of Prophesee RAW,
// AEDAT 3.1, AEDAT 4 and ROS bags.
type SourceTeller interface{ Source() Source }

// maxSourceText bounds what is taken for a name or a serial number.
const maxSourceText = 64

// Clean is the source without what no header could hold: names and serial numbers that are
// not short, printable and of ASCII alone, and times beyond the years of four digits.
func (s Source) Clean() Source {
	clean := func(text string) string {
		if len(text) > maxSourceText || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
			return ""
		}
		return strings.TrimSpace(text)
	}
	s.Camera, s.Serial = clean(s.Camera), clean(s.Serial)
	if y := s.Start.UTC().Year(); y < 1 || y > 9998 {
		s.Start = time.Time{}
	}
	return s
}

// Source is where the recording comes from, as far as it says so.
func (f *File) Source() Source {
	if teller, ok := f.Reader.(SourceTeller); ok {
		return teller.Source().Clean()
	}
	return Source{}
}
