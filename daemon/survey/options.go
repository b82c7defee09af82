package survey

import (
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/hw"
)

// Options say what to look at.
type Options struct {
	Model      *model.Model // frozen or to learn on; it is left as it is
	Target     hw.Target
	Recordings []nmnist.Recording
	// Most is how many recordings to take at the most, as many of each label as of any
	// other; 0 for all.
	Most int
	// Learn has a copy of the model learn on from the recordings before it is looked at.
	Learn bool
	// Stage begins a part of the work, over so many recordings, and gives what is called
	// after each, from several goroutines, and what ends it; nil where nobody wants to
	// know.
	Stage func(name string, recordings int) (step, end func())
}

func label(r nmnist.Recording) string { return r.Label }
