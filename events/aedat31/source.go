package aedat31

import (
	"strings"
	"time"

	"github.com/saccade-dev/saccade/events"
)

const (
	startKey    = "#Start-Time: "
	startLayout = "2006-01-02 15:04:05 (TZ-0700)"
)

// Source is the device that the events come from, and when the recording was begun.
func (r *reader) Source() events.Source {
	s := events.Source{Camera: r.header.sources[r.source], Start: r.header.start}
	if !r.chosen && len(r.header.sources) == 1 {
		for _, name := range r.header.sources {
			s.Camera = name
		}
	}
	if s.Camera == noDevice {
		s.Camera = ""
	}
	return s
}

// parseStart reads when a recording was begun. The year 1970 is that of files that do not know it.
func parseStart(text string) time.Time {
	start, err := time.Parse(startLayout, strings.TrimSpace(text))
	if err != nil || start.Unix() == 0 {
		return time.Time{}
	}
	return start
}

// startText is the line that the format demands. When a recording started may not be known,
// and a file must not depend on when it is written.
func startText(s events.Source) string {
	start := s.Clean().Start
	if start.IsZero() {
		start = time.Unix(0, 0).UTC()
	}
	return startKey + start.Format(startLayout)
}
