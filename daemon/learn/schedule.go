package learn

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
)

// MaxCalibration is how many recordings Schedule looks at: a temperature is one
// number, and each recording has to be followed from its first event on.
const MaxCalibration = 500

// Calibration spreads the recordings that Schedule is to look at over a list of n.
func Calibration(n int) []int {
	out := make([]int, min(n, MaxCalibration))
	for i := range out {
		out[i] = i * n / len(out)
	}
	return out
}

// Schedule calibrates how sure a readout may be of decisions within a recording, by
// how much of it has been seen. Every recording is followed by the readout of cv that
// has not seen it, as cv was made of these recordings; the readout that is used later
// has seen them all, and is taken to be like those. done, which may be nil, is called
// from several goroutines, once for each of Calibration's recordings.
func Schedule(ctx context.Context, m *model.Model, target hw.Target, recipe pool.Recipe, recordings []nmnist.Recording,
	cv *readout.CrossValidation, done func(),
) (_ *readout.Schedule, err error) {
	if len(cv.Fold) != len(recordings) || len(recordings) == 0 {
		return nil, fmt.Errorf("learn: a cross-validation of %d recordings for %d", len(cv.Fold), len(recordings))
	}
	at := Calibration(len(recordings))
	classes := cv.Confusion.Classes()
	traces, labels := make([][][]float64, len(at)), make([]int, len(at))
	for k, i := range at {
		class, known := slices.BinarySearch(classes, recordings[i].Label)
		if !known {
			return nil, fmt.Errorf("%s: label %s is not among those of the cross-validation", recordings[i].Path, recordings[i].Label)
		}
		labels[k] = class
	}
	var open closing
	defer open.close(&err)
	err = OnAllCores(len(at), done, func() (func(k int) error, error) {
		w, err := newWorker(&open, func() (*stack.Stack, error) { return m.Stack(target) }, recipe)
		if err != nil {
			return nil, err
		}
		return func(k int) error {
			w.descriptor.Reset()
			r, err := readout.NewRunning(cv.Readouts[cv.Fold[at[k]]], w.descriptor, nil, 0)
			if err != nil {
				return err
			}
			return w.run(ctx, recordings[at[k]], func(_ []events.Event, a pool.Answers) (err error) {
				traces[k], err = r.Trace(traces[k], a.In, a.Winners)
				return err
			})
		}, nil
	})
	if err != nil {
		return nil, err
	}
	s, err := readout.Calibrate(traces, labels, len(classes))
	if err != nil {
		return nil, errors.Join(errors.New("no feature won an event: learn features first"), err)
	}
	return s, nil
}
