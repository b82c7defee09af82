package command

import (
	"fmt"

	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/features/delta/train"
)

// trainingBars shows a bar for each training.
type trainingBars struct {
	bars  *progress.Display
	at    int
	stage *progress.Stage
}

func (b *trainingBars) update(training, trainings int, p train.Progress) {
	if training != b.at {
		b.end()
		b.at = training
		name := "training"
		if trainings > 1 {
			name = [...]string{"training", "training on all"}[training-1]
		}
		b.stage = b.bars.Stage(name)
	}
	// Of the epoch so far: the loss, frames that are right, multiply-adds that what changed stands for.
	b.stage.Note(fmt.Sprintf("loss %.2f right %.0f%% work %.0f%%", p.SoFar.Loss, 100*p.SoFar.Accuracy, 100*p.SoFar.Density))
	b.stage.Set(p.Update, p.Updates)
}

// cutting shows the search for cuts, behind the training.
func (b *trainingBars) cutting(done, total int) {
	if b.at != cuttingBar {
		b.end()
		b.at, b.stage = cuttingBar, b.bars.Stage("cutting")
	}
	b.stage.Set(done, total)
}

// cuttingBar stands for no training.
const cuttingBar = -1

func (b *trainingBars) end() {
	if b.stage != nil {
		b.stage.End()
		b.stage = nil
	}
}
