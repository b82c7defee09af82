package sweep

import (
	"context"
	"errors"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/readout"
)

// foldSeed draws the folds that `saccade train readout` has where nothing is said, so
// that both say the same.
const foldSeed = 1

// Accuracy is what a readout reaches on a configuration, for a comparison with what
// was predicted: ridge regression, cross-validated in five folds over the recordings
// that the sweep judged by. Features learn from all of them, without their labels;
// lambda is chosen without the recordings that are held out, unless a class has too
// few for that, which flatters all configurations alike.
func Accuracy(ctx context.Context, o Options, c feast.Config) (float64, error) {
	chosen, err := o.check()
	if err != nil {
		return 0, err
	}
	recordings := chosen.first(len(chosen.order))
	m, _, err := learn.Features(ctx, c, o.Target, recordings, nil)
	if err != nil {
		return 0, err
	}
	v, err := learn.ModelVectors(ctx, m, o.Target, learn.PoolConfig(c, o.Pool), recordings, nil)
	if err != nil {
		return 0, err
	}
	data, options := readout.Data{Rows: v.Rows, Labels: v.Labels}, readout.Options{Seed: foldSeed}
	cv, err := readout.CrossValidate(ctx, data, readout.Training{Options: options})
	switch {
	case err == nil:
		return cv.Confusion.Accuracy(), nil
	case errors.Is(err, readout.ErrFewSamples):
		_, report, err := readout.Train(ctx, data, options)
		if err != nil {
			return 0, err
		}
		return report.Confusion.Accuracy(), nil
	default:
		return 0, err
	}
}
