package readout

import (
	"context"
	"errors"
	"fmt"
)

// ErrFewSamples is wrapped by CrossValidate where a class has too few samples: what
// is held out has to be judged by a readout that could still choose by
// cross-validation among the rest.
var ErrFewSamples = errors.New("readout: too few samples to cross-validate everything that is chosen")

// CrossValidation is what readouts made of samples that they had not seen.
type CrossValidation struct {
	Folds     int
	Fold      []int        // of each sample
	Readouts  []Classifier // by fold: trained on all samples but those of the fold
	Predicted []int        // the class that each sample was taken for
	Confusion *Confusion   // of Predicted
}

// CrossValidate trains a readout for each fold on the samples outside it, with all
// that is chosen, such as a lambda or a number of neighbours, chosen anew among
// those, and has it judge the samples inside. [Report.Confusion] flatters a little,
// as its lambda was chosen by the same samples; this does not. Folds are the same
// for every method, and those of [Train], for the same labels, Folds and Seed.
// Options.Progress is told how many folds are done.
func CrossValidate(ctx context.Context, data Data, t Training) (*CrossValidation, error) {
	s, err := newSamples(data)
	if err != nil {
		return nil, err
	}
	o, err := t.Options.withDefaults()
	if err != nil {
		return nil, err
	}
	cv := &CrossValidation{Predicted: make([]int, len(s.y)), Confusion: NewConfusion(s.classes)}
	if cv.Folds, _, err = foldsFor(s, o.Folds); err != nil {
		return nil, err
	}
	for c, n := range s.count {
		if left := n - (n+cv.Folds-1)/cv.Folds; left < 2 && t.Method != MethodKNN {
			return nil, fmt.Errorf("%w: class %q has %d, which leaves %d outside one of %d folds", ErrFewSamples, s.classes[c], n, left, cv.Folds)
		}
	}
	cv.Fold = stratify(s, cv.Folds, o.Seed)
	t.Options.Progress = nil
	for f := range cv.Folds {
		train, test := split(cv.Fold, f)
		var part Data
		for _, i := range train {
			part.Rows, part.Labels = append(part.Rows, data.Rows[i]), append(part.Labels, data.Labels[i])
		}
		c, _, err := t.Train(ctx, part)
		if err != nil {
			return nil, fmt.Errorf("without fold %d of %d: %w", f, cv.Folds, err)
		}
		for _, i := range test {
			// Every class is in every part, so that a class has the same number in all.
			if cv.Predicted[i], _, err = c.Predict(data.Rows[i]); err != nil {
				return nil, err
			}
		}
		cv.Readouts = append(cv.Readouts, c)
		if o.Progress != nil {
			o.Progress(f+1, cv.Folds)
		}
	}
	for i, got := range cv.Predicted {
		cv.Confusion.Add(s.y[i], got)
	}
	return cv, nil
}
