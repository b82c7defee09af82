package prophesee

import (
	"strings"
	"time"

	"github.com/saccade-dev/saccade/events"
)

// What headers say of the camera. The date's zone is not told.
const (
	dateKey    = "date"
	dateLayout = "2006-01-02 15:04:05"
	serialKey  = "serial_number"
	pluginKey  = "plugin_name"
	pluginName = "hal_plugin_"
	ourPlugin  = "prophesee" // of the files written here, of no one camera
)

// Source is what the header says of the camera, which it names by its plugin.
func (r *Reader) Source() events.Source {
	var s events.Source
	date, _ := r.header.Value(dateKey)
	if start, err := time.Parse(dateLayout, date); err == nil {
		s.Start = start
	}
	s.Serial, _ = r.header.Value(serialKey)
	plugin, _ := r.header.Value(pluginKey)
	if s.Camera = strings.TrimPrefix(plugin, pluginName); s.Camera == ourPlugin {
		s.Camera = ""
	}
	return s
}

// sourceText has the lines of the header that say it again. The plugin is that which is to
// read the file, so that a camera has no line.
func sourceText(s events.Source) string {
	s = s.Clean()
	text := ""
	if !s.Start.IsZero() {
		text += mark + dateKey + " " + s.Start.UTC().Format(dateLayout) + "\n"
	}
	if s.Serial != "" {
		text += mark + serialKey + " " + s.Serial + "\n"
	}
	return text
}
